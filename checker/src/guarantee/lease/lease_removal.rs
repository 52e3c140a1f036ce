//! Keys that went with a lease, held against when the lease was alive: part of [`super::lease_alive`].
//!
//! The maker of a revision is often a guess when leases expire: no answer tells of it. A violation must be one in
//! every explanation of the history, and one explanation without it is enough for the guarantee to hold, as one
//! order is enough for a history to be linearizable. So the line looks first for another candidate writer of a
//! revision, or another lease that was due, and takes a lease that was alive last. It takes one where nothing else
//! fits what was answered and seen, but it does not try everything. Where it does take one,
//!
//! - it is a violation if nothing else is possible at all: the keys were attached for sure, and went for sure, and
//!   nobody who may have deleted or detached one of them, or revoked the lease, asked before that was seen;
//! - otherwise the verdict is unknown. That somebody asked, and has no answer, is no explanation yet: the line had
//!   that request, too, and either needs it elsewhere or found that it does not fit.

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;
use crate::lease_times::LeaseTimes;
use crate::replay::{Change, Line, Span, first_seen};

/// The fate of the keys removed by the expiry of their lease.
#[derive(Debug, Default)]
pub(super) struct Removals {
    /// The evidence that one went while its lease was alive.
    pub(super) evidence: Option<Evidence>,
    /// The reason that this is undecided.
    pub(super) undecided: Option<String>,
}

impl Removals {
    /// Looks at every lease that ran out, up to the first that was alive.
    pub(super) fn of(case: &Case<'_>, line: &Line, times: &LeaseTimes) -> Self {
        let mut removals = Removals::default();
        if line.run_out().is_empty() {
            return removals;
        }
        let seen = first_seen(case.history, line.end());
        for (revision, id) in line.run_out() {
            let Some(lease) = times.leases.get(id).filter(|lease| lease.granted_once().is_some()) else {
                continue;
            };
            let Some((seen_ns, exhibit)) = seen[usize::try_from(*revision).unwrap_or(0)] else { continue };
            let Some((renewal, until_ns)) = lease.alive_until(&times.bounds) else { continue };
            let Some(key) = line.changes(*revision).first().map(|change| &change.key) else { continue };
            if until_ns <= seen_ns {
                continue;
            }
            let (kind, message) = match seen_ns < renewal.invoke_ns {
                true => (
                    "renewed-after-expiry",
                    format!("lease {} was kept alive after {key} had gone with it", LeaseId(*id)),
                ),
                false => (
                    "removed-while-alive",
                    format!("{key} went with lease {}, which was alive", LeaseId(*id)),
                ),
            };
            let is_explained = lease.may_be_revoked(case.history, seen_ns)
                || may_have_gone_otherwise(case.history, line, *revision, seen_ns);
            if !is_explained && is_certain(case.history, line, *revision) {
                let exhibits = vec![case.operation(renewal.operation), exhibit.exhibit(case.history)];
                removals.evidence = Some(Evidence::new(kind, message, exhibits));
                return removals;
            }
            let other = if is_explained { "somebody took it away" } else { "something else happened" };
            removals.undecided.get_or_insert(format!("{message}, unless {other} at revision {revision}"));
        }
        removals
    }
}

/// True if another request may have deleted one of the keys, or detached it before.
fn may_have_gone_otherwise(history: &History, line: &Line, revision: Revision, seen_ns: u64) -> bool {
    line.changes(revision).iter().any(|change| {
        history
            .operations
            .iter()
            .any(|operation| operation.invoke_ns <= seen_ns && may_have_deleted(operation, change, revision))
    })
}

/// True if it is known that the revision deleted the keys, and that they were attached by requests that were
/// answered.
fn is_certain(history: &History, line: &Line, revision: Revision) -> bool {
    let is_known = |revision: Revision| line.is_certain(revision) || line.seen(revision) > 0;
    is_known(revision)
        && line.changes(revision).iter().all(|change| {
            let attached = change
                .before
                .as_ref()
                .filter(|kv| is_known(kv.mod_revision))
                .and_then(|kv| line.writer(kv.mod_revision));
            attached.is_some_and(|writer| history.operations[writer].response().is_some())
        })
}

/// True if an operation that does not say so may have deleted a key at a revision, or detached it before.
pub(in crate::guarantee) fn may_have_deleted(
    operation: &Operation,
    change: &Change,
    revision: Revision,
) -> bool {
    let may_delete = |request: &Request| may_delete(request, change);
    match &operation.outcome {
        Outcome::Ok(response) => response.header().revision == revision && may_delete(&operation.request),
        Outcome::Unknown(_) => may_delete(&operation.request),
        // A lock that was refused after it had queued.
        Outcome::Failed(_) => {
            matches!(operation.request, Request::Lock(_) | Request::Election(_))
                && may_delete(&operation.request)
        }
    }
}

fn may_delete(request: &Request, change: &Change) -> bool {
    let key = &change.key;
    match request {
        Request::Delete(delete) => Span::of_delete(delete).contains(key),
        Request::Txn(txn) => txn.branches().any(|request| may_delete(request, change)),
        Request::Lock(LockRequest::Unlock { key: own }) => own == key,
        Request::Election(ElectionRequest::Resign { leader }) => leader.key == *key,
        Request::Lock(LockRequest::Lock { name, lease })
        | Request::Election(ElectionRequest::Campaign { name, lease, .. }) => own_key(name, *lease) == *key,
        Request::Lease(LeaseRequest::Revoke { id }) => {
            change.before.as_ref().is_some_and(|kv| kv.lease == *id)
        }
        // Not the key, but what ties it to its lease.
        Request::Put(put) => {
            put.key == *key
                && !put.ignore_lease
                && change.before.as_ref().is_some_and(|kv| kv.lease != put.lease)
        }
        Request::Range(_) | Request::Compact(_) | Request::Lease(_) => false,
        Request::Election(_) | Request::Auth(_) => false,
    }
}
