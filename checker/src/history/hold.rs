//! The locks and leaderships that clients believed to hold.

use super::kv::Revision;
use super::operation::ClientId;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The lock or leadership held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldKind {
    /// A lock.
    Lock,
    /// The leadership of an election.
    Leader,
}

/// A time during which a client believed that it held a lock or led, whether it had asked the service or
/// followed the recipe itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The client that believed it. The client does meanwhile the operations of this id.
    pub client: ClientId,
    /// The lock or leadership held.
    #[serde(rename = "of")]
    pub kind: HoldKind,
    /// The name of the lock or election.
    pub name: Bytes,
    /// The ownership key.
    pub key: Bytes,
    /// The lease of the key.
    pub lease: i64,
    /// The revision that created the key; 0 where that is not known.
    #[serde(default)]
    pub create_revision: Revision,
    /// The revision in the header of the answer that made the client believe it.
    pub acquired_revision: Revision,
    /// The time at which the client began to believe it, in nanoseconds.
    pub from_ns: u64,
    /// The time at which it gave it up, asked to release it, or learned of its loss, in nanoseconds. `None` if the
    /// recording ended first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ns: Option<u64>,
}
