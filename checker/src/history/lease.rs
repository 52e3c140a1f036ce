//! The lease API as a client sees it (`api/etcdserverpb/rpc.proto`, service `Lease`).

use super::kv::Header;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A request about a lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum LeaseRequest {
    /// Make a lease.
    Grant {
        /// Its id; 0 lets the cluster choose one.
        #[serde(default)]
        id: i64,
        /// The time that it lives without being kept alive, in seconds. The cluster may give more.
        ttl_s: i64,
    },
    /// End a lease, and delete every key that is attached to it, in one revision.
    Revoke {
        /// Its id.
        id: i64,
    },
    /// Let a lease live for its TTL from now on.
    KeepAlive {
        /// Its id.
        id: i64,
    },
    /// Ask how long a lease has to live.
    TimeToLive {
        /// Its id.
        id: i64,
        /// Show the keys that are attached to it.
        #[serde(default)]
        keys: bool,
    },
    /// List the leases there are.
    Leases,
}

/// The answer to a [`LeaseRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum LeaseResponse {
    /// To a grant.
    Grant {
        /// See [`Header`].
        header: Header,
        /// The id of the lease.
        id: i64,
        /// Its TTL, in seconds: what was asked for, or more.
        ttl_s: i64,
    },
    /// To a revocation.
    Revoke {
        /// See [`Header`]: its revision is that of the deletes, or the current one if no key was attached.
        header: Header,
    },
    /// To one keepalive.
    KeepAlive {
        /// See [`Header`].
        header: Header,
        /// The id of the lease.
        id: i64,
        /// The TTL it has from now, in seconds; 0 or less if there is no such lease.
        ttl_s: i64,
    },
    /// To the question how long it has to live.
    TimeToLive {
        /// See [`Header`].
        header: Header,
        /// The id of the lease.
        id: i64,
        /// The remaining time, in seconds; -1 if there is no such lease.
        ttl_s: i64,
        /// The TTL it was granted with, in seconds.
        #[serde(default)]
        granted_ttl_s: i64,
        /// The keys attached to it, if asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keys: Vec<Bytes>,
    },
    /// To the question which leases there are.
    Leases {
        /// See [`Header`].
        header: Header,
        /// Their ids.
        #[serde(default)]
        leases: Vec<i64>,
    },
}

impl LeaseRequest {
    /// The lease it is about; `None` for the list of all, and for a grant that leaves the choice.
    pub fn id(&self) -> Option<i64> {
        match self {
            LeaseRequest::Grant { id, .. }
            | LeaseRequest::Revoke { id }
            | LeaseRequest::KeepAlive { id }
            | LeaseRequest::TimeToLive { id, .. } => (*id != 0).then_some(*id),
            LeaseRequest::Leases => None,
        }
    }
}

impl LeaseResponse {
    /// The header of the response.
    pub fn header(&self) -> &Header {
        match self {
            LeaseResponse::Grant { header, .. }
            | LeaseResponse::Revoke { header }
            | LeaseResponse::KeepAlive { header, .. }
            | LeaseResponse::TimeToLive { header, .. }
            | LeaseResponse::Leases { header, .. } => header,
        }
    }
}
