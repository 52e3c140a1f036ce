//! The number of revisions that requests can have made.

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

/// The newest revision that a history's requests can have made, by time.
pub(crate) struct Reach(Vec<(u64, Revision)>);

impl Reach {
    /// Counts what the requests can have made; `None` for a history that does not begin with its store, which may have
    /// come to any revision.
    pub(crate) fn of(history: &History) -> Option<Self> {
        if !history.begins_with_store() {
            return None;
        }
        let counts = history.operations.iter().map(|op| (op.invoke_ns, revisions_at_most(op)));
        let mut newest: Vec<(u64, Revision)> = counts.collect();
        newest.sort_unstable();
        let mut made: Revision = 1;
        for (_, revision) in &mut newest {
            made = made.saturating_add(*revision);
            *revision = made;
        }
        Some(Reach(newest))
    }

    /// Takes every revision in an answer for made when its request was sent.
    pub(super) fn or_answered(mut self, history: &History) -> Self {
        let answered = history
            .operations
            .iter()
            .filter_map(|operation| Some((operation.invoke_ns, operation.response()?.header().revision)));
        self.0.extend(answered);
        self.0.sort_unstable();
        let mut reached = 1;
        for (_, revision) in &mut self.0 {
            reached = reached.max(*revision);
            *revision = reached;
        }
        self
    }

    /// The newest revision that can have been made by a moment.
    pub(crate) fn newest_by(&self, at_ns: u64) -> Revision {
        let asked = self.0.partition_point(|(invoke_ns, _)| *invoke_ns <= at_ns);
        self.0[..asked].last().map_or(1, |(_, newest)| *newest)
    }

    /// The moment from which on a revision can have been made; `None` if it never can.
    pub(super) fn first_possible_ns(&self, revision: Revision) -> Option<u64> {
        if revision <= 1 {
            return Some(0);
        }
        let at = self.0.partition_point(|(_, newest)| *newest < revision);
        self.0.get(at).map(|(at_ns, _)| *at_ns)
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

/// The number of leases that can expire because of the keys that a request ties to them.
fn ends(request: &Request) -> Revision {
    match request {
        Request::Put(put) => Revision::from(put.lease != 0),
        Request::Txn(txn) => txn.branches().map(ends).sum(),
        _ => 0,
    }
}
