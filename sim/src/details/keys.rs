//! The keys that requests, answers and events concern.

use revline_checker::bytes::Bytes;
use revline_checker::history::{
    AuthRequest, AuthResponse, ElectionRequest, ElectionResponse, Event, KeyValue, LeaderKey, LeaseResponse,
    LockRequest, LockResponse, Permission, Request, Response, WatchRequest,
};
use revline_store::key_range::KeyRange;

/// The keys that a request names. Those of a lock or an election are below its name.
pub(super) fn of_request(request: &Request) -> Vec<KeyRange> {
    match request {
        Request::Range(range) => vec![KeyRange::new(&range.key, &range.range_end)],
        Request::Put(put) => vec![one(&put.key)],
        Request::Delete(delete) => vec![KeyRange::new(&delete.key, &delete.range_end)],
        Request::Txn(txn) => {
            let compared = txn.compare.iter().map(|compare| KeyRange::new(&compare.key, &compare.range_end));
            let branches = txn.success.iter().chain(&txn.failure).flat_map(of_request);
            compared.chain(branches).collect()
        }
        Request::Lock(LockRequest::Lock { name, .. }) => vec![below(name)],
        Request::Lock(LockRequest::Unlock { key }) => vec![one(key)],
        Request::Election(ElectionRequest::Campaign { name, .. } | ElectionRequest::Leader { name }) => {
            vec![below(name)]
        }
        Request::Election(ElectionRequest::Proclaim { leader, .. } | ElectionRequest::Resign { leader }) => {
            of_leader(leader)
        }
        Request::Auth(AuthRequest::RoleGrantPermission { perm, .. }) => vec![of_permission(perm)],
        Request::Auth(AuthRequest::RoleRevokePermission { key, range_end, .. }) => {
            vec![KeyRange::new(key, range_end)]
        }
        Request::Compact(_) | Request::Lease(_) | Request::Auth(_) => Vec::new(),
    }
}

/// The keys that an answer names.
pub(super) fn of_response(response: &Response) -> Vec<KeyRange> {
    match response {
        Response::Range(range) => of_kvs(&range.kvs),
        Response::Put(put) => of_kvs(&put.prev_kv),
        Response::Delete(delete) => of_kvs(&delete.prev_kvs),
        Response::Txn(txn) => txn.responses.iter().flat_map(of_response).collect(),
        Response::Lease(LeaseResponse::TimeToLive { keys, .. }) => keys.iter().map(one).collect(),
        Response::Lock(LockResponse::Lock { key, .. }) => vec![one(key)],
        Response::Election(ElectionResponse::Campaign { leader, .. }) => of_leader(leader),
        Response::Election(ElectionResponse::Leader { kv, .. }) => of_kvs(kv),
        Response::Auth(AuthResponse::RoleGet { perm, .. }) => perm.iter().map(of_permission).collect(),
        Response::Compact(_)
        | Response::Lease(_)
        | Response::Lock(_)
        | Response::Election(_)
        | Response::Auth(_) => Vec::new(),
    }
}

/// The keys of key-values.
pub(super) fn of_kvs<'k>(kvs: impl IntoIterator<Item = &'k KeyValue>) -> Vec<KeyRange> {
    kvs.into_iter().map(|kv| one(&kv.key)).collect()
}

/// The keys of events.
pub(super) fn of_events(events: &[Event]) -> Vec<KeyRange> {
    of_kvs(events.iter().map(|event| &event.kv))
}

/// The keys of a watch.
pub(super) fn of_watch(watch: &WatchRequest) -> Vec<KeyRange> {
    vec![KeyRange::new(&watch.key, &watch.range_end)]
}

/// One key.
pub(super) fn one(key: &Bytes) -> KeyRange {
    KeyRange::One(key.clone())
}

/// The ownership keys of a lock or an election: `name/LEASE`.
pub(super) fn below(name: &Bytes) -> KeyRange {
    let with = |last: u8| Bytes::from([name.as_slice(), &[last]].concat());
    KeyRange::Span { start: with(b'/'), end: Some(with(b'/' + 1)) }
}

fn of_leader(leader: &LeaderKey) -> Vec<KeyRange> {
    vec![one(&leader.key)]
}

fn of_permission(permission: &Permission) -> KeyRange {
    KeyRange::new(&permission.key, &permission.range_end)
}
