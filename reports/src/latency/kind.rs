//! The kinds of calls whose latencies are told apart, in etcd's words.

use revline_checker::history::{AdminRequest, ElectionRequest, LeaseRequest, LockRequest, Request};

/// The kind of a client's request.
pub(super) fn of_request(request: &Request) -> &'static str {
    match request {
        Request::Range(range) if range.serializable => "range serializable",
        Request::Range(_) => "range linearizable",
        Request::Put(_) => "put",
        Request::Delete(_) => "delete",
        Request::Txn(_) => "txn",
        Request::Compact(_) => "compact",
        Request::Lease(LeaseRequest::Grant { .. }) => "lease grant",
        Request::Lease(LeaseRequest::Revoke { .. }) => "lease revoke",
        Request::Lease(LeaseRequest::KeepAlive { .. }) => "lease keep-alive",
        Request::Lease(LeaseRequest::TimeToLive { .. }) => "lease time-to-live",
        Request::Lease(LeaseRequest::Leases) => "lease leases",
        Request::Lock(LockRequest::Lock { .. }) => "lock",
        Request::Lock(LockRequest::Unlock { .. }) => "unlock",
        Request::Election(ElectionRequest::Campaign { .. }) => "election campaign",
        Request::Election(ElectionRequest::Proclaim { .. }) => "election proclaim",
        Request::Election(ElectionRequest::Leader { .. }) => "election leader",
        Request::Election(ElectionRequest::Resign { .. }) => "election resign",
        Request::Auth(_) => "auth",
    }
}

/// The kind of a request of the cluster or the maintenance API.
pub(super) fn of_admin_request(request: &AdminRequest) -> &'static str {
    match request {
        AdminRequest::Alarm(_) => "alarm",
        AdminRequest::MemberAdd { .. } => "member add",
        AdminRequest::MemberPromote { .. } => "member promote",
        AdminRequest::MemberRemove { .. } => "member remove",
        AdminRequest::MemberUpdate { .. } => "member update",
        AdminRequest::MemberList { .. } => "member list",
        AdminRequest::Status => "status",
        AdminRequest::Hash => "hash",
        AdminRequest::HashKv { .. } => "hash-kv",
        AdminRequest::Defragment => "defragment",
        AdminRequest::Snapshot => "snapshot",
        AdminRequest::MoveLeader { .. } => "move-leader",
    }
}
