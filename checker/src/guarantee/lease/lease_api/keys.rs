//! The keys that time-to-live shows of a lease.

use super::lessor::Lessor;
use super::statement::attached;
use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;
use crate::replay::Span;

/// A key that cannot be attached to the lease, or one that must be and is not shown.
pub(super) fn check(case: &Case<'_>, lessor: &Lessor<'_>) -> Option<Evidence> {
    (0..case.history.operations.len()).find_map(|index| {
        let Response::Lease(LeaseResponse::TimeToLive { id, ttl_s: 0.., keys, .. }) =
            case.history.operations[index].response()?
        else {
            return None;
        };
        let asked = matches!(
            case.history.operations[index].request,
            Request::Lease(LeaseRequest::TimeToLive { keys: true, .. })
        );
        let foreign = keys.iter().find_map(|key| unattached(case, lessor, index, *id, key));
        foreign.or_else(|| asked.then(|| lacking(case, lessor, index, *id, keys)).flatten())
    })
}

/// A key that is shown and that no request may have attached, or that was detached since.
fn unattached(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64, key: &Bytes) -> Option<Evidence> {
    let operations = &case.history.operations;
    let end_ns = operations[index].return_ns?;
    let attachers: Vec<usize> = (0..operations.len())
        .filter(|at| {
            let operation = &operations[*at];
            operation.invoke_ns <= end_ns
                && !matches!(operation.outcome, Outcome::Failed(_)) | is_contest(&operation.request)
                && may_attach(&operation.request, id, key)
        })
        .collect();
    if attachers.is_empty() && lessor.begins {
        let message = format!("{key} was shown as a key of lease {}, and nobody attached it", LeaseId(id));
        return Some(Evidence::new("unattached-key", message, vec![case.operation(index)]));
    }
    if attachers.is_empty() {
        return None;
    }
    let detached = (0..operations.len()).find(|at| {
        *at != index
            && detaches(&operations[*at], id, key)
            && lessor.is_before(*at, index)
            && is_shown(&operations[index], &operations[*at])
            && attachers.iter().all(|attacher| lessor.is_before(*attacher, *at))
    })?;
    let message = format!("{key} was shown as a key of lease {}, and had been detached from it", LeaseId(id));
    Some(Evidence::new("unattached-key", message, vec![case.operation(index), case.operation(detached)]))
}

/// A key that was attached, and that nothing may have detached, and that is not shown.
fn lacking(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64, shown: &[Bytes]) -> Option<Evidence> {
    let operations = &case.history.operations;
    lessor.kept_alive(id, index)?;
    let end_ns = operations[index].return_ns?;
    let prefix = case.history.namespaces.get(&operations[index].client);
    (0..operations.len()).find_map(|at| {
        let mut missing = None;
        let response = operations[at].response()?;
        attached(&operations[at].request, response, &mut |key, lease| {
            let is_asked = prefix.is_none_or(|prefix| key.as_slice().starts_with(prefix.as_slice()));
            if lease == id && is_asked && missing.is_none() && !shown.contains(key) {
                missing = Some(key);
            }
        });
        let key = missing?;
        let may_be_gone = |(other, operation): (usize, &Operation)| {
            other != at
                && operation.invoke_ns <= end_ns
                && !matches!(operation.outcome, Outcome::Failed(_)) | is_contest(&operation.request)
                && may_detach(&operation.request, id, key)
                && !lessor.is_before(other, at)
                && !lessor.is_before(index, other)
        };
        let is_attached = lessor.is_before(at, index)
            && is_shown(&operations[index], &operations[at])
            && !has_twins(&operations[at].request, key)
            && !lessor.may_be_revoked(id, at, index)
            // It did not run out meanwhile, to be granted anew.
            && lessor.makers(id, index, Some(at)).is_empty()
            && !operations.iter().enumerate().any(may_be_gone);
        is_attached.then(|| {
            let message = format!("{key} is attached to lease {}, and was not shown", LeaseId(id));
            Evidence::new("missing-key", message, vec![case.operation(index), case.operation(at)])
        })
    })
}

/// True if an answer is of a member that had come so far.
fn is_shown(answer: &Operation, change: &Operation) -> bool {
    let revision =
        |operation: &Operation| operation.response().map_or(0, |response| response.header().revision);
    revision(answer) >= revision(change)
}

/// True if a lock or a campaign: one that is refused may have put and deleted its key before.
fn is_contest(request: &Request) -> bool {
    matches!(request, Request::Lock(_) | Request::Election(_))
}

/// True if a request may leave a key attached to a lease.
fn may_attach(request: &Request, id: i64, key: &Bytes) -> bool {
    match request {
        Request::Put(put) => put.key == *key && put.lease == id,
        Request::Txn(txn) => txn.branches().any(|request| may_attach(request, id, key)),
        Request::Lock(LockRequest::Lock { name, lease })
        | Request::Election(ElectionRequest::Campaign { name, lease, .. }) => {
            (*lease == id || *lease == 0) && own_key(name, id) == *key
        }
        Request::Election(ElectionRequest::Proclaim { leader, .. }) => {
            leader.key == *key && (leader.lease == id || leader.lease == 0)
        }
        _ => false,
    }
}

/// True if a request may delete a key or leave it without a lease.
fn may_detach(request: &Request, id: i64, key: &Bytes) -> bool {
    match request {
        Request::Put(put) => put.key == *key && put.lease != id && !put.ignore_lease,
        Request::Delete(delete) => Span::of_delete(delete).contains(key),
        Request::Txn(txn) => txn.branches().any(|request| may_detach(request, id, key)),
        Request::Lock(LockRequest::Unlock { key: own }) => own == key,
        Request::Lock(LockRequest::Lock { name, lease })
        | Request::Election(ElectionRequest::Campaign { name, lease, .. }) => own_key(name, *lease) == *key,
        Request::Election(ElectionRequest::Resign { leader }) => leader.key == *key,
        Request::Election(ElectionRequest::Proclaim { leader, .. }) => {
            leader.key == *key && leader.lease != id
        }
        Request::Lease(LeaseRequest::Revoke { id: revoked }) => *revoked == id,
        _ => false,
    }
}

/// True if an answered operation certainly left a key deleted or without a lease.
fn detaches(operation: &Operation, id: i64, key: &Bytes) -> bool {
    operation.response().is_some()
        && match &operation.request {
            Request::Put(_) | Request::Delete(_) | Request::Lease(_) => {
                may_detach(&operation.request, id, key)
            }
            Request::Lock(LockRequest::Unlock { key: own }) => own == key,
            _ => false,
        }
}

/// True if a request does more to a key than put it once.
fn has_twins(request: &Request, key: &Bytes) -> bool {
    fn count(request: &Request, key: &Bytes) -> usize {
        match request {
            Request::Put(put) => usize::from(put.key == *key),
            Request::Delete(delete) => usize::from(Span::of_delete(delete).contains(key)),
            Request::Txn(txn) => txn.branches().map(|request| count(request, key)).sum(),
            _ => 0,
        }
    }
    count(request, key) > 1
}
