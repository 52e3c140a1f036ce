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
}

/// A watch on a stream of its own. It goes on at the next endpoint when that breaks, from the revision after the last
/// one that it covered.
pub struct Watcher(WatchStream);

impl Client {
    /// Watches the keys in `[key, range_end)`: see [`revline_store::api::RangeRequest::range_end`].
    pub async fn watch(
        &self,
        key: impl Into<revline_store::bytes::Bytes>,
        range_end: impl Into<revline_store::bytes::Bytes>,
        options: WatchOptions,
    ) -> Watcher {
        let mut stream = self.watch_stream();
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

    /// Asks the server how far it has come: the answer is a [`WatchItem::Progress`], if the watch is synced.
    pub fn request_progress(&self) {
        self.0.request_progress();
    }
}
