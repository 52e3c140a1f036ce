//! The election service as a client sees it (`server/etcdserver/api/v3election/v3electionpb/v3election.proto`).

use super::kv::{Header, KeyValue, Revision};
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The key that a leader presents to act as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderKey {
    /// The name of the election.
    pub name: Bytes,
    /// The key that stands for the leadership: `name/hex(lease)`.
    pub key: Bytes,
    /// The revision that created the key.
    pub rev: Revision,
    /// The lease it is attached to.
    pub lease: i64,
}

/// A request of the election service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum ElectionRequest {
    /// Wait for the leadership, and take it.
    Campaign {
        /// The name of the election.
        name: Bytes,
        /// The lease to attach the key to; 0 for one of the call's own.
        #[serde(default)]
        lease: i64,
        /// The value to show once elected.
        #[serde(default)]
        value: Bytes,
    },
    /// Change what is shown of the leader.
    Proclaim {
        /// The key of the leader.
        leader: LeaderKey,
        /// The new value.
        #[serde(default)]
        value: Bytes,
    },
    /// Ask who leads.
    Leader {
        /// The name of the election.
        name: Bytes,
    },
    /// Give the leadership up.
    Resign {
        /// The key of the leader.
        leader: LeaderKey,
    },
}

/// The answer to an [`ElectionRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum ElectionResponse {
    /// Elected.
    Campaign {
        /// See [`Header`].
        header: Header,
        /// The key to act as the leader with.
        leader: LeaderKey,
    },
    /// Proclaimed.
    Proclaim {
        /// See [`Header`].
        header: Header,
    },
    /// The current leader.
    Leader {
        /// See [`Header`].
        header: Header,
        /// The leader's key, whose value is what it proclaimed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kv: Option<KeyValue>,
    },
    /// The leadership is given up.
    Resign {
        /// See [`Header`].
        header: Header,
    },
}

impl ElectionResponse {
    /// The header of the response.
    pub fn header(&self) -> &Header {
        match self {
            ElectionResponse::Campaign { header, .. }
            | ElectionResponse::Proclaim { header }
            | ElectionResponse::Leader { header, .. }
            | ElectionResponse::Resign { header } => header,
        }
    }
}
