//! Watches as their clients saw them.

use super::kv::{KeyValue, Revision};
use super::operation::{ClientId, MemberId};
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One watch, from its request to its end, with every frame that arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Names this watch within the history.
    pub id: u64,
    /// The client.
    pub client: ClientId,
    /// The endpoint that served it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The user whose token came with it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The watch this one continues, after that one's stream broke or was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<u64>,
    /// The request.
    pub request: WatchRequest,
    /// The time of the request, in nanoseconds.
    pub invoke_ns: u64,
    /// The frames, in order of arrival.
    #[serde(default)]
    pub frames: Vec<WatchFrame>,
    /// The end of the watch.
    #[serde(default)]
    pub end: WatchEnd,
    /// The time of the end, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ns: Option<u64>,
}

impl Watch {
    /// A watch that was just asked for.
    pub fn new(id: u64, client: ClientId, request: WatchRequest, invoke_ns: u64) -> Watch {
        Watch {
            id,
            client,
            member: None,
            user: None,
            resumes: None,
            request,
            invoke_ns,
            frames: Vec::new(),
            end: WatchEnd::Open,
            end_ns: None,
        }
    }

    /// True if it is known to have ended. One that is not may be written in pieces: frames of it may follow.
    pub fn is_over(&self) -> bool {
        self.end != WatchEnd::Open || self.end_ns.is_some()
    }

    /// Every event with the index of its frame and its index in it, in order of arrival.
    pub fn events(&self) -> impl Iterator<Item = (usize, usize, &Event)> {
        self.frames.iter().enumerate().flat_map(|(frame, shown)| {
            shown.events.iter().enumerate().map(move |(event, shown)| (frame, event, shown))
        })
    }
}

/// The request of a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct WatchRequest {
    /// The first key; empty means `"\0"`.
    pub key: Bytes,
    /// As in a range: empty for one key, `"\0"` for every key from `key` on.
    pub range_end: Bytes,
    /// The first revision to deliver; 0 means from now on.
    pub start_revision: Revision,
    /// Send the value before each event.
    pub prev_kv: bool,
    /// Send progress notifications while idle.
    pub progress_notify: bool,
    /// Leave out puts.
    pub no_put: bool,
    /// Leave out deletes.
    pub no_delete: bool,
    /// Large batches may come in fragments.
    pub fragment: bool,
}

#[cfg(any(test, feature = "testing"))]
impl WatchRequest {
    /// A watch of every key, from a revision on.
    pub(crate) fn of_everything(start_revision: Revision) -> WatchRequest {
        WatchRequest { key: "\0".into(), range_end: "\0".into(), start_revision, ..WatchRequest::default() }
    }
}

/// One response on a watch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct WatchFrame {
    /// The time of arrival, in nanoseconds.
    pub received_ns: u64,
    /// The revision of its header. For a frame without events that neither creates nor cancels, this
    /// is a progress notification: everything up to here was delivered.
    pub revision: Revision,
    /// The answer to the watch request itself.
    #[serde(skip_serializing_if = "is_false")]
    pub created: bool,
    /// The server ended the watch; the text is its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled: Option<String>,
    /// Set when the watch was cancelled because its next revision was compacted: the compacted revision.
    #[serde(skip_serializing_if = "is_zero")]
    pub compact_revision: Revision,
    /// More fragments of the same batch follow.
    #[serde(skip_serializing_if = "is_false")]
    pub fragment: bool,
    /// The events, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

impl WatchFrame {
    /// True if the frame says "everything up to my revision was delivered" and nothing else.
    pub fn is_progress(&self) -> bool {
        self.events.is_empty() && !self.created && self.canceled.is_none() && self.compact_revision == 0
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A change of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The change of the key.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// The key after the event. A delete carries the key and `mod_revision` only.
    pub kv: KeyValue,
    /// The key before the event, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_kv: Option<KeyValue>,
    /// The event's claim to have created its key, where a recorder wrote that instead of the create revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_create: Option<bool>,
}

impl Event {
    /// The event's claim to have created its key; `None` where that was not recorded.
    pub(crate) fn told_create(&self) -> Option<bool> {
        let KeyValue { create_revision, mod_revision, .. } = self.kv;
        let by_revision = self.kind == EventKind::Put && create_revision != KeyValue::NOT_RECORDED;
        self.is_create.or(by_revision.then_some(create_revision == mod_revision))
    }
}

/// The change of a key by an [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The key was written.
    Put,
    /// The key was deleted.
    Delete,
}

/// The end of a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchEnd {
    /// It was still open when the recording ended.
    #[default]
    Open,
    /// The client closed it.
    Closed,
    /// The server cancelled it; the last frame says why.
    Canceled,
    /// The connection broke. Frames in flight were lost.
    Broken,
}
