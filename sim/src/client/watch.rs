//! Watching, across broken streams and members that went away.

use super::Client;
use crate::state::Shared;
use crate::trace::NodeName;
use madsim::time::{Duration, sleep};
use revline_store::api::{Event, FilterType, WatchCreateRequest, WatchRequest};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// How long a watcher waits before it tries the next endpoint.
const RECONNECT_MS: u64 = 50;

/// How to watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchOptions {
    /// The first revision to deliver; 0 means from now on.
    pub start_revision: i64,
    /// Deliver the value before each event, too.
    pub prev_kv: bool,
    /// Deliver deletes only.
    pub no_put: bool,
}

/// What a watch delivered.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchItem {
    /// Events, in order, all of one revision together.
    Events(Arc<[Event]>),
    /// Nothing happened up to this revision that was not delivered.
    Progress(i64),
    /// The watch is over: what it wanted next was compacted. Start again from here.
    Compacted(i64),
    /// The watch is over: the server refused it.
    Refused(String),
}

/// A watch that goes on at the next endpoint when its stream breaks, from the revision after the last one
/// that it covered.
pub struct Watcher {
    world: Shared,
    node: NodeName,
    request: WatchCreateRequest,
    watch: u64,
    /// The first revision not covered yet; 0 while the server has not said where the watch begins.
    next_revision: i64,
    over: bool,
}

impl Client {
    /// Watches the keys in `[key, range_end)`: see [`revline_store::api::RangeRequest::range_end`].
    pub async fn watch(
        &self,
        key: impl Into<revline_store::bytes::Bytes>,
        range_end: impl Into<revline_store::bytes::Bytes>,
        options: WatchOptions,
    ) -> Watcher {
        let request = WatchCreateRequest {
            key: key.into(),
            range_end: range_end.into(),
            start_revision: options.start_revision,
            prev_kv: options.prev_kv,
            filters: if options.no_put { vec![FilterType::NoPut] } else { Vec::new() },
            ..WatchCreateRequest::default()
        };
        let watch = self.world.lock().watch(self.node, request.clone(), None);
        Watcher {
            world: self.world.clone(),
            node: self.node,
            next_revision: request.start_revision,
            request,
            watch,
            over: false,
        }
    }
}

impl Watcher {
    /// The next thing the watch delivers; `None` once it is over.
    pub async fn next(&mut self) -> Option<WatchItem> {
        while !self.over {
            let arrived = poll_fn(|context| {
                let mut state = self.world.lock();
                let Some(open) = state.open_watch(self.node, self.watch) else { return Poll::Ready(None) };
                match open.arrived.pop_front() {
                    Some(response) => Poll::Ready(Some(response)),
                    None if open.ended => Poll::Ready(None),
                    None => {
                        open.wait(context.waker());
                        Poll::Pending
                    }
                }
            })
            .await;
            let Some(response) = arrived else {
                self.resume().await;
                continue;
            };
            if response.canceled {
                self.over = true;
                return Some(match response.compact_revision {
                    0 => WatchItem::Refused(response.cancel_reason),
                    revision => WatchItem::Compacted(revision),
                });
            }
            if response.created {
                self.next_revision = match self.next_revision {
                    0 => response.header.revision + 1,
                    wanted => wanted,
                };
                continue;
            }
            if let Some(last) = response.events.last() {
                self.next_revision = self.next_revision.max(last.kv.mod_revision + 1);
                return Some(WatchItem::Events(response.events));
            }
            self.next_revision = self.next_revision.max(response.header.revision + 1);
            return Some(WatchItem::Progress(response.header.revision));
        }
        None
    }

    /// Asks the server how far it has come: the answer is a [`WatchItem::Progress`], if the watch is synced.
    pub fn request_progress(&self) {
        self.world.lock().watch_send(self.node, self.watch, WatchRequest::Progress);
    }

    async fn resume(&mut self) {
        sleep(Duration::from_millis(RECONNECT_MS)).await;
        let mut state = self.world.lock();
        let before = state.open_watch(self.node, self.watch).map(|open| open.index as u64);
        state.close_watch(self.node, self.watch);
        let request = WatchCreateRequest { start_revision: self.next_revision, ..self.request.clone() };
        let resumes = before.filter(|_| self.next_revision > 0);
        self.watch = state.watch(self.node, request, resumes);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.world.lock().close_watch(self.node, self.watch);
    }
}
