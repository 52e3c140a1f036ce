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
    /// The client that observed.
    pub client: ClientId,
    /// The endpoint that served it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The name of the election.
    pub name: Bytes,
    /// The time of the request, in nanoseconds.
    pub invoke_ns: u64,
    /// The frames, in order of arrival.
    #[serde(default)]
    pub frames: Vec<ObservedLeader>,
    /// The end of the observation.
    #[serde(default)]
    pub end: WatchEnd,
    /// The time of the end, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ns: Option<u64>,
}

impl Observer {
    /// An observer that just began.
    pub fn new(id: u64, client: ClientId, name: Bytes, invoke_ns: u64) -> Observer {
        Observer {
            id,
            client,
            member: None,
            name,
            invoke_ns,
            frames: Vec::new(),
            end: WatchEnd::Open,
            end_ns: None,
        }
    }
}

/// A leader that was shown, or a new value it proclaimed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservedLeader {
    /// The time of arrival, in nanoseconds.
    pub received_ns: u64,
    /// The revision of its header.
    pub revision: Revision,
    /// The leader's key.
    pub kv: KeyValue,
}
