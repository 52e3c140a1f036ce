//! A watch stream of a client.

use super::progress::Progress;
use crate::api::{INVALID_WATCH_ID, ResponseHeader, Token, WatchRequest, WatchResponse};
use crate::frame::ClientStream;
use crate::machine::Time;
use crate::proxy::broadcasts::{BroadcastId, Broadcasts, Detached, Refusal, WatcherId};
use crate::proxy::cx::Cx;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The most requests of a stream that may wait for earlier ones. A client that sends more is cut off.
const MAX_REQUESTS: usize = 10_000;

/// A watch stream of a client.
#[derive(Debug)]
pub(super) struct Stream {
    key: ClientStream,
    watches: BTreeMap<i64, WatcherId>,
    /// The next id to try for a watch that leaves the choice to the server. Never used twice.
    next_id: i64,
    requests: VecDeque<Pending>,
    progress: Progress,
    stall: Option<Stall>,
}

/// A request that waits for its turn, or for an answer from upstream.
#[derive(Debug)]
pub(super) struct Pending {
    pub request: WatchRequest,
    pub token: Option<Token>,
    /// The broadcast that is to serve it.
    pub by: Option<BroadcastId>,
    /// The refusal from upstream.
    pub refused: Option<Refusal>,
}

/// A time in which a client does not take its responses.
#[derive(Debug)]
struct Stall {
    since: Time,
    /// The watchers, which have left their broadcasts.
    watchers: BTreeMap<WatcherId, Detached>,
}

impl Stream {
    /// A stream without watches.
    pub fn new(cx: &Cx<'_>, key: ClientStream) -> Stream {
        Stream {
            key,
            watches: BTreeMap::new(),
            next_id: 0,
            requests: VecDeque::new(),
            progress: Progress::new(cx),
            stall: None,
        }
    }

    /// Returns true if no more requests may wait.
    pub fn is_full(&self) -> bool {
        self.requests.len() == MAX_REQUESTS
    }

    /// Lets a request wait for its turn.
    pub fn push(&mut self, pending: Pending) {
        self.requests.push_back(pending);
    }

    /// Takes the next request; none while the stream is stalled.
    pub fn next_request(&mut self) -> Option<Pending> {
        if self.stall.is_some() { None } else { self.requests.pop_front() }
    }

    /// Lets a request wait for an answer from upstream, before all others.
    pub fn put_back(&mut self, pending: Pending) {
        self.requests.push_front(pending);
    }

    /// Returns true if a request waits for a broadcast.
    pub fn waits_for(&self, by: BroadcastId) -> bool {
        self.requests.iter().any(|pending| pending.by == Some(by))
    }

    /// Notes that upstream refuses the watch of a broadcast.
    pub fn refused(&mut self, by: BroadcastId, refusal: &Refusal) {
        for pending in self.requests.iter_mut().filter(|pending| pending.by == Some(by)) {
            pending.refused = Some(refusal.clone());
        }
    }

    /// Returns true if a watch has this id.
    pub fn has_watch(&self, watch_id: i64) -> bool {
        self.watches.contains_key(&watch_id)
    }

    /// The id that was asked for, or the next free one for 0.
    pub fn take_id(&mut self, wanted: i64) -> i64 {
        if wanted != 0 {
            return wanted;
        }
        while self.watches.contains_key(&self.next_id) {
            self.next_id += 1;
        }
        self.next_id += 1;
        self.next_id - 1
    }

    /// Begins a watch.
    pub fn add_watch(&mut self, watch_id: i64, watcher: WatcherId) {
        self.watches.insert(watch_id, watcher);
    }

    /// Ends a watch.
    pub fn remove_watch(&mut self, watch_id: i64) -> Option<WatcherId> {
        self.watches.remove(&watch_id)
    }

    /// The watchers of its watches.
    pub fn watchers(&self) -> impl Iterator<Item = &WatcherId> {
        self.watches.values()
    }

    /// Refuses to create a watch.
    pub fn refuse(&self, cx: &mut Cx<'_>, refusal: Refusal) {
        let response = WatchResponse {
            header: refusal.header,
            watch_id: INVALID_WATCH_ID,
            created: true,
            canceled: true,
            cancel_reason: refusal.reason,
            ..WatchResponse::default()
        };
        cx.send_watch(self.key, response);
    }

    /// The progress of its watches.
    pub fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// Waits for the progress of a broadcast no longer. If it was the last one awaited, the client is told how far all
    /// watches have come; one that does not take its responses asks again when it does.
    pub fn arrived(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        by: BroadcastId,
        header: ResponseHeader,
    ) {
        if self.progress.arrived(by) && self.stall.is_none() {
            self.progress.tell(cx, broadcasts, self.key, &self.watches, header);
        }
    }

    /// Returns true if its client took nothing for this long.
    pub fn is_stalled_for(&self, now: Time, patience: Duration) -> bool {
        self.stall.as_ref().is_some_and(|stall| now - stall.since >= patience)
    }

    /// The number of its watchers that wait until its client takes its responses.
    pub fn parked(&self) -> usize {
        self.stall.as_ref().map_or(0, |stall| stall.watchers.len())
    }

    /// Parks watchers, because the client does not take its responses.
    pub fn stall(&mut self, now: Time, watchers: impl IntoIterator<Item = (WatcherId, Detached)>) {
        let stall = self.stall.get_or_insert_with(|| Stall { since: now, watchers: BTreeMap::new() });
        stall.watchers.extend(watchers);
    }

    /// Ends a stall; returns the parked watchers, in the order of their watches.
    pub fn flow(&mut self) -> Option<Vec<(WatcherId, Detached)>> {
        let mut stall = self.stall.take()?;
        let parked = self.watches.values().filter_map(|id| Some((*id, stall.watchers.remove(id)?)));
        Some(parked.collect())
    }

    /// Gives its requests and its watchers, because it is closed.
    pub fn into_parts(self) -> (VecDeque<Pending>, impl Iterator<Item = WatcherId>) {
        (self.requests, self.watches.into_values())
    }
}
