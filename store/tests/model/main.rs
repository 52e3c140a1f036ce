//! Holds the store and the watchable store against a model that keeps the whole state of every revision.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod model;
mod random;
mod watching;
mod well_formed;

use proptest::prelude::*;
use revline_store::api::{self, RangeRequest, Request, Response};
use revline_store::bytes::Bytes;
use revline_store::defect::Defects;
use revline_store::error::Error;
use revline_store::lease::Lease;
use revline_store::mvcc::Store;

use model::Model;
use random::{Step, steps};

fn serve(store: &mut Store, request: &Request) -> Result<Response, Error> {
    api::validate(request)?;
    store.apply(request).result
}

/// Carries out a step, regardless of its answer.
fn carry_out(store: &mut Store, step: &Step) {
    match step {
        Step::Request(request) => drop(serve(store, request)),
        Step::Lease(action) => drop(store.apply_lease(action)),
        Step::Remove(_) | Step::Restart => {}
    }
}

/// Everything that can be asked of the store at any revision.
fn assert_same_history(store: &Store, model: &Model) {
    assert_eq!(store.revision(), model.revision());
    assert_eq!(store.compact_revision(), model.compacted);
    for revision in 0..=model.revision() + 1 {
        let all = RangeRequest { key: b"\0".into(), range_end: b"\0".into(), revision, ..Default::default() };
        assert_eq!(store.range(&all), model.range(&all), "at revision {revision}");
    }
}

fn assert_same_leases(store: &Store, model: &Model) {
    let lease = |(&id, &(granted_ttl_s, remaining_ttl_s)): (&i64, &(i64, i64))| {
        (id, Lease { granted_ttl_s, remaining_ttl_s, keys: model.keys_of(id) })
    };
    let expected: Vec<(i64, Lease)> = model.leases.iter().map(lease).collect();
    let actual: Vec<(i64, Lease)> = store.leases().iter().map(|(id, lease)| (id, lease.clone())).collect();
    assert_eq!(actual, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_the_model_does(steps in steps(60)) {
        let mut store = Store::new(Defects::NONE);
        // One that removes compacted history at once must not be told apart.
        let mut eager = Store::new(Defects::NONE);
        let mut model = Model::new();
        for step in &steps {
            match step {
                Step::Request(request) => {
                    let expected = model.serve(request);
                    prop_assert_eq!(serve(&mut store, request), expected.clone(), "{:?}", request);
                    prop_assert_eq!(serve(&mut eager, request), expected);
                    while eager.compact_step(3) {}
                }
                Step::Lease(action) => {
                    let expected = model.serve_lease(action);
                    prop_assert_eq!(store.apply_lease(action).result, expected.clone(), "{:?}", action);
                    prop_assert_eq!(eager.apply_lease(action).result, expected);
                }
                Step::Remove(budget) => {
                    store.compact_step(*budget);
                }
                Step::Restart => {
                    let snapshot = store.snapshot();
                    store = Store::restore(&snapshot, Defects::NONE).unwrap();
                    prop_assert_eq!(store.snapshot(), snapshot);
                }
            }
            assert_same_leases(&store, &model);
            for revision in [0, store.compact_revision(), store.revision() - 1] {
                prop_assert_eq!(store.hash_by_revision(revision), eager.hash_by_revision(revision));
            }
        }
        assert_same_history(&store, &model);
        while store.compact_step(2) {}
        prop_assert_eq!(store.snapshot(), eager.snapshot());
        assert_same_history(&store, &model);
    }

    #[test]
    fn requests_and_responses_survive_storage(steps in steps(30)) {
        let mut store = Store::new(Defects::NONE);
        for step in &steps {
            if let Step::Request(request) = step {
                let stored = postcard::to_stdvec(request).unwrap();
                prop_assert_eq!(postcard::from_bytes(&stored), Ok(request.clone()));
                let result = serve(&mut store, request);
                let stored = postcard::to_stdvec(&result).unwrap();
                prop_assert_eq!(postcard::from_bytes(&stored), Ok(result));
            }
        }
    }

    #[test]
    fn a_read_only_txn_reads_what_it_would_as_a_proposal(steps in steps(30), txn in random::read_only_txn()) {
        let mut store = Store::new(Defects::NONE);
        for step in &steps {
            carry_out(&mut store, step);
        }
        prop_assert!(txn.is_read_only());
        let read = store.read_txn(&txn).map(Response::Txn);
        prop_assert_eq!(read, store.apply(&Request::Txn(txn)).result);
    }

    #[test]
    fn damaged_snapshots_are_refused_or_harmless(steps in steps(30), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut store = Store::new(Defects::NONE);
        for step in &steps {
            carry_out(&mut store, step);
        }
        let snapshot = store.snapshot();
        let at = at.index(snapshot.len());
        prop_assert!(Store::restore(&snapshot[..at], Defects::NONE).is_err());
        let mut flipped = snapshot.clone();
        flipped[at] ^= 1_u8 << bit;
        // Finding every flipped bit is the business of the checksum around the snapshot.
        if let Ok(mut other) = Store::restore(&flipped, Defects::NONE) {
            while other.compact_step(100) {}
            let _ = other.range(&RangeRequest { key: Bytes::from("a"), ..Default::default() });
        }
    }
}
