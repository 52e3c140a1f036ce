//! Keys that went with a lease, held against when the lease was alive: part of [`super::lease_alive`].
//!
//! Who made a revision is often a guess where leases run out. Here a lease is blamed only where it is none.

use super::Case;
use super::lease_times::LeaseTimes;
use crate::evidence::Evidence;
use crate::history::*;
use crate::revision::{Change, Line, Span, first_seen, own_key};

/// Keys that went because their lease ran out, while it was alive.
pub(super) fn removed(case: &Case<'_>, line: &Line, times: &LeaseTimes) -> Option<Evidence> {
    if line.run_out().is_empty() {
        return None;
    }
    let seen = first_seen(case.history, line.end());
    for (revision, id) in line.run_out() {
        let Some(lease) = times.leases.get(id).filter(|lease| lease.granted_once().is_some()) else {
            continue;
        };
        let Some((seen_ns, exhibit)) = seen[usize::try_from(*revision).unwrap_or(0)] else { continue };
        let Some((renewal, until_ns)) = lease.alive_until(&times.bounds) else { continue };
        if until_ns <= seen_ns
            || lease.may_be_revoked(case.history, seen_ns)
            || !is_certain(case.history, line, *revision, seen_ns)
        {
            continue;
        }
        let key = &line.changes(*revision).first()?.key;
        let (kind, message) = match seen_ns < renewal.invoke_ns {
            true => {
                ("renewed-after-expiry", format!("lease {id:x} was kept alive after {key} had gone with it"))
            }
            false => ("removed-while-alive", format!("{key} went with lease {id:x}, which was alive")),
        };
        let exhibits = vec![case.operation(renewal.operation), exhibit.exhibit(case.history)];
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}

/// Whether nothing but the end of the lease can have made a revision: that it deleted the keys is known, they
/// were attached by requests that were answered, and nobody else may have deleted one of them.
fn is_certain(history: &History, line: &Line, revision: Revision, seen_ns: u64) -> bool {
    let is_known = |revision: Revision| line.is_certain(revision) || line.seen(revision) > 0;
    is_known(revision)
        && line.changes(revision).iter().all(|change| {
            let attached = change
                .before
                .as_ref()
                .filter(|kv| is_known(kv.mod_revision))
                .and_then(|kv| line.writer(kv.mod_revision));
            attached.is_some_and(|writer| history.operations[writer].response().is_some())
                && !history.operations.iter().any(|operation| {
                    operation.invoke_ns <= seen_ns && may_have_deleted(operation, change, revision)
                })
        })
}

/// Whether an operation that does not say so may have deleted a key at a revision, or detached it before.
fn may_have_deleted(operation: &Operation, change: &Change, revision: Revision) -> bool {
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
