//! The watch streams of the clients. The requests of a client on one are served in order, and creations are
//! answered in order: so a client can tell these answers apart.
//!
//! - `stream`: one stream, its watches and its requests.
//! - `progress`: how far its watches have come.
//! - `news`: the effects of broadcasts on streams.
//! - `slow`: clients that do not take their responses.

mod news;
mod progress;
mod slow;
mod stream;

use super::broadcasts::{BroadcastId, Broadcasts, Refusal};
use super::cx::Cx;
use crate::api::{Token, WatchCreateRequest, WatchRequest, WatchResponse};
use crate::frame::{ClientStream, SessionId};
use std::collections::{BTreeMap, BTreeSet};
use stream::{Pending, Stream};

/// The reason that an id is refused (`server/etcdserver/api/v3rpc/watch.go`).
const DUPLICATE_ID: &str = "mvcc: duplicate watch ID provided on the WatchStream";

/// The watch streams of the clients. They are served by [`Broadcasts`].
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: BTreeMap<ClientStream, Stream>,
}

/// A client sent more requests on a stream than may wait for earlier ones.
#[derive(Debug)]
pub(super) struct TooManyRequests;

/// The outcome of a turn of a request.
enum Turn {
    Done,
    /// It waits for its broadcast to open.
    Waits(Pending),
}

impl Streams {
    /// Takes a request of a client. The first one on a stream opens it.
    pub fn request(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        key: ClientStream,
        request: WatchRequest,
        token: Option<Token>,
    ) -> Result<(), TooManyRequests> {
        let stream = self.open.entry(key).or_insert_with(|| Stream::new(cx, key));
        if stream.is_full() {
            return Err(TooManyRequests);
        }
        // A watch from the next event on may begin at once, even if earlier requests of the stream wait.
        let by = match &request {
            WatchRequest::Create(create) if create.start_revision == 0 => {
                Some(broadcasts.open_for(cx, key, create, &token))
            }
            _ => None,
        };
        stream.push(Pending { request, token, by, refused: None });
        self.advance(cx, broadcasts, key);
        Ok(())
    }

    /// Serves the requests of a stream, up to one that has to wait.
    fn advance(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream) {
        while let Some(pending) = self.open.get_mut(&key).and_then(Stream::next_request) {
            match &pending.request {
                WatchRequest::Cancel(cancel) => self.cancel(cx, broadcasts, key, cancel.watch_id),
                WatchRequest::Progress => self.ask_progress(cx, broadcasts, key),
                WatchRequest::Create(create) => {
                    let create = create.clone();
                    if let Turn::Waits(pending) = self.create(cx, broadcasts, key, &create, pending) {
                        if let Some(stream) = self.open.get_mut(&key) {
                            stream.put_back(pending);
                        }
                        return;
                    }
                }
            }
        }
    }

    fn create(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        key: ClientStream,
        create: &WatchCreateRequest,
        mut pending: Pending,
    ) -> Turn {
        let Some(stream) = self.open.get(&key) else { return Turn::Done };
        if let Some(refusal) = pending.refused.take() {
            stream.refuse(cx, refusal);
            return Turn::Done;
        }
        if create.watch_id != 0 && stream.has_watch(create.watch_id) {
            self.release(cx, broadcasts, key, pending.by);
            let refusal = Refusal { header: cx.upstream.header(), reason: DUPLICATE_ID.to_owned() };
            if let Some(stream) = self.open.get(&key) {
                stream.refuse(cx, refusal);
            }
            return Turn::Done;
        }
        // While the stream stalled, its broadcast may have told wanted events to others.
        if pending.by.is_some_and(|by| !broadcasts.still_serves(by, create)) {
            let passed = pending.by.take();
            self.release(cx, broadcasts, key, passed);
        }
        let by = match pending.by {
            Some(by) => by,
            None => broadcasts.place_new(cx, key, create, &pending.token),
        };
        pending.by = Some(by);
        if !broadcasts.is_open(by) {
            return Turn::Waits(pending);
        }
        self.begin(cx, broadcasts, key, create, by);
        Turn::Done
    }

    /// Begins a watch: its client is told so, and from now on its events.
    fn begin(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        key: ClientStream,
        create: &WatchCreateRequest,
        by: BroadcastId,
    ) {
        let Some(stream) = self.open.get_mut(&key) else { return };
        let watch_id = stream.take_id(create.watch_id);
        let (watcher, begins_after) = broadcasts.add_watcher(by, key, watch_id, create);
        stream.add_watch(watch_id, watcher);
        let mut header = cx.upstream.header();
        header.revision = begins_after.unwrap_or(header.revision);
        cx.send_watch(key, WatchResponse { header, watch_id, created: true, ..WatchResponse::default() });
        self.release(cx, broadcasts, key, Some(by));
        self.merge(cx, broadcasts, by);
    }

    /// Cancels a watch. As in etcd, canceling one that is not there has no answer.
    fn cancel(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream, watch_id: i64) {
        let removed = self.open.get_mut(&key).and_then(|stream| stream.remove_watch(watch_id));
        let Some(watcher) = removed else { return };
        let header = cx.upstream.header();
        cx.send_watch(key, WatchResponse { header, watch_id, canceled: true, ..WatchResponse::default() });
        // Only now may the others be told how far they have come: it may be further.
        let awaited = broadcasts.remove_watcher(cx, watcher);
        self.awaited_no_more(cx, broadcasts, awaited);
    }

    /// Closes a stream, if it is one of watches.
    pub fn close(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream) {
        let Some(stream) = self.open.remove(&key) else { return };
        let (requests, watchers) = stream.into_parts();
        for pending in requests {
            self.release(cx, broadcasts, key, pending.by);
        }
        for watcher in watchers {
            let awaited = broadcasts.remove_watcher(cx, watcher);
            self.awaited_no_more(cx, broadcasts, awaited);
        }
    }

    /// Closes the streams of a client that is gone.
    pub fn close_session(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, session: SessionId) {
        let (first, last) = (ClientStream { session, stream: 0 }, ClientStream { session, stream: u64::MAX });
        for key in self.open.range(first..=last).map(|(key, _)| *key).collect::<Vec<_>>() {
            self.close(cx, broadcasts, key);
        }
    }

    /// The sessions that have streams.
    pub fn sessions(&self) -> BTreeSet<SessionId> {
        self.open.keys().map(|key| key.session).collect()
    }

    /// Lets a stream wait for a broadcast to open no more, unless for another of its requests.
    fn release(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        key: ClientStream,
        by: Option<BroadcastId>,
    ) {
        let Some(by) = by else { return };
        if !self.open.get(&key).is_some_and(|stream| stream.waits_for(by)) {
            let awaited = broadcasts.release(cx, by, key);
            self.awaited_no_more(cx, broadcasts, awaited);
        }
    }
}
