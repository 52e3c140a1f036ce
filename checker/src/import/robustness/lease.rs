//! Revoked leases: of the requests of a report, the one that changes keys without naming them.
//!
//! A revocation is answered with the revision of its deletes, or, if no key was attached, with the newest one,
//! which another request made. The report does not say which of the two it was. It is told where nothing else is
//! possible; where something else is, the outcome is unknown.

use crate::bytes::Bytes;
use crate::history::*;
use crate::replay::{Coverage, wants};
use std::collections::{BTreeMap, BTreeSet};

/// The keys ever put with each lease.
#[derive(Default)]
pub(super) struct Leases(BTreeMap<i64, BTreeSet<Bytes>>);

/// A lease that is revoked: which keys go can only be said when all is read.
pub(super) struct Revocation {
    pub operation: usize,
    pub lease: i64,
    /// The revision of its answer; `None` if the answer was lost.
    pub revision: Option<Revision>,
}

impl Leases {
    /// Notes what a request may attach.
    pub fn note(&mut self, request: &Request) {
        match request {
            Request::Put(put) if put.lease != 0 => {
                self.0.entry(put.lease).or_default().insert(put.key.clone());
            }
            Request::Txn(txn) => txn.branches().for_each(|request| self.note(request)),
            _ => {}
        }
    }

    /// The keys that may be attached to a lease.
    fn keys(&self, lease: i64) -> &BTreeSet<Bytes> {
        static NONE: BTreeSet<Bytes> = BTreeSet::new();
        self.0.get(&lease).unwrap_or(&NONE)
    }

    /// The request of the KV API that does what revoking a lease does: it deletes each key that is attached
    /// to it just then.
    fn request(&self, lease: i64) -> TxnRequest {
        let delete = |key: &Bytes| {
            let compare = Compare {
                key: key.clone(),
                range_end: Bytes::default(),
                result: CompareResult::Equal,
                target: CompareTarget::Lease(lease),
            };
            let delete = Request::Delete(DeleteRequest { key: key.clone(), ..DeleteRequest::default() });
            Request::Txn(TxnRequest { compare: vec![compare], success: vec![delete], failure: vec![] })
        };
        match self.keys(lease) {
            none if none.is_empty() => look(),
            keys => TxnRequest { success: keys.iter().map(delete).collect(), ..TxnRequest::default() },
        }
    }

    /// Puts the requests and outcomes of revocations into the history.
    pub fn settle(&self, revocations: &[Revocation], history: &mut History) {
        for Revocation { operation, lease, .. } in revocations {
            history.operations[*operation].request = Request::Txn(self.request(*lease));
        }
        let seen = Seen::of(history, revocations);
        for revocation in revocations {
            let Some(revision) = revocation.revision else { continue };
            let deleted = self.deleted(revocation, revision, revocations, &seen, history);
            let operation = &mut history.operations[revocation.operation];
            let member = operation.member.unwrap_or(MemberId(0));
            if let (Request::Txn(request), Some(deleted)) = (&operation.request, deleted) {
                let header = Header { member, revision, term: 0 };
                operation.outcome = Outcome::Ok(answer(request, header, &deleted));
            }
        }
    }

    /// The keys that an answered revocation deleted, if only one answer is possible.
    fn deleted<'s>(
        &self,
        revocation: &Revocation,
        revision: Revision,
        revocations: &[Revocation],
        seen: &'s Seen,
        history: &History,
    ) -> Option<BTreeSet<&'s Bytes>> {
        let keys = self.keys(revocation.lease);
        // Nothing made the first revision.
        let is_others = revision == 1 || seen.made.contains(&revision);
        if revision > 0 && (keys.is_empty() || is_others) {
            return Some(BTreeSet::new());
        }
        let deleted = seen.deleted.get(&revision)?;
        let Some(deleted) = deleted else { return Some(BTreeSet::new()) };
        let may_delete = |lease: i64| deleted.iter().all(|key| self.keys(lease).contains(key));
        if !may_delete(revocation.lease) {
            return Some(BTreeSet::new());
        }
        let of_others = |other: &Revocation| {
            other.operation != revocation.operation
                && other.revision.is_none_or(|at| at == revision)
                && may_delete(other.lease)
        };
        let is_revoked = |operation: usize| revocations.iter().any(|other| other.operation == operation);
        let of_lost = |(index, operation): (usize, &Operation)| {
            let is_lost = matches!(operation.outcome, Outcome::Unknown(_)) && !is_revoked(index);
            is_lost && deletes(&operation.request, deleted)
        };
        let is_shown = |key: &Bytes| {
            history.watches.iter().any(|watch| {
                wants(watch, key, EventKind::Delete)
                    && Coverage::of(watch).is_some_and(|coverage| coverage.contains(revision))
            })
        };
        let is_sole = !revocations.iter().any(of_others)
            && !history.operations.iter().enumerate().any(of_lost)
            && keys.iter().all(|key| deleted.contains(key) || is_shown(key));
        is_sole.then(|| deleted.iter().collect())
    }
}

/// The request that changes nothing and shows nothing but the revision: what revoking a lease without keys does. With a
/// nested txn it is answered like a write, and not by one member alone.
fn look() -> TxnRequest {
    TxnRequest { success: vec![Request::Txn(TxnRequest::default())], ..TxnRequest::default() }
}

/// The facts known of revisions.
struct Seen {
    /// Those that answered operations made.
    made: BTreeSet<Revision>,
    /// The keys whose deletes watches showed; `None` where they showed a put.
    deleted: BTreeMap<Revision, Option<BTreeSet<Bytes>>>,
}

impl Seen {
    fn of(history: &History, revocations: &[Revocation]) -> Self {
        let asked: BTreeSet<Revision> = revocations.iter().filter_map(|one| one.revision).collect();
        let answered = history.operations.iter().filter_map(Operation::response);
        let made = answered.filter(|response| modified(response)).map(|response| response.header().revision);
        let mut seen = Seen { made: made.collect(), deleted: BTreeMap::new() };
        let events = history.watches.iter().flat_map(|watch| watch.events()).map(|(.., event)| event);
        for event in events.filter(|event| asked.contains(&event.kv.mod_revision)) {
            let keys = seen.deleted.entry(event.kv.mod_revision).or_insert_with(|| Some(BTreeSet::new()));
            match (event.kind, &mut *keys) {
                (EventKind::Put, _) => *keys = None,
                (EventKind::Delete, Some(keys)) => drop(keys.insert(event.kv.key.clone())),
                (EventKind::Delete, None) => {}
            }
        }
        seen
    }
}

/// True if a request deletes one of the keys.
fn deletes(request: &Request, keys: &BTreeSet<Bytes>) -> bool {
    match request {
        Request::Delete(delete) => keys.contains(&delete.key),
        Request::Txn(txn) => txn.branches().any(|request| deletes(request, keys)),
        _ => false,
    }
}

/// The answer to a revocation that deleted these keys.
fn answer(revocation: &TxnRequest, header: Header, deleted: &BTreeSet<&Bytes>) -> Response {
    let none = Header { member: MemberId(0), revision: 0, term: 0 };
    let part = |request: &Request| {
        let Request::Txn(txn) = request else { return None };
        let succeeded = txn.compare.first().is_none_or(|compare| deleted.contains(&compare.key));
        let delete = DeleteResponse { header: none, deleted: 1, prev_kvs: Vec::new() };
        let did = succeeded && !txn.success.is_empty();
        let responses = if did { vec![Response::Delete(delete)] } else { Vec::new() };
        Some(Response::Txn(TxnResponse { header: none, succeeded, responses }))
    };
    let responses = revocation.success.iter().filter_map(part).collect();
    Response::Txn(TxnResponse { header, succeeded: true, responses })
}
