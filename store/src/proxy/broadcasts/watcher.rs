//! A watch of a client, as its broadcast serves it.

use super::broadcast::Subject;
use crate::api::{Event, ResponseHeader, WatchCreateRequest, WatchResponse};
use crate::frame::ClientStream;
use crate::proxy::cx::Cx;
use crate::watch::{Selection, fragment_end};
use std::sync::Arc;

/// The number of a watcher in its proxy.
pub(in crate::proxy) type WatcherId = u64;

/// A watch of a client.
#[derive(Debug)]
pub(in crate::proxy) struct Watcher {
    stream: ClientStream,
    watch_id: i64,
    /// The first revision it wants; 0 if it began with the next event.
    start_revision: i64,
    /// Everything before it was told, or is not wanted; the broadcast knows the rest.
    next: i64,
    selection: Selection,
    fragment: bool,
    progress_notify: bool,
    /// It was sent events since the last round of progress notifications, so it needs none.
    told: bool,
    /// The revision of the last event that it was sent.
    last_event: i64,
}

/// A watcher without a broadcast, and what it watches.
#[derive(Debug)]
pub(in crate::proxy) struct Detached {
    pub watcher: Watcher,
    pub subject: Subject,
}

impl Watcher {
    /// A watch that was created when its broadcast went on at `next`.
    pub fn new(stream: ClientStream, watch_id: i64, create: &WatchCreateRequest, next: i64) -> Watcher {
        Watcher {
            stream,
            watch_id,
            start_revision: create.start_revision,
            next: if create.start_revision == 0 { next } else { create.start_revision },
            selection: Selection::of(create),
            fragment: create.fragment,
            progress_notify: create.progress_notify,
            told: false,
            last_event: 0,
        }
    }

    /// Its stream.
    pub fn stream(&self) -> ClientStream {
        self.stream
    }

    /// Its number on the stream.
    pub fn watch_id(&self) -> i64 {
        self.watch_id
    }

    /// The first revision it wants; 0 if it began with the next event.
    pub fn start_revision(&self) -> i64 {
        self.start_revision
    }

    /// The revision of the last event that it was sent.
    pub fn last_event(&self) -> i64 {
        self.last_event
    }

    /// The revision at which it goes on.
    pub fn next(&self) -> i64 {
        self.next
    }

    /// The selection of events it wants.
    pub fn selection(&self) -> Selection {
        self.selection
    }

    /// Notes that everything before `next` was told.
    pub fn advance(&mut self, next: i64) {
        self.next = self.next.max(next);
    }

    /// The revision from which progress may be told, if it was sent no events since the last round.
    pub fn silent_since(&self) -> Option<i64> {
        (!self.told).then(|| self.start_revision.max(self.last_event))
    }

    /// Begins a round of progress notifications; true if it is to be notified.
    pub fn begin_round(&mut self) -> bool {
        let silent = !std::mem::take(&mut self.told);
        self.progress_notify && silent
    }

    /// Sends events, in fragments if it asked for that.
    pub fn send(&mut self, cx: &mut Cx<'_>, events: Arc<[Event]>, header: &ResponseHeader) {
        let Some(last) = events.last() else { return };
        self.told = true;
        self.last_event = self.last_event.max(last.kv.mod_revision);
        let mut push = |events: Arc<[Event]>, fragment: bool| {
            let watch_id = self.watch_id;
            let response =
                WatchResponse { header: *header, watch_id, fragment, events, ..WatchResponse::default() };
            cx.send_watch(self.stream, response);
        };
        let mut rest = events;
        while self.fragment
            && let Some(end) = fragment_end(&rest)
        {
            push(rest[..end].into(), true);
            rest = rest[end..].into();
        }
        push(rest, false);
    }
}
