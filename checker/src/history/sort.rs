//! Classification of requests: those that can write, and those that one member may answer alone.

use super::election::ElectionRequest;
use super::kv::{Request, TxnRequest};
use super::lease::LeaseRequest;

impl Request {
    /// True if it could change the store's keys: anything but ranges, compactions, txns of ranges, leases that
    /// are not revoked, the question who leads, and who may do what.
    pub(crate) fn may_write(&self) -> bool {
        match self {
            Request::Put(_) | Request::Delete(_) => true,
            Request::Range(_) | Request::Compact(_) | Request::Auth(_) => false,
            Request::Lease(lease) => matches!(lease, LeaseRequest::Revoke { .. }),
            Request::Lock(_) => true,
            Request::Election(election) => !matches!(election, ElectionRequest::Leader { .. }),
            Request::Txn(txn) => txn.branches().any(Request::may_write),
        }
    }

    /// True if one member may answer it from its own state, which may be old: a serializable range, or a txn of
    /// nothing but those. A nested txn is never answered that way. Of a lease, all but grants and revocations, and of
    /// auth all but changes: the header of their answers is that of the member asked, as it stood just then (etcd:
    /// `server/etcdserver/api/v3rpc/lease.go`).
    pub fn is_serializable(&self) -> bool {
        match self {
            Request::Range(range) => range.serializable,
            Request::Txn(txn) => {
                txn.branches().all(|request| matches!(request, Request::Range(range) if range.serializable))
            }
            Request::Put(_) | Request::Delete(_) | Request::Compact(_) => false,
            // What is told of a lease by whoever is asked; only the header is the member's own.
            Request::Lease(lease) => match lease {
                LeaseRequest::KeepAlive { .. } | LeaseRequest::TimeToLive { .. } | LeaseRequest::Leases => {
                    true
                }
                LeaseRequest::Grant { .. } | LeaseRequest::Revoke { .. } => false,
            },
            Request::Lock(_) | Request::Election(_) => false,
            Request::Auth(auth) => !auth.may_change(),
        }
    }

    /// True if it is about a lease, or about a lock or an election, which need one.
    pub(crate) fn is_of_leases(&self) -> bool {
        matches!(self, Request::Lease(_) | Request::Lock(_) | Request::Election(_))
    }

    /// True if it is about a lease, or puts a key with one.
    pub(crate) fn needs_leases(&self) -> bool {
        match self {
            Request::Put(put) => put.lease != 0,
            Request::Txn(txn) => txn.branches().any(Request::needs_leases),
            request => request.is_of_leases(),
        }
    }

    /// True if it asks for keys or changes them, or sets how far back they can be read: whatever is about neither
    /// leases nor who may do what.
    pub(crate) fn is_of_keys(&self) -> bool {
        !self.is_of_leases() && !matches!(self, Request::Auth(_))
    }

    /// True if it only reads, and must see every write that was answered before it was asked.
    pub(crate) fn is_linearizable_read(&self) -> bool {
        match self {
            Request::Range(range) => !range.serializable,
            Request::Txn(_) => !self.may_write() && !self.is_serializable(),
            Request::Election(election) => matches!(election, ElectionRequest::Leader { .. }),
            Request::Put(_) | Request::Delete(_) | Request::Compact(_) => false,
            Request::Lease(_) | Request::Lock(_) | Request::Auth(_) => false,
        }
    }
}

impl TxnRequest {
    /// The requests of both branches.
    pub fn branches(&self) -> impl Iterator<Item = &Request> {
        self.success.iter().chain(&self.failure)
    }
}

#[cfg(test)]
mod tests {
    use crate::history::{PutRequest, RangeRequest, Request, TxnRequest};

    fn txn(success: Vec<Request>, failure: Vec<Request>) -> Request {
        Request::Txn(TxnRequest { compare: vec![], success, failure })
    }

    #[test]
    fn a_txn_is_what_its_branches_are() {
        let local = Request::Range(RangeRequest { serializable: true, ..RangeRequest::default() });
        let quorum = Request::Range(RangeRequest::default());
        let put = Request::Put(PutRequest::default());
        assert!(txn(vec![local.clone()], vec![]).is_serializable());
        assert!(txn(vec![local.clone()], vec![quorum.clone()]).is_linearizable_read());
        assert!(txn(vec![], vec![txn(vec![], vec![put.clone()])]).may_write());
        assert!(!txn(vec![txn(vec![local.clone()], vec![])], vec![]).is_serializable());
        assert!(!txn(vec![local], vec![put]).is_serializable());
        assert!(!quorum.may_write());
    }
}
