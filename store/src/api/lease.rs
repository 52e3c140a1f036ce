//! The lease service: keys that live no longer than their lease is kept alive.

use serde::{Deserialize, Serialize};

use super::ResponseHeader;
use super::header::response_header;
use crate::bytes::Bytes;

/// A request of `etcdserverpb.Lease`. A keepalive is one call with one reply.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LeaseRequest {
    Grant(LeaseGrantRequest),
    Revoke(LeaseRevokeRequest),
    KeepAlive(LeaseKeepAliveRequest),
    TimeToLive(LeaseTimeToLiveRequest),
    Leases(LeaseLeasesRequest),
}

/// The response to a [`LeaseRequest`], of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LeaseResponse {
    Grant(LeaseGrantResponse),
    Revoke(LeaseRevokeResponse),
    KeepAlive(LeaseKeepAliveResponse),
    TimeToLive(LeaseTimeToLiveResponse),
    Leases(LeaseLeasesResponse),
}

response_header! { LeaseResponse { Grant, Revoke, KeepAlive, TimeToLive, Leases, } }

/// `etcdserverpb.LeaseGrantRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseGrantRequest {
    /// The time the lease lives without a keepalive, in seconds. Less than the minimum is raised to it; more than
    /// 9 000 000 000 seconds is refused.
    pub ttl_s: i64,
    /// The id it is to have; 0 lets the member choose one.
    pub id: i64,
}

/// `etcdserverpb.LeaseGrantResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseGrantResponse {
    /// The revision when it was granted.
    pub header: ResponseHeader,
    /// Its id.
    pub id: i64,
    /// The granted TTL, in seconds.
    pub ttl_s: i64,
}

/// `etcdserverpb.LeaseRevokeRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseRevokeRequest {
    /// The lease. Its keys are deleted with it.
    pub id: i64,
}

/// `etcdserverpb.LeaseRevokeResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseRevokeResponse {
    /// The revision that deleted its keys, or the current one if it had none.
    pub header: ResponseHeader,
}

/// `etcdserverpb.LeaseKeepAliveRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseKeepAliveRequest {
    /// The lease.
    pub id: i64,
}

/// `etcdserverpb.LeaseKeepAliveResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseKeepAliveResponse {
    /// The revision when the request arrived: never later than the renewal.
    pub header: ResponseHeader,
    /// The lease.
    pub id: i64,
    /// The TTL from now on, in seconds; 0 if there is no such lease.
    pub ttl_s: i64,
}

/// `etcdserverpb.LeaseTimeToLiveRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseTimeToLiveRequest {
    /// The lease.
    pub id: i64,
    /// True to list its keys.
    pub keys: bool,
}

/// `etcdserverpb.LeaseTimeToLiveResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseTimeToLiveResponse {
    /// The revision when it was answered.
    pub header: ResponseHeader,
    /// The lease.
    pub id: i64,
    /// The remaining TTL, in whole seconds; -1 if there is no such lease.
    pub ttl_s: i64,
    /// The TTL after each keepalive, in seconds; 0 if there is no such lease.
    pub granted_ttl_s: i64,
    /// Its keys, sorted, if asked for.
    pub keys: Vec<Bytes>,
}

/// `etcdserverpb.LeaseLeasesRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseLeasesRequest {}

/// `etcdserverpb.LeaseLeasesResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseLeasesResponse {
    /// The revision when it was answered.
    pub header: ResponseHeader,
    /// The ids of all leases, ascending. (etcd sorts them by expiry, which only its leader knows.)
    pub leases: Vec<i64>,
}
