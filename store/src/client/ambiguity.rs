//! The errors that leave open whether a request took effect.

use crate::api::{ElectionRequest, LeaseRequest, LockRequest, Request, RequestOp};
use crate::error::{Code, Error};
use crate::frame::Call;

/// The effects of a request that `Unavailable`, or for lack of space `ResourceExhausted`, leaves undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ambiguity {
    /// None: the request changes nothing.
    None,
    /// It may have been proposed, unless there was no leader to propose it to.
    Proposed,
    /// As [`Ambiguity::Proposed`]; and it may have been applied although there was no space left for it.
    Stored,
    /// It may have reached a leader, even if the member that was asked knows of none.
    Forwarded,
}

impl Ambiguity {
    /// The ambiguity of a request.
    pub fn of(call: &Call) -> Ambiguity {
        match call {
            call if call.is_read_only() => Ambiguity::None,
            Call::Kv(request) if may_put(request) => Ambiguity::Stored,
            Call::Lease(LeaseRequest::Grant(_)) | Call::Lock(LockRequest::Lock(_)) => Ambiguity::Stored,
            Call::Election(ElectionRequest::Campaign(_) | ElectionRequest::Proclaim(_)) => Ambiguity::Stored,
            Call::Lease(LeaseRequest::KeepAlive(_)) => Ambiguity::Forwarded,
            Call::Kv(_)
            | Call::Lease(_)
            | Call::Lock(_)
            | Call::Election(_)
            | Call::MoveLeader { .. }
            | Call::Status
            | Call::Cluster(_)
            | Call::Maintenance(_)
            | Call::Auth(_) => Ambiguity::Proposed,
        }
    }

    /// Returns true if `error` leaves open that the request took effect.
    pub fn remains_after(self, error: Error) -> bool {
        match self {
            Ambiguity::None => false,
            Ambiguity::Stored if error == Error::NoSpace => true,
            Ambiguity::Proposed | Ambiguity::Stored => {
                error.code() == Code::Unavailable && error != Error::NoLeader
            }
            Ambiguity::Forwarded => error.code() == Code::Unavailable,
        }
    }
}

fn may_put(request: &Request) -> bool {
    match request {
        Request::Put(_) => true,
        Request::Txn(txn) => txn.success.iter().chain(&txn.failure).any(|op| match op {
            RequestOp::Put(_) => true,
            RequestOp::Txn(nested) => may_put(&Request::Txn(nested.clone())),
            RequestOp::Range(_) | RequestOp::DeleteRange(_) | RequestOp::Empty => false,
        }),
        Request::Range(_) | Request::DeleteRange(_) | Request::Compaction(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{LeaseKeepAliveRequest, PutRequest, RangeRequest, TxnRequest};

    fn put() -> Request {
        Request::Put(PutRequest { key: "k".into(), ..PutRequest::default() })
    }

    #[test]
    fn only_a_request_that_stores_is_undecided_without_space() {
        let delete = Call::Kv(Request::DeleteRange(Default::default()));
        let Request::Put(nested) = put() else { unreachable!() };
        let inner = TxnRequest { success: vec![RequestOp::Put(nested)], ..TxnRequest::default() };
        let outer = TxnRequest { failure: vec![RequestOp::Txn(inner)], ..TxnRequest::default() };
        for (call, remains) in
            [(Call::Kv(put()), true), (Call::Kv(Request::Txn(outer)), true), (delete, false)]
        {
            let ambiguity = Ambiguity::of(&call);
            assert_eq!(ambiguity.remains_after(Error::NoSpace), remains, "{call:?}");
            assert!(ambiguity.remains_after(Error::Timeout) && ambiguity.remains_after(Error::Stopped));
            assert!(!ambiguity.remains_after(Error::NoLeader), "there was no leader to propose it to");
            assert!(!ambiguity.remains_after(Error::LeaseNotFound));
        }
    }

    #[test]
    fn a_read_is_never_undecided_and_a_keepalive_even_without_a_leader() {
        let read = Call::Kv(Request::Range(RangeRequest { key: "k".into(), ..RangeRequest::default() }));
        assert!(!Ambiguity::of(&read).remains_after(Error::Timeout));
        let keep_alive = Call::Lease(LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id: 1 }));
        assert!(Ambiguity::of(&keep_alive).remains_after(Error::NoLeader));
    }
}
