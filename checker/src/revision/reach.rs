//! How many revisions requests can have made.

use super::deeds::is_without_lease;
use crate::history::{
    ElectionRequest, History, LeaseRequest, LockRequest, Operation, Outcome, Request, Revision,
};

/// The most revisions that an operation can have made, with the end of what it tied to a lease; no less than it made.
pub(crate) fn revisions_at_most(operation: &Operation) -> Revision {
    match (&operation.outcome, &operation.request) {
        // Without its lease it did not queue; a campaign of one who stands already resigns.
        (_, Request::Lock(_)) if is_without_lease(operation) => 0,
        (_, Request::Election(_)) if is_without_lease(operation) => 1,
        // A lock that was refused had queued before, and took its key away.
        (Outcome::Failed(_), Request::Lock(_) | Request::Election(_)) => of_request(&operation.request),
        (Outcome::Failed(_), _) => 0,
        (Outcome::Ok(_) | Outcome::Unknown(_), request) => of_request(request),
    }
}

/// How far a history's requests can have brought the store, by when.
pub(super) struct Reach {
    /// By time, the newest revision that can have been made. Empty where there is no saying.
    newest: Vec<(u64, Revision)>,
    begins_with_store: bool,
}

impl Reach {
    /// That of a history.
    pub(super) fn of(history: &History) -> Self {
        let begins_with_store = history.begins_with_store();
        let mut newest: Vec<(u64, Revision)> = match begins_with_store {
            true => history.operations.iter().map(|op| (op.invoke_ns, revisions_at_most(op))).collect(),
            false => Vec::new(),
        };
        newest.sort_unstable();
        let mut made: Revision = 1;
        for (_, revision) in &mut newest {
            made = made.saturating_add(*revision);
            *revision = made;
        }
        // What somebody was answered was there, whoever made it.
        if begins_with_store {
            newest.extend(history.operations.iter().filter_map(|operation| {
                Some((operation.invoke_ns, operation.response()?.header().revision))
            }));
            newest.sort_unstable();
            let mut reached = 1;
            for (_, revision) in &mut newest {
                reached = reached.max(*revision);
                *revision = reached;
            }
        }
        Reach { newest, begins_with_store }
    }

    /// From when on a revision can have been there; `None` if it never can.
    pub(super) fn when(&self, revision: Revision) -> Option<u64> {
        if !self.begins_with_store || revision <= 1 {
            return Some(0);
        }
        let at = self.newest.partition_point(|(_, newest)| *newest < revision);
        self.newest.get(at).map(|(at_ns, _)| *at_ns)
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
