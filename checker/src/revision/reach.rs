//! How many revisions requests can have made.

use crate::history::{ElectionRequest, LeaseRequest, LockRequest, Operation, Outcome, Request, Revision};

/// The most revisions that an operation can have made, with the end of what it tied to a lease; no less than it made.
pub(crate) fn revisions_at_most(operation: &Operation) -> Revision {
    match (&operation.outcome, &operation.request) {
        // A lock that was refused had queued before, and took its key away.
        (Outcome::Failed(_), Request::Lock(_) | Request::Election(_)) => of_request(&operation.request),
        (Outcome::Failed(_), _) => 0,
        (Outcome::Ok(_) | Outcome::Unknown(_), request) => of_request(request),
    }
}

fn of_request(request: &Request) -> Revision {
    match request {
        Request::Range(_) | Request::Compact(_) | Request::Auth(_) => 0,
        Request::Put(_) | Request::Delete(_) | Request::Txn(_) => 1 + ends(request),
        Request::Lease(LeaseRequest::Revoke { .. }) | Request::Lock(LockRequest::Unlock { .. }) => 1,
        Request::Lease(_) | Request::Election(ElectionRequest::Leader { .. }) => 0,
        Request::Election(ElectionRequest::Resign { .. }) => 1,
        // A lease that runs out takes what it was told along.
        Request::Election(ElectionRequest::Proclaim { .. }) => 2,
        // To queue, to state another value, to give up, and the end of the lease.
        Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. }) => 4,
    }
}

/// How many leases can run out because of the keys that a request ties to them.
fn ends(request: &Request) -> Revision {
    match request {
        Request::Put(put) => Revision::from(put.lease != 0),
        Request::Txn(txn) => txn.branches().map(ends).sum(),
        _ => 0,
    }
}
