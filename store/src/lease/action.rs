//! Changes of leases in the log.

use serde::{Deserialize, Serialize};

use crate::api::{LeaseGrantRequest, LeaseRevokeRequest};

/// A change of leases that all members apply (`LeaseGrant`, `LeaseRevoke` and `LeaseCheckpoint` of
/// `etcdserverpb.InternalRaftRequest`). New kinds go at the end: stored logs hold the position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseAction {
    /// A new lease. Its id is chosen and its TTL raised to the minimum before it is proposed.
    Grant(LeaseGrantRequest),
    /// A client, or the leader because it expired, ends a lease.
    Revoke(LeaseRevokeRequest),
    /// The leader tells how long some leases still live, for the one that comes after it.
    Checkpoint(Vec<LeaseCheckpoint>),
}

/// `etcdserverpb.LeaseCheckpoint`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseCheckpoint {
    /// The lease.
    pub id: i64,
    /// The remaining TTL, in seconds; 0 for its whole TTL, because it was kept alive.
    pub remaining_ttl_s: i64,
}
