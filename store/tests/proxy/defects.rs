//! Every defect of a proxy shows, and only with it on.

use crate::run::{Act, Run};
use revline_store::api::{RangeRequest, WatchCreateRequest};
use revline_store::defect::{Defect, Defects};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn watch(session: u64, key: &str, range_end: &[u8], start_revision: i64) -> Act {
    let range_end = range_end.into();
    let create = WatchCreateRequest { key: key.into(), range_end, start_revision, ..Default::default() };
    Act::Watch { session, stream: 0, create }
}

/// These acts, each with everything that follows.
fn run(defects: Defects, acts: &[Act]) {
    let mut run = Run::new(defects);
    for act in acts {
        run.act(act.clone());
        run.behind.run();
        run.receive();
    }
    run.finish();
}

fn shows(defect: Defect, acts: &[Act]) {
    run(Defects::NONE, acts);
    let found = catch_unwind(AssertUnwindSafe(|| run(defect.into(), acts)));
    assert!(found.is_err(), "{defect} does not show");
}

#[test]
fn a_cached_range_without_end_is_stale() {
    let all = RangeRequest { key: "k0".into(), range_end: b"\0".into(), ..RangeRequest::default() };
    let read = Act::Read { session: 1, range: all };
    let watch = watch(1, "k0", b"\0", 0);
    shows(Defect::ProxyCacheOpenRange, &[watch, Act::Put(1), read.clone(), Act::Put(1), read]);
}

#[test]
fn who_joins_what_has_ended_hears_nothing() {
    let progress = Act::Progress { session: 2, stream: 0 };
    let leave = Act::Cancel { session: 1, stream: 0, id: 0 };
    let acts = [
        watch(1, "k1", b"", 0),
        Act::Put(1),
        leave,
        watch(2, "k1", b"", 0),
        Act::Put(1),
        progress,
        Act::Put(1),
    ];
    shows(Defect::ProxyJoinsDeadBroadcast, &acts);
}

#[test]
fn who_resumes_tells_again_that_it_was_created() {
    shows(
        Defect::ProxyCreatedResent,
        &[watch(1, "k1", b"", 0), Act::Put(1), Act::Break, Act::Tick, Act::Tick, Act::Tick, Act::Tick],
    );
}

#[test]
fn a_busy_batch_loses_all_but_the_last_of_a_key() {
    shows(Defect::ProxyDedupsByKey, &[Act::Put(1), Act::Put(1), Act::Put(1), watch(1, "k1", b"", 2)]);
}
