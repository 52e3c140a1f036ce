//! Questions of members to their leader about leases: it alone knows when they expire
//! (`server/lease/leasehttp`).

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::machine::MemberId;

/// A question that only the leader can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LeaseQuestion {
    /// Keep the lease alive.
    Renew { id: i64 },
    /// Ask for the remaining TTL, and the keys if `keys` is set.
    TimeToLive { id: i64, keys: bool },
}

impl LeaseQuestion {
    /// The lease of the question.
    pub fn id(self) -> i64 {
        match self {
            LeaseQuestion::Renew { id } | LeaseQuestion::TimeToLive { id, .. } => id,
        }
    }
}

/// The answer to a [`LeaseQuestion`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LeaseAnswer {
    /// It was kept alive for so many seconds; 0 if it does not exist.
    Renewed { ttl_s: i64 },
    /// As in [`crate::api::LeaseTimeToLiveResponse`].
    TimeToLive { ttl_s: i64, granted_ttl_s: i64, keys: Vec<Bytes> },
}

/// A question on its way to the leader, or its answer on the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaseMessage {
    pub from: MemberId,
    pub to: MemberId,
    /// The start of the member that asks, and which of its questions it is.
    pub incarnation: u64,
    pub sequence: u64,
    pub content: LeaseContent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LeaseContent {
    Question(LeaseQuestion),
    Answer(LeaseAnswer),
}
