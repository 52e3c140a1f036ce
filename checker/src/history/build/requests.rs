//! Requests of clients, and the keys and conditions in them.

use crate::history::*;

/// Put one key.
pub fn put(key: &str, value: &str) -> Request {
    Request::Put(PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() })
}

/// Delete one key.
pub fn delete(key: &str) -> Request {
    delete_range(key, "")
}

/// Delete the keys in `[key, end)`.
pub fn delete_range(key: &str, end: &str) -> Request {
    Request::Delete(DeleteRequest { key: key.into(), range_end: end.into(), prev_kv: false })
}

/// Read one key.
pub fn get(key: &str) -> Request {
    range(key, "")
}

/// Read the keys in `[key, end)`.
pub fn range(key: &str, end: &str) -> Request {
    Request::Range(RangeRequest { key: key.into(), range_end: end.into(), ..RangeRequest::default() })
}

/// Read the keys in `[key, end)` as they were at a revision.
pub fn range_at(key: &str, end: &str, revision: Revision) -> Request {
    Request::Range(RangeRequest {
        key: key.into(),
        range_end: end.into(),
        revision,
        ..RangeRequest::default()
    })
}

/// Read the keys in `[key, end)` from one member's own state.
pub fn serializable(key: &str, end: &str) -> Request {
    Request::Range(RangeRequest {
        key: key.into(),
        range_end: end.into(),
        serializable: true,
        ..RangeRequest::default()
    })
}

/// If every condition holds the first requests, otherwise the second.
pub fn txn(
    compare: impl IntoIterator<Item = Compare>,
    success: impl IntoIterator<Item = Request>,
    failure: impl IntoIterator<Item = Request>,
) -> Request {
    Request::Txn(TxnRequest {
        compare: compare.into_iter().collect(),
        success: success.into_iter().collect(),
        failure: failure.into_iter().collect(),
    })
}

/// Forget what is before a revision.
pub fn compact(revision: Revision) -> Request {
    Request::Compact(CompactRequest { revision, physical: false })
}

/// Put one key and attach it to a lease.
pub fn put_with(key: &str, value: &str, lease: i64) -> Request {
    Request::Put(PutRequest { key: key.into(), value: value.into(), lease, ..PutRequest::default() })
}

/// Make a lease.
pub fn grant(id: i64, ttl_s: i64) -> Request {
    Request::Lease(LeaseRequest::Grant { id, ttl_s })
}

/// End a lease.
pub fn revoke(id: i64) -> Request {
    Request::Lease(LeaseRequest::Revoke { id })
}

/// Keep a lease alive.
pub fn keep_alive(id: i64) -> Request {
    Request::Lease(LeaseRequest::KeepAlive { id })
}

/// Ask how long a lease has to live, and for its keys.
pub fn time_to_live(id: i64) -> Request {
    Request::Lease(LeaseRequest::TimeToLive { id, keys: true })
}

/// List the leases.
pub fn leases() -> Request {
    Request::Lease(LeaseRequest::Leases)
}

/// Take a lock.
pub fn lock(name: &str, lease: i64) -> Request {
    Request::Lock(LockRequest::Lock { name: name.into(), lease })
}

/// Give a lock back.
pub fn unlock(key: &str) -> Request {
    Request::Lock(LockRequest::Unlock { key: key.into() })
}

/// Stand for election.
pub fn campaign(name: &str, lease: i64, value: &str) -> Request {
    Request::Election(ElectionRequest::Campaign { name: name.into(), lease, value: value.into() })
}

/// Change what is shown of the leader.
pub fn proclaim(leader: LeaderKey, value: &str) -> Request {
    Request::Election(ElectionRequest::Proclaim { leader, value: value.into() })
}

/// Ask who leads.
pub fn leader(name: &str) -> Request {
    Request::Election(ElectionRequest::Leader { name: name.into() })
}

/// Give the leadership up.
pub fn resign(leader: LeaderKey) -> Request {
    Request::Election(ElectionRequest::Resign { leader })
}

/// The key of a leader: the key of a lease, created at a revision.
pub fn leader_key(name: &str, lease: i64, rev: Revision) -> LeaderKey {
    LeaderKey { name: name.into(), key: own_key(&name.into(), lease), rev, lease }
}

/// The condition that a key was last written at a revision; 0 means that it is absent.
pub fn unmodified_since(key: &str, revision: Revision) -> Compare {
    Compare {
        key: key.into(),
        range_end: Bytes::default(),
        result: CompareResult::Equal,
        target: CompareTarget::ModRevision(revision),
    }
}

/// Watch the keys in `[key, end)` from a revision on; 0 means from now on.
pub fn watching(key: &str, end: &str, start_revision: Revision) -> WatchRequest {
    WatchRequest { key: key.into(), range_end: end.into(), start_revision, ..WatchRequest::default() }
}
