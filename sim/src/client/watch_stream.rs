//! Several watches on one stream, across broken connections and members that went away.

use super::Client;
use super::watch::{WatchItem, WatchOptions};
use crate::state::Shared;
use crate::trace::NodeName;
use madsim::time::Duration;
use revline_store::api::{FilterType, WatchCreateRequest, WatchRequest, WatchResponse};
use revline_store::bytes::Bytes;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;

/// How long a client waits before it tries the next endpoint.
const RECONNECT_MS: u64 = 50;

/// Watches that share a stream. When it breaks, all of them go on at the next endpoint, each from the revision after
/// the last one that it covered.
pub struct WatchStream {
    world: Shared,
    node: NodeName,
    /// None, as long as there is nothing to watch.
    stream: Option<u64>,
    watches: BTreeMap<u32, Wanted>,
    next_number: u32,
}

struct Wanted {
    request: WatchCreateRequest,
    /// The first revision not covered yet; 0 while the server has not said where the watch begins.
    next_revision: i64,
    /// The server said that it began, on this stream: only then is a word about all watches about this one, too.
    created: bool,
}

impl Client {
    /// A stream for watches.
    pub fn watch_stream(&self) -> WatchStream {
        WatchStream {
            world: self.world.clone(),
            node: self.node,
            stream: None,
            watches: BTreeMap::new(),
            next_number: 0,
        }
    }
}

impl WatchStream {
    /// Watches the keys in `[key, range_end)`, too: see [`revline_store::api::RangeRequest::range_end`]. Returns the
    /// number of the watch on this stream, from 0 on; none is used again.
    pub fn watch(
        &mut self,
        key: impl Into<Bytes>,
        range_end: impl Into<Bytes>,
        options: WatchOptions,
    ) -> u32 {
        let mut filters = Vec::new();
        filters.extend(options.no_put.then_some(FilterType::NoPut));
        filters.extend(options.no_delete.then_some(FilterType::NoDelete));
        let request = WatchCreateRequest {
            key: key.into(),
            range_end: range_end.into(),
            start_revision: options.start_revision,
            prev_kv: options.prev_kv,
            progress_notify: options.progress_notify,
            fragment: options.fragment,
            require_leader: options.require_leader,
            watch_id: options.watch_id,
            filters,
        };
        let number = self.next_number;
        self.next_number += 1;
        let mut state = self.world.lock();
        let stream = *self.stream.get_or_insert_with(|| state.open_watch_stream(self.node));
        state.watch(self.node, stream, number, request.clone(), None);
        let next_revision = request.start_revision;
        self.watches.insert(number, Wanted { request, next_revision, created: false });
        number
    }

    /// The next thing that came, and which watch it is for; what is for none in particular is
    /// [`WatchItem::Progress`] of all. `None` once there is no watch left.
    pub async fn next(&mut self) -> Option<(Option<u32>, WatchItem)> {
        while !self.watches.is_empty() {
            let stream = self.stream?;
            let arrived = poll_fn(|context| {
                let mut state = self.world.lock();
                if let Some(response) = state.take_response(self.node, stream) {
                    return Poll::Ready(Some(response));
                }
                match state.watch_stream(self.node, stream) {
                    Some(open) if !open.ended => {
                        open.wait(context.waker());
                        Poll::Pending
                    }
                    _ => Poll::Ready(None),
                }
            })
            .await;
            let Some((number, response)) = arrived else {
                self.resume().await;
                continue;
            };
            if let Some(item) = self.took(number, response) {
                return Some((number, item));
            }
        }
        None
    }

    /// What a response means for the watches.
    fn took(&mut self, number: Option<u32>, response: WatchResponse) -> Option<WatchItem> {
        let revision = response.header.revision;
        let Some(number) = number else {
            if response.canceled {
                // The stream has ended: it is opened again.
                return None;
            }
            for wanted in self.watches.values_mut().filter(|wanted| wanted.created) {
                wanted.next_revision = wanted.next_revision.max(revision + 1);
            }
            return Some(WatchItem::Progress(revision));
        };
        let wanted = self.watches.get_mut(&number)?;
        if response.canceled {
            self.watches.remove(&number);
            return Some(match response.compact_revision {
                0 => WatchItem::Refused(response.cancel_reason),
                revision => WatchItem::Compacted(revision),
            });
        }
        if response.created {
            wanted.created = true;
            if wanted.next_revision == 0 {
                wanted.next_revision = revision + 1;
            }
            return None;
        }
        let Some(last) = response.events.last() else {
            wanted.next_revision = wanted.next_revision.max(revision + 1);
            return Some(WatchItem::Progress(revision));
        };
        // More of the same revision may follow a fragment.
        let covered = last.kv.mod_revision - i64::from(response.fragment);
        wanted.next_revision = wanted.next_revision.max(covered + 1);
        Some(WatchItem::Events(response.events))
    }

    /// Ends one watch. What came for it and was not taken yet is left out.
    pub fn cancel(&mut self, number: u32) {
        if let (Some(stream), Some(_)) = (self.stream, self.watches.remove(&number)) {
            self.world.lock().cancel_watch(self.node, stream, number);
        }
    }

    /// Asks the server how far it has come: the answer is a [`WatchItem::Progress`], if all watches are synced.
    pub fn request_progress(&self) {
        if let Some(stream) = self.stream {
            self.world.lock().watch_send(self.node, stream, WatchRequest::Progress);
        }
    }

    async fn resume(&mut self) {
        self.world.sleep(Duration::from_millis(RECONNECT_MS)).await;
        let mut state = self.world.lock();
        let Some(broken) = self.stream else { return };
        let mut before = BTreeMap::new();
        if let Some(open) = state.watch_stream(self.node, broken) {
            before = self.watches.keys().filter_map(|&n| Some((n, open.index_of(n)?))).collect();
        }
        state.close_watch_stream(self.node, broken);
        let stream = state.open_watch_stream(self.node);
        self.stream = Some(stream);
        for (&number, wanted) in &mut self.watches {
            wanted.created = false;
            let request =
                WatchCreateRequest { start_revision: wanted.next_revision, ..wanted.request.clone() };
            let resumes = before.get(&number).copied().filter(|_| wanted.next_revision > 0);
            state.watch(self.node, stream, number, request, resumes);
        }
    }
}

impl Drop for WatchStream {
    fn drop(&mut self) {
        if let Some(stream) = self.stream {
            self.world.lock().close_watch_stream(self.node, stream);
        }
    }
}
