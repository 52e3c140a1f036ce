//! Keys as responses show them, responses, and the events of watches.

use super::header;
use crate::history::*;

/// A key with its value, create revision, mod revision and version.
pub fn kv(
    key: &str,
    value: &str,
    create_revision: Revision,
    mod_revision: Revision,
    version: i64,
) -> KeyValue {
    KeyValue { key: key.into(), value: value.into(), create_revision, mod_revision, version, lease: 0 }
}

/// The same, attached to a lease.
pub fn with_lease(kv: KeyValue, lease: i64) -> KeyValue {
    KeyValue { lease, ..kv }
}

/// The answer to a put.
pub fn written(revision: Revision) -> Response {
    Response::Put(PutResponse { header: header(revision), prev_kv: None })
}

/// The answer to a delete.
pub fn deleted(revision: Revision, deleted: i64) -> Response {
    Response::Delete(DeleteResponse { header: header(revision), deleted, prev_kvs: Vec::new() })
}

/// The answer to a range without a limit.
pub fn ranged(revision: Revision, kvs: impl IntoIterator<Item = KeyValue>) -> Response {
    let kvs: Vec<_> = kvs.into_iter().collect();
    let count = kvs.len() as i64;
    Response::Range(RangeResponse { header: header(revision), kvs, more: false, count })
}

/// The answer to a txn.
pub fn decided(
    revision: Revision,
    succeeded: bool,
    responses: impl IntoIterator<Item = Response>,
) -> Response {
    let responses = responses.into_iter().collect();
    Response::Txn(TxnResponse { header: header(revision), succeeded, responses })
}

/// The answer to a compaction.
pub fn compaction(revision: Revision) -> Response {
    Response::Compact(CompactResponse { header: header(revision) })
}

/// The answer to a grant.
pub fn granted(revision: Revision, id: i64, ttl_s: i64) -> Response {
    Response::Lease(LeaseResponse::Grant { header: header(revision), id, ttl_s })
}

/// The answer to a revocation.
pub fn revoked(revision: Revision) -> Response {
    Response::Lease(LeaseResponse::Revoke { header: header(revision) })
}

/// The answer to a keepalive.
pub fn kept_alive(revision: Revision, id: i64, ttl_s: i64) -> Response {
    Response::Lease(LeaseResponse::KeepAlive { header: header(revision), id, ttl_s })
}

/// The answer to the question how long a lease has to live.
pub fn lives(revision: Revision, id: i64, ttl_s: i64, granted_ttl_s: i64, keys: &[&str]) -> Response {
    let keys = keys.iter().map(|key| (*key).into()).collect();
    Response::Lease(LeaseResponse::TimeToLive { header: header(revision), id, ttl_s, granted_ttl_s, keys })
}

/// The answer to the question which leases there are.
pub fn listed(revision: Revision, leases: &[i64]) -> Response {
    Response::Lease(LeaseResponse::Leases { header: header(revision), leases: leases.to_vec() })
}

/// The answer to a lock.
pub fn locked(revision: Revision, key: &str) -> Response {
    Response::Lock(LockResponse::Lock { header: header(revision), key: key.into() })
}

/// The answer to an unlock.
pub fn unlocked(revision: Revision) -> Response {
    Response::Lock(LockResponse::Unlock { header: header(revision) })
}

/// The answer to a campaign.
pub fn elected(revision: Revision, leader: LeaderKey) -> Response {
    Response::Election(ElectionResponse::Campaign { header: header(revision), leader })
}

/// The answer to a proclamation.
pub fn proclaimed(revision: Revision) -> Response {
    Response::Election(ElectionResponse::Proclaim { header: header(revision) })
}

/// The answer to the question who leads.
pub fn led(revision: Revision, kv: KeyValue) -> Response {
    Response::Election(ElectionResponse::Leader { header: header(revision), kv: Some(kv) })
}

/// The answer to a resignation.
pub fn resigned(revision: Revision) -> Response {
    Response::Election(ElectionResponse::Resign { header: header(revision) })
}

/// A key was written.
pub fn put_event(kv: KeyValue) -> Event {
    Event { kind: EventKind::Put, kv, prev_kv: None, is_create: None }
}

/// A key was deleted.
pub fn delete_event(key: &str, revision: Revision) -> Event {
    let kv = KeyValue { key: key.into(), mod_revision: revision, ..KeyValue::default() };
    Event { kind: EventKind::Delete, kv, prev_kv: None, is_create: None }
}
