//! The client answers a keepalive from its queue of earlier answers. Decided in the client.
//!
//! Found in: etcd #21638. The channel of `KeepAlive` in `client/v3/lease.go` may hold answers from before a revocation, and
//! hands them out after that was answered.

use super::{Defect, Description};
use crate::api::{LeaseKeepAliveResponse, LeaseResponse};
use crate::frame::Reply;
use std::collections::BTreeMap;

/// The defect of this file.
pub const DEFECT: Defect = Defect::KeepaliveOutlivesRevoke;

pub(super) const DESCRIPTION: Description = Description {
    name: "keepalive-outlives-revoke",
    rule: "a client hands out a keepalive's answer that was queued before, though the lease was revoked since",
    guarantees: &["lease-api", "lease-alive"],
};

/// Puts the answer of a keepalive at the end of the queue of its lease, and takes the one before it; other replies pass.
pub(crate) fn from_queue(queues: &mut BTreeMap<i64, LeaseKeepAliveResponse>, reply: Reply) -> Reply {
    match reply {
        Reply::Lease(LeaseResponse::KeepAlive(answer)) => {
            let queued = queues.insert(answer.id, answer).unwrap_or(answer);
            Reply::Lease(LeaseResponse::KeepAlive(queued))
        }
        other => other,
    }
}
