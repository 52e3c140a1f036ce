//! Watching, across broken streams and members that went away.

use super::watch_stream::WatchStream;
use super::{Client, WatchItem};
use revline_store::api::WatchCreateRequest;

/// How to watch.
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

/// A watch on a stream of its own. When that breaks, it goes on at the next endpoint, from the revision after the last
/// one that it covered; with [`WatchOptions::once`], the caller does.
pub struct Watcher(WatchStream);

impl Client {
    /// Watches the keys in `[key, range_end)`: see [`revline_store::api::RangeRequest::range_end`].
    pub async fn watch(
        &self,
        key: impl Into<revline_store::bytes::Bytes>,
        range_end: impl Into<revline_store::bytes::Bytes>,
        options: WatchOptions,
    ) -> Watcher {
        let mut stream = if options.once { self.watch_stream_once() } else { self.watch_stream() };
        stream.watch(key, range_end, options);
        Watcher(stream)
    }

    /// As [`Client::watch`], of a request as it is.
    pub(super) fn watch_as(&self, request: WatchCreateRequest) -> Watcher {
        let mut stream = self.watch_stream();
        stream.watch_as(request);
        Watcher(stream)
    }
}

impl Watcher {
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
