//! Several watches on one stream, across broken connections and members that went away.

use super::watch::WatchOptions;
use super::{Client, WatchItem};
use crate::state::Shared;
use crate::trace::NodeName;
use revline_store::api::{WatchCreateRequest, WatchResponse};
use revline_store::bytes::Bytes;
use revline_store::client::WatchCursor;
use std::collections::BTreeMap;
use std::future::poll_fn;

/// Watches that share a stream. When it breaks, all of them go on at the next endpoint, each from the revision after
/// the last one that it covered; or the caller opens another one ([`Client::watch_stream_once`]).
pub struct WatchStream {
    world: Shared,
    node: NodeName,
    /// `None` as long as there is nothing to watch.
    stream: Option<u64>,
    /// Goes on by itself.
    resume: bool,
    watches: BTreeMap<u32, WatchCursor>,
    next_number: u32,
}

impl WatchStream {
    pub(super) fn new(client: &Client, resume: bool) -> WatchStream {
        WatchStream {
            world: client.world.clone(),
            node: client.node,
            stream: None,
            resume,
            watches: BTreeMap::new(),
            next_number: 0,
        }
    }

    /// Watches the keys in `[key, range_end)`, too: see [`revline_store::api::RangeRequest::range_end`]. Returns the
    /// number of the watch on this stream, from 0 on; none is used again.
    pub fn watch(
        &mut self,
        key: impl Into<Bytes>,
        range_end: impl Into<Bytes>,
        options: WatchOptions,
    ) -> u32 {
        self.watch_as(options.request(key.into(), range_end.into()))
    }

    /// As [`WatchStream::watch`], of a request as it is.
    pub(super) fn watch_as(&mut self, request: WatchCreateRequest) -> u32 {
        let number = self.next_number;
        self.next_number += 1;
        self.world.lock().with_client(self.node, |host, around| {
            let stream = *self.stream.get_or_insert_with(|| host.open_watch_stream(around, self.resume));
            host.watch(around, stream, number, request.clone());
        });
        self.watches.insert(number, WatchCursor::new(request));
        number
    }

    /// The next thing that came, and which watch it is for; what is for none in particular is
    /// [`WatchItem::Progress`] of all. `None` once there is no watch left, or the stream is over.
    pub async fn next(&mut self) -> Option<(Option<u32>, WatchItem)> {
        while !self.watches.is_empty() {
            let stream = self.stream?;
            let arrived = poll_fn(|context| {
                let waker = context.waker();
                let mut state = self.world.lock();
                state.with_client(self.node, |host, around| host.next_response(around, stream, waker))
            });
            let (number, response) = arrived.await?;
            if let Some(item) = self.took(number, response) {
                return Some((number, item));
            }
        }
        None
    }

    /// Moves the cursors on, and turns a response into an item.
    fn took(&mut self, number: Option<u32>, response: WatchResponse) -> Option<WatchItem> {
        match number {
            Some(number) => {
                self.watches.get_mut(&number)?.advance(&response);
                if response.canceled {
                    self.watches.remove(&number);
                }
            }
            None => self.watches.values_mut().for_each(|cursor| cursor.advance_with_stream(&response)),
        }
        WatchItem::of(response, number.is_none())
    }

    /// The first revision that a watch has not covered, as far as its items were taken; 0 if it has not begun.
    pub fn next_revision(&self, number: u32) -> Option<i64> {
        self.watches.get(&number).map(WatchCursor::next_revision)
    }

    /// Ends one watch. What came for it and was not taken yet is left out.
    pub fn cancel(&mut self, number: u32) {
        if let (Some(stream), Some(_)) = (self.stream, self.watches.remove(&number)) {
            let mut state = self.world.lock();
            state.with_client(self.node, |host, around| host.cancel_watch(around, stream, number));
        }
    }

    /// Waits until the server says that a watch which was ended ([`WatchStream::cancel`]) is over; false if the stream came to
    /// its end before. What comes for other watches in the meantime is to be taken after it.
    pub async fn canceled(&mut self, number: u32) -> bool {
        let Some(stream) = self.stream else { return false };
        poll_fn(|context| {
            let waker = context.waker();
            let mut state = self.world.lock();
            state.with_client(self.node, |host, _| host.is_cancel_confirmed(stream, number, waker))
        })
        .await
    }

    /// Asks the server how far it has come: the answer is a [`WatchItem::Progress`], if all watches are synced.
    pub fn request_progress(&self) {
        if let Some(stream) = self.stream {
            let mut state = self.world.lock();
            state.with_client(self.node, |host, around| host.request_progress(around, stream));
        }
    }
}

impl Drop for WatchStream {
    fn drop(&mut self) {
        if let Some(stream) = self.stream {
            let mut state = self.world.lock();
            state.with_client(self.node, |host, around| host.close_stream(around, stream));
        }
    }
}
