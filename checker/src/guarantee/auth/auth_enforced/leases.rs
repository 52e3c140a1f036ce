//! The keys of leases: whoever attaches keys to a lease, ends it or lists its keys needs permission for all of them.

use crate::bytes::Bytes;
use crate::guarantee::auth::permission::{Need, Wants, asked, leases};
use crate::history::{
    ElectionRequest, History, LeaseRequest, LeaseResponse, LockRequest, Operation, Outcome, Request,
    Response, Revision,
};

/// All that a request can need, of both branches of a txn and of every key that may go with its leases; `None` where
/// that depends on more than the history tells.
pub(super) fn all_needs<'h>(history: &'h History, operation: &'h Operation) -> Option<Vec<Need<'h>>> {
    let request = &operation.request;
    let ids = leases(request, None);
    if ids.is_empty() {
        return asked(request);
    }
    let until_ns = operation.return_ns.unwrap_or(u64::MAX);
    let mut needs = match request {
        Request::Lease(LeaseRequest::Revoke { .. }) => Vec::new(),
        Request::Put(_) | Request::Txn(_) => crate::guarantee::auth::permission::needs_of(request),
        _ => return None,
    };
    for other in &history.operations {
        if other.invoke_ns > until_ns || matches!(other.outcome, Outcome::Failed(_)) {
            continue;
        }
        let of_services = match &other.request {
            Request::Lock(LockRequest::Lock { lease, .. }) => Some(*lease),
            Request::Election(ElectionRequest::Campaign { lease, .. }) => Some(*lease),
            _ => None,
        };
        if of_services.is_some_and(|lease| lease == 0 || ids.contains(&lease)) {
            return None;
        }
        let keys = attached(&other.request, &ids).into_iter();
        needs.extend(keys.map(|key| Need::of_key(Wants::Write, key)));
    }
    // Where a lease has no keys it depends on more: whether the user is known.
    (!needs.is_empty()).then_some(needs)
}

/// The keys that a request may attach to leases.
fn attached<'h>(request: &'h Request, ids: &[i64]) -> Vec<&'h Bytes> {
    match request {
        Request::Put(put) if put.lease != 0 && ids.contains(&put.lease) => vec![&put.key],
        Request::Txn(txn) => txn.branches().flat_map(|request| attached(request, ids)).collect(),
        _ => Vec::new(),
    }
}

/// The keys that time-to-live listed, and a revision that whoever looked at them had come to: each had been put with
/// the lease.
pub(super) fn listed<'h>(history: &'h History, operation: &'h Operation) -> Option<(&'h [Bytes], Revision)> {
    let Some(Response::Lease(LeaseResponse::TimeToLive { id, keys, .. })) = operation.response() else {
        return None;
    };
    let least = keys.iter().map(|key| first_attached(history, *id, key)).max()?;
    Some((keys, least))
}

/// The first revision at which a key can have been attached to a lease; 0 where nobody was answered for that.
fn first_attached(history: &History, id: i64, key: &Bytes) -> Revision {
    let attaches = |operation: &&Operation| {
        !matches!(operation.outcome, Outcome::Failed(_)) && attached(&operation.request, &[id]).contains(&key)
    };
    let revision =
        |operation: &Operation| operation.response().map_or(0, |response| response.header().revision);
    history.operations.iter().filter(attaches).map(revision).min().unwrap_or(0)
}
