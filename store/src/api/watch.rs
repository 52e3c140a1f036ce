//! Watching keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Event, ResponseHeader};
use crate::bytes::Bytes;
use crate::error::Error;

/// The watch id of responses that concern no single watch (`clientv3.InvalidWatchID`).
pub const INVALID_WATCH_ID: i64 = -1;

/// `etcdserverpb.WatchRequest`: a client's message on a watch stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WatchRequest {
    /// Start a watch.
    Create(WatchCreateRequest),
    /// End one.
    Cancel(WatchCancelRequest),
    /// Ask how far the stream's watches have come.
    Progress,
}

/// `etcdserverpb.WatchCreateRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WatchCreateRequest {
    /// The key, or the first of a range; empty means `"\0"`.
    pub key: Bytes,
    /// Empty for one key, `"\0"` for no upper bound, else the first key not watched.
    pub range_end: Bytes,
    /// The first revision to report; 0 for the next change.
    pub start_revision: i64,
    /// Tell from time to time how far the watch has come, if there are no events to tell it.
    pub progress_notify: bool,
    /// Events not to report.
    pub filters: Vec<FilterType>,
    /// Report the versions before, too.
    pub prev_kv: bool,
    /// The id to use; 0 lets the server choose.
    pub watch_id: i64,
    /// The client can put together a large response from several.
    pub fragment: bool,
    /// End the stream when the member has known no leader for three election timeouts, with a response that is
    /// canceled, has the watch id -1 and names [`crate::error::Error::NoLeader`]. In etcd it is not the request that
    /// says so but the stream (metadata `hasleader`); here one watch of it is enough.
    pub require_leader: bool,
}

/// `etcdserverpb.WatchCreateRequest.FilterType`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FilterType {
    /// No puts.
    NoPut,
    /// No deletions.
    NoDelete,
}

/// `etcdserverpb.WatchCancelRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WatchCancelRequest {
    /// The watch to end.
    pub watch_id: i64,
}

/// `etcdserverpb.WatchResponse`: a member's message on a watch stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WatchResponse {
    /// With the revision the events belong to, or up to which there are none left to tell.
    pub header: ResponseHeader,
    /// The watch it is about.
    pub watch_id: i64,
    /// The answer to a create request.
    pub created: bool,
    /// The watch has ended, or never began.
    pub canceled: bool,
    /// The reason that it was not created.
    pub cancel_reason: String,
    /// Not 0 if the watch ended because its next revision was compacted: the oldest that is left.
    pub compact_revision: i64,
    /// More of the same revision follows.
    pub fragment: bool,
    /// The events, in the order of revisions. Shared by all watches that get the same.
    pub events: Arc<[Event]>,
}

impl WatchResponse {
    /// The error that [`WatchResponse::cancel_reason`] is the text of.
    pub(crate) fn cancel_error(&self) -> Option<Error> {
        self.cancel_reason.parse().ok()
    }

    /// Returns true if it is a progress notification: nothing is left to tell up to the header's revision.
    pub fn is_progress_notify(&self) -> bool {
        self.events.is_empty() && !self.created && !self.canceled && self.compact_revision == 0
    }
}
