//! The watch streams of the clients. The requests of a client on one are served in order, and creations are
//! answered in order: so a client can tell these answers apart.

use super::broadcast::{BroadcastId, WatcherId};
use super::machine::{Proxy, send_down};
use super::{ProxyEvent, ProxyOutput};
use crate::api::{INVALID_WATCH_ID, ResponseHeader, Token, WatchCreateRequest, WatchRequest, WatchResponse};
use crate::frame::{ServerFrame, SessionId};
use crate::machine::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// A stream, by its client's session and its name there.
pub(super) type StreamKey = (SessionId, u64);

/// The most requests of a stream that may wait for earlier ones. A client that sends more is cut off.
const MAX_REQUESTS: usize = 10_000;

/// The reason that an id is refused (`server/etcdserver/api/v3rpc/watch.go`).
const DUPLICATE_ID: &str = "mvcc: duplicate watch ID provided on the WatchStream";

#[derive(Debug, Default)]
pub(super) struct Streams {
    pub open: BTreeMap<StreamKey, Stream>,
}

#[derive(Debug)]
pub(super) struct Stream {
    pub watches: BTreeMap<i64, WatcherId>,
    /// The next id to try for a watch that leaves the choice to the server. Never used twice.
    next_id: i64,
    requests: VecDeque<Pending>,
    /// The broadcasts that have yet to say how far they have come, if the client asked.
    pub progress: Option<BTreeSet<BroadcastId>>,
    /// The highest progress that was told.
    pub bookmark: i64,
    /// The time of the next progress notifications of watches that asked for them.
    pub progress_at: Time,
    /// Since when its client takes nothing.
    pub stalled_since: Option<Time>,
}

/// A request that waits for its turn, or for an answer from upstream.
#[derive(Debug)]
struct Pending {
    request: WatchRequest,
    token: Option<Token>,
    /// The upstream watch that is to serve it.
    by: Option<BroadcastId>,
    /// The refusal from upstream.
    refused: Option<(ResponseHeader, String)>,
}

enum Turn {
    Done,
    Waits,
}

impl Streams {
    pub fn of(&self, session: SessionId) -> Vec<StreamKey> {
        self.open.range((session, 0)..=(session, u64::MAX)).map(|(key, _)| *key).collect()
    }

    /// The sessions that have streams.
    pub fn sessions(&self) -> BTreeSet<SessionId> {
        self.open.keys().map(|(session, _)| *session).collect()
    }
}

impl Proxy {
    pub(super) fn watch_request(
        &mut self,
        session: SessionId,
        name: u64,
        request: WatchRequest,
        token: Option<Token>,
        out: &mut Vec<ProxyOutput>,
    ) {
        let key = (session, name);
        let progress_at = self.now + Duration::from_millis(self.config.progress_interval_ms);
        let stream = self.streams.open.entry(key).or_insert_with(|| Stream {
            watches: BTreeMap::new(),
            next_id: 0,
            requests: VecDeque::new(),
            progress: None,
            bookmark: 0,
            progress_at,
            stalled_since: None,
        });
        if stream.requests.len() == MAX_REQUESTS {
            return self.cut_off(session, out);
        }
        // A watch from the next event on may begin at once, even if earlier requests of the stream wait.
        let begins = match &request {
            WatchRequest::Create(create) if create.start_revision == 0 => Some(create.clone()),
            _ => None,
        };
        let by = begins.map(|create| self.open_for(key, &create, &token, out));
        if let Some(stream) = self.streams.open.get_mut(&key) {
            stream.requests.push_back(Pending { request, token, by, refused: None });
        }
        self.advance_stream(key, out);
    }

    /// Serves the requests of a stream, up to one that has to wait.
    pub(super) fn advance_stream(&mut self, key: StreamKey, out: &mut Vec<ProxyOutput>) {
        loop {
            let Some(stream) = self.streams.open.get_mut(&key) else { return };
            if stream.stalled_since.is_some() {
                return;
            }
            let Some(mut pending) = stream.requests.pop_front() else { return };
            match &pending.request {
                WatchRequest::Cancel(cancel) => self.cancel_watch(key, cancel.watch_id, out),
                WatchRequest::Progress => self.ask_progress(key, out),
                WatchRequest::Create(create) => {
                    let create = create.clone();
                    if let Turn::Waits = self.create(key, &create, &mut pending, out) {
                        if let Some(stream) = self.streams.open.get_mut(&key) {
                            stream.requests.push_front(pending);
                        }
                        return;
                    }
                }
            }
        }
    }

    fn create(
        &mut self,
        key: StreamKey,
        create: &WatchCreateRequest,
        pending: &mut Pending,
        out: &mut Vec<ProxyOutput>,
    ) -> Turn {
        if let Some((header, reason)) = pending.refused.take() {
            self.refuse(key, header, reason, out);
            return Turn::Done;
        }
        let Some(stream) = self.streams.open.get(&key) else { return Turn::Done };
        if create.watch_id != 0 && stream.watches.contains_key(&create.watch_id) {
            self.release(key, pending.by, out);
            self.refuse(key, self.links.header(), DUPLICATE_ID.to_owned(), out);
            return Turn::Done;
        }
        // While the stream stalled, its broadcast may have told wanted events to others.
        let serves = |by: &BroadcastId| {
            let broadcast = self.broadcasts.get(*by);
            broadcast.is_some_and(|open| create.start_revision == 0 || open.next <= create.start_revision)
        };
        let passed = pending.by.filter(|by| !serves(by));
        if passed.is_some() {
            pending.by = None;
            self.release(key, passed, out);
        }
        let by = match pending.by {
            Some(by) => by,
            None => match self.joinable(create, &pending.token) {
                Some(by) => {
                    let watchers =
                        self.broadcasts.get(by).map_or(0, |broadcast| broadcast.watchers.len()) + 1;
                    out.push(ProxyOutput::Event(ProxyEvent::Joined { watchers }));
                    by
                }
                None => self.open_for(key, create, &pending.token, out),
            },
        };
        pending.by = Some(by);
        if !self.broadcasts.get(by).is_some_and(|broadcast| broadcast.is_open()) {
            return Turn::Waits;
        }
        self.begin(key, create, by, out);
        Turn::Done
    }

    /// Begins a watch: its client is told so, and from now on its events.
    fn begin(
        &mut self,
        key: StreamKey,
        create: &WatchCreateRequest,
        by: BroadcastId,
        out: &mut Vec<ProxyOutput>,
    ) {
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        let id = stream.take_id(create.watch_id);
        let mut header = self.links.header();
        let watcher = self.broadcasts.add_watcher(by, key, id, create, &mut header);
        if let Some(stream) = self.streams.open.get_mut(&key) {
            stream.watches.insert(id, watcher);
        }
        let response = WatchResponse { header, watch_id: id, created: true, ..WatchResponse::default() };
        send_down(key.0, ServerFrame::Watch { stream: key.1, response }, out);
        self.release(key, Some(by), out);
        self.merge_with_others(by, out);
    }

    /// Notes that upstream refuses the watch that these streams wait for.
    pub(super) fn refused(
        &mut self,
        by: BroadcastId,
        waiting: BTreeSet<StreamKey>,
        header: ResponseHeader,
        reason: &str,
        out: &mut Vec<ProxyOutput>,
    ) {
        for key in waiting {
            if let Some(stream) = self.streams.open.get_mut(&key) {
                for pending in stream.requests.iter_mut().filter(|pending| pending.by == Some(by)) {
                    pending.refused = Some((header, reason.to_owned()));
                }
            }
            self.advance_stream(key, out);
        }
    }

    fn refuse(&self, key: StreamKey, header: ResponseHeader, reason: String, out: &mut Vec<ProxyOutput>) {
        let response = WatchResponse {
            header,
            watch_id: INVALID_WATCH_ID,
            created: true,
            canceled: true,
            cancel_reason: reason,
            ..WatchResponse::default()
        };
        send_down(key.0, ServerFrame::Watch { stream: key.1, response }, out);
    }

    /// Cancels a watch. As in etcd, canceling one that is not there has no answer.
    fn cancel_watch(&mut self, key: StreamKey, watch_id: i64, out: &mut Vec<ProxyOutput>) {
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        let Some(watcher) = stream.watches.remove(&watch_id) else { return };
        let header = self.links.header();
        let response = WatchResponse { header, watch_id, canceled: true, ..WatchResponse::default() };
        send_down(key.0, ServerFrame::Watch { stream: key.1, response }, out);
        // Only now may the others be told how far they have come: it may be further.
        self.forget_watcher(watcher, out);
    }

    pub(super) fn close_stream(&mut self, key: StreamKey, out: &mut Vec<ProxyOutput>) {
        let Some(stream) = self.streams.open.remove(&key) else { return };
        for pending in stream.requests {
            self.release(key, pending.by, out);
        }
        for watcher in stream.watches.into_values() {
            self.forget_watcher(watcher, out);
        }
    }

    /// A stream does not wait for a broadcast any more, unless for another of its requests.
    fn release(&mut self, key: StreamKey, by: Option<BroadcastId>, out: &mut Vec<ProxyOutput>) {
        let Some(by) = by else { return };
        let waits = self
            .streams
            .open
            .get(&key)
            .is_some_and(|stream| stream.requests.iter().any(|pending| pending.by == Some(by)));
        if !waits && let Some(broadcast) = self.broadcasts.get_mut(by) {
            broadcast.waiting.remove(&key);
            self.retire_if_idle(by, out);
        }
    }
}

impl Stream {
    /// The id that was asked for, or the next free one for 0.
    fn take_id(&mut self, wanted: i64) -> i64 {
        if wanted != 0 {
            return wanted;
        }
        while self.watches.contains_key(&self.next_id) {
            self.next_id += 1;
        }
        self.next_id += 1;
        self.next_id - 1
    }
}
