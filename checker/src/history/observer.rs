//! Elections as those saw them who observed.

use super::kv::{KeyValue, Revision};
use super::operation::{ClientId, MemberId};
use super::watch::WatchEnd;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One call of observe, with every leader it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observer {
    /// Names this observer within the history.
    pub id: u64,
    /// Who observed.
    pub client: ClientId,
    /// The endpoint that served it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The name of the election.
    pub name: Bytes,
    /// When the client asked, in nanoseconds.
    pub invoke_ns: u64,
    /// What arrived, in order of arrival.
    #[serde(default)]
    pub frames: Vec<ObservedLeader>,
    /// How it ended.
    #[serde(default)]
    pub end: WatchEnd,
    /// When it ended, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ns: Option<u64>,
}

/// A leader that was shown, or a new value it proclaimed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservedLeader {
    /// When it arrived, in nanoseconds.
    pub received_ns: u64,
    /// The revision of its header.
    pub revision: Revision,
    /// The leader's key.
    pub kv: KeyValue,
}
