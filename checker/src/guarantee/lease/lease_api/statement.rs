//! The statements of an answered operation on leases.

use crate::bytes::Bytes;
use crate::history::*;

/// A statement on a lease: that it was there, or was not, at some moment while the operation was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// A grant: the lease was absent before, and is there from then on.
    Granted,
    /// A revocation: it was there, and is not from then on.
    Revoked,
    /// It was there.
    Lives,
    /// It was not there.
    Gone,
}

/// One statement of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) operation: usize,
    pub(super) lease: i64,
    pub(super) says: Says,
}

const NOT_FOUND: &str = "requested lease not found";
const EXISTS: &str = "lease already exists";

/// The statements of an operation on leases; a list of leases, served by one member as far as it has come, is left out.
pub(super) fn statements(history: &History, operation: usize) -> Vec<Statement> {
    let of = &history.operations[operation];
    let mut said = Vec::new();
    match &of.outcome {
        Outcome::Ok(response) => answered(history, &of.request, response, &mut said),
        Outcome::Failed(error) => refused(&of.request, error, &mut said),
        Outcome::Unknown(_) => {}
    }
    let mut all: Vec<Statement> =
        said.into_iter().map(|(lease, says)| Statement { operation, lease, says }).collect();
    all.dedup();
    all
}

fn answered(history: &History, request: &Request, response: &Response, said: &mut Vec<(i64, Says)>) {
    match (request, response) {
        (Request::Lease(request), Response::Lease(response)) => match (request, response) {
            (_, LeaseResponse::Grant { id, .. }) => said.push((*id, Says::Granted)),
            (LeaseRequest::Revoke { id }, LeaseResponse::Revoke { .. }) => said.push((*id, Says::Revoked)),
            (_, LeaseResponse::KeepAlive { id, ttl_s, .. }) => {
                said.push((*id, if *ttl_s > 0 { Says::Lives } else { Says::Gone }));
            }
            // One that is overdue has less than nothing left, and the TTL it was granted.
            (_, LeaseResponse::TimeToLive { id, ttl_s, granted_ttl_s, .. }) => {
                let is_gone = *ttl_s < 0 && *granted_ttl_s == 0;
                said.push((*id, if is_gone { Says::Gone } else { Says::Lives }));
            }
            _ => {}
        },
        (
            Request::Lock(LockRequest::Lock { name, lease }),
            Response::Lock(LockResponse::Lock { key, .. }),
        ) => {
            owner(history, name, *lease, key, said);
        }
        (
            Request::Election(ElectionRequest::Campaign { name, lease, .. }),
            Response::Election(ElectionResponse::Campaign { leader, .. }),
        ) => owner(history, name, *lease, &leader.key, said),
        (Request::Election(ElectionRequest::Proclaim { leader, .. }), Response::Election(_)) => {
            said.extend((leader.lease != 0).then_some((leader.lease, Says::Lives)));
        }
        (request, response) => attached(request, response, &mut |_, lease| said.push((lease, Says::Lives))),
    }
}

/// A lock or a leadership is answered while the own key is there, and that is put with the lease: unless another
/// request may have put it without.
fn owner(history: &History, name: &Bytes, lease: i64, key: &Bytes, said: &mut Vec<(i64, Says)>) {
    let of_key = lease_of(name, key);
    let is_new = lease == 0;
    let lease = if is_new { of_key.unwrap_or(0) } else { lease };
    if lease == 0 || of_key != Some(lease) {
        return;
    }
    if is_new {
        said.push((lease, Says::Granted));
    } else if !history.operations.iter().any(|other| may_detach(&other.request, key, lease)) {
        said.push((lease, Says::Lives));
    }
}

/// True if a request, if it was carried out, may leave a key there without its lease.
fn may_detach(request: &Request, key: &Bytes, lease: i64) -> bool {
    match request {
        Request::Put(put) => put.key == *key && (put.lease != lease || put.ignore_lease),
        Request::Txn(txn) => txn.branches().any(|request| may_detach(request, key, lease)),
        Request::Election(ElectionRequest::Proclaim { leader, .. }) => {
            leader.key == *key && leader.lease != lease
        }
        _ => false,
    }
}

/// Calls `see` with every key that an answered request put with a lease, and the lease.
pub(super) fn attached<'h>(request: &'h Request, response: &Response, see: &mut impl FnMut(&'h Bytes, i64)) {
    match (request, response) {
        (Request::Put(put), Response::Put(_)) if put.lease != 0 => see(&put.key, put.lease),
        (Request::Txn(txn), Response::Txn(took)) => {
            let branch = if took.succeeded { &txn.success } else { &txn.failure };
            branch
                .iter()
                .zip(&took.responses)
                .for_each(|(request, response)| attached(request, response, see));
        }
        _ => {}
    }
}

/// Every lease that a request names to put a key with, in whatever branch.
fn named(request: &Request, found: &mut Vec<i64>) {
    match request {
        Request::Put(put) if put.lease != 0 => found.push(put.lease),
        Request::Txn(txn) => txn.branches().for_each(|request| named(request, found)),
        Request::Lock(LockRequest::Lock { lease, .. })
        | Request::Election(ElectionRequest::Campaign { lease, .. })
            if *lease != 0 =>
        {
            found.push(*lease);
        }
        Request::Election(ElectionRequest::Proclaim { leader, .. }) if leader.lease != 0 => {
            found.push(leader.lease);
        }
        _ => {}
    }
}

fn refused(request: &Request, error: &Error, said: &mut Vec<(i64, Says)>) {
    match request {
        Request::Lease(LeaseRequest::Grant { id, .. }) if error.message.ends_with(EXISTS) && *id != 0 => {
            said.push((*id, Says::Lives));
        }
        _ if !error.message.ends_with(NOT_FOUND) => {}
        Request::Lease(
            LeaseRequest::Revoke { id }
            | LeaseRequest::KeepAlive { id }
            | LeaseRequest::TimeToLive { id, .. },
        ) => said.push((*id, Says::Gone)),
        request => {
            let mut leases = Vec::new();
            named(request, &mut leases);
            leases.sort_unstable();
            leases.dedup();
            // Of several it is not said which.
            if let [lease] = leases[..] {
                said.push((lease, Says::Gone));
            }
        }
    }
}

/// The leases of a request that was refused because one of them was not there.
pub(super) fn named_leases(operation: &Operation) -> Option<Vec<i64>> {
    let Outcome::Failed(error) = &operation.outcome else { return None };
    let mut leases = Vec::new();
    named(&operation.request, &mut leases);
    leases.sort_unstable();
    leases.dedup();
    (!leases.is_empty() && error.message.ends_with(NOT_FOUND)).then_some(leases)
}

/// True if an operation says something of a lease that is looked at one by one.
pub(super) fn speaks(operation: &Operation) -> bool {
    match (&operation.request, &operation.outcome) {
        (_, Outcome::Unknown(_)) => false,
        (Request::Lease(_), Outcome::Ok(_)) => true,
        (Request::Lease(_), Outcome::Failed(error)) => {
            error.message.ends_with(NOT_FOUND) || error.message.ends_with(EXISTS)
        }
        (_, Outcome::Failed(_)) => named_leases(operation).is_some(),
        (request @ (Request::Lock(_) | Request::Election(_)), Outcome::Ok(_)) => {
            let mut leases = Vec::new();
            named(request, &mut leases);
            !leases.is_empty()
        }
        (request, Outcome::Ok(response)) => {
            let mut is_attached = false;
            attached(request, response, &mut |_, _| is_attached = true);
            is_attached
        }
    }
}
