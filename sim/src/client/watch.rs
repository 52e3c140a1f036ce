//! Watching, across broken streams and members that went away.

use super::WatchItem;
use super::watch_stream::WatchStream;
use revline_store::api::{FilterType, WatchCreateRequest};
use revline_store::bytes::Bytes;

/// Options of a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchOptions {
    /// The first revision to deliver; 0 means from now on.
    pub start_revision: i64,
    /// Deliver the value before each event, too.
    pub prev_kv: bool,
    /// Deliver deletes only.
    pub no_put: bool,
    /// Deliver puts only.
    pub no_delete: bool,
    /// Tell from time to time how far the watch has come, if there are no events.
    pub progress_notify: bool,
    /// Large batches may come in fragments.
    pub fragment: bool,
    /// Go on at another endpoint when this one has known no leader for long.
    pub require_leader: bool,
    /// The id of the watch on its stream; 0 leaves the choice to the server.
    pub watch_id: i64,
    /// Be over when the stream breaks, and leave it to the caller to go on. Only for a watch on a stream of its own.
    pub once: bool,
}

impl WatchOptions {
    /// The request for a watch of the keys in `[key, range_end)`.
    pub(super) fn request(&self, key: Bytes, range_end: Bytes) -> WatchCreateRequest {
        let mut filters = Vec::new();
        filters.extend(self.no_put.then_some(FilterType::NoPut));
        filters.extend(self.no_delete.then_some(FilterType::NoDelete));
        WatchCreateRequest {
            key,
            range_end,
            start_revision: self.start_revision,
            prev_kv: self.prev_kv,
            progress_notify: self.progress_notify,
            fragment: self.fragment,
            require_leader: self.require_leader,
            watch_id: self.watch_id,
            filters,
        }
    }
}

/// A watch on a stream of its own. When that breaks, it goes on at the next endpoint, from the revision after the last
/// one that it covered; with [`WatchOptions::once`], the caller does.
pub struct Watcher(WatchStream);

impl Watcher {
    pub(super) fn new(mut stream: WatchStream, request: WatchCreateRequest) -> Watcher {
        stream.watch_as(request);
        Watcher(stream)
    }

    /// The next thing the watch delivers; `None` once it is over.
    pub async fn next(&mut self) -> Option<WatchItem> {
        self.0.next().await.map(|(_, item)| item)
    }

    /// The first revision that the watch has not covered, as far as its items were taken; 0 if it has not begun. `None`
    /// if the server ended it.
    pub fn next_revision(&self) -> Option<i64> {
        self.0.next_revision(0)
    }

    /// Asks the server how far it has come: the answer is a [`WatchItem::Progress`], if the watch is synced.
    pub fn request_progress(&self) {
        self.0.request_progress();
    }
}
