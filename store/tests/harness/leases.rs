//! Requests about leases, and their answers, in short.

use super::cluster::Cluster;
use revline_store::api::{
    LeaseGrantRequest, LeaseKeepAliveRequest, LeaseLeasesRequest, LeaseRequest, LeaseResponse,
    LeaseRevokeRequest, LeaseTimeToLiveRequest, LeaseTimeToLiveResponse, PutRequest, Request,
};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;

pub fn grant(id: i64, ttl_s: i64) -> Call {
    Call::Lease(LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id }))
}

pub fn revoke(id: i64) -> Call {
    Call::Lease(LeaseRequest::Revoke(LeaseRevokeRequest { id }))
}

pub fn keep_alive(id: i64) -> Call {
    Call::Lease(LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id }))
}

pub fn time_to_live(id: i64, keys: bool) -> Call {
    Call::Lease(LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys }))
}

pub fn leases() -> Call {
    Call::Lease(LeaseRequest::Leases(LeaseLeasesRequest {}))
}

pub fn put_leased(key: &str, lease: i64) -> Call {
    Call::Kv(Request::Put(PutRequest { key: key.into(), lease, ..PutRequest::default() }))
}

/// The TTL that a keepalive was answered with.
pub fn kept_alive_s(result: &Result<Reply, Error>) -> i64 {
    match result {
        Ok(Reply::Lease(LeaseResponse::KeepAlive(response))) => response.ttl_s,
        other => panic!("not a keepalive: {other:?}"),
    }
}

/// The answer of a member about a lease before time passes.
pub fn ask_time_to_live(cluster: &mut Cluster, member: MemberId, id: i64) -> LeaseTimeToLiveResponse {
    match cluster.ask(member, time_to_live(id, true)) {
        Ok(Reply::Lease(LeaseResponse::TimeToLive(response))) => response,
        other => panic!("not a time to live: {other:?}"),
    }
}
