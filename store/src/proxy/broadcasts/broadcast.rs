//! One upstream watch, and its watchers.

use super::BroadcastId;
use super::watcher::{Detached, Watcher, WatcherId};
use crate::api::{Event, ResponseHeader, Token, WatchCreateRequest, WatchRequest, WatchResponse};
use crate::bytes::Bytes;
use crate::defect::altered;
use crate::frame::{ClientFrame, ClientStream};
use crate::key_range::KeyRange;
use crate::machine::Time;
use crate::proxy::cx::Cx;
use crate::watch::Selection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// A question that was not answered is put again after this time, in milliseconds: a member does not answer as long as it
/// has something left to tell.
const ASK_AGAIN_MS: u64 = 200;

/// The user and the range of a broadcast: watches of different users never share one upstream, because each may be
/// allowed something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::proxy) struct Subject {
    token: Option<Token>,
    key: Bytes,
    range_end: Bytes,
}

impl Subject {
    /// The user and the range of a create request.
    pub fn new(create: &WatchCreateRequest, token: &Option<Token>) -> Subject {
        let key = if create.key.is_empty() { Bytes::from(b"\0") } else { create.key.clone() };
        Subject { token: token.clone(), key, range_end: create.range_end.clone() }
    }
}

/// An upstream watch, and its watchers.
#[derive(Debug)]
pub(super) struct Broadcast {
    subject: Subject,
    range: KeyRange,
    /// Its stream on the connection in use, if there is one.
    stream: Option<u64>,
    /// The revision at which the endpoint in use created it; `None` until it did the first time.
    created_at: Option<i64>,
    /// The endpoint in use has yet to say that it created it.
    opening: bool,
    /// Every revision before it was told, or is not wanted; 0 of one that begins with the next event and is not open.
    next: i64,
    watchers: BTreeMap<WatcherId, Watcher>,
    /// Streams that wait for it to open.
    waiting: BTreeSet<ClientStream>,
    /// Streams that wait to hear how far it has come.
    progress_for: BTreeSet<ClientStream>,
    /// Watchers that asked to hear from time to time how far it has come, and are to.
    notify: BTreeSet<WatcherId>,
    asked_at: Option<Time>,
    heard_at: Time,
}

/// The end of a wait: these streams wait no longer to hear how far a broadcast has come.
#[derive(Debug)]
pub(in crate::proxy) struct Awaited {
    pub by: BroadcastId,
    pub streams: BTreeSet<ClientStream>,
    pub header: ResponseHeader,
}

/// A revision up to which a broadcast was told everything.
#[derive(Debug)]
pub(in crate::proxy) struct Reached {
    /// Progress notifications that are due: the stream, the watch, and the revision from which it may be told.
    pub notify: Vec<(ClientStream, i64, i64)>,
    pub awaited: Awaited,
}

/// The remains of a broadcast whose upstream watch has ended.
#[derive(Debug)]
pub(super) struct Remains {
    /// Its watchers that end with it.
    pub watchers: BTreeMap<WatcherId, Watcher>,
    /// Its watchers that go on elsewhere.
    pub survivors: Vec<(WatcherId, Detached)>,
    /// Streams that waited for it to open.
    pub waiting: BTreeSet<ClientStream>,
    /// Streams that waited to hear how far it has come.
    pub progress_for: BTreeSet<ClientStream>,
}

impl Broadcast {
    /// A broadcast whose upstream watch is still to be opened, at `next`.
    pub fn new(subject: Subject, next: i64, now: Time) -> Broadcast {
        Broadcast {
            range: KeyRange::new(&subject.key, &subject.range_end),
            subject,
            stream: None,
            created_at: None,
            opening: true,
            next,
            watchers: BTreeMap::new(),
            waiting: BTreeSet::new(),
            progress_for: BTreeSet::new(),
            notify: BTreeSet::new(),
            asked_at: None,
            heard_at: now,
        }
    }

    /// The user and the range.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The revision at which it goes on.
    pub fn next(&self) -> i64 {
        self.next
    }

    /// Its watchers.
    pub fn watchers(&self) -> &BTreeMap<WatcherId, Watcher> {
        &self.watchers
    }

    /// Returns true if upstream created it once.
    pub fn is_open(&self) -> bool {
        self.created_at.is_some()
    }

    /// Returns true if it is told events as they happen.
    fn has_caught_up(&self) -> bool {
        !self.opening && self.created_at.is_some_and(|created_at| self.next > created_at)
    }

    /// Returns true if a watcher that goes on at `next` may join it as it is: it has told no event from there on.
    pub fn may_join(&self, next: i64) -> bool {
        self.has_caught_up() && self.next <= next
    }

    /// Returns true if its watchers may move to another one of its subject, which tells events as they happen and told
    /// none yet that they want. Of two at the same place, the later one moves.
    pub fn may_move_to(&self, into: &Broadcast, is_later: bool) -> bool {
        let met = self.next > into.next || (self.next == into.next && (is_later || !self.has_caught_up()));
        self.is_open() && self.waiting.is_empty() && into.has_caught_up() && met
    }

    /// Returns true if every change of a range after `revision` is still to come on it, for any user.
    pub fn covers(&self, range: &KeyRange, revision: i64) -> bool {
        self.subject.token.is_none() && self.may_join(revision + 1) && covers(&self.range, range)
    }

    /// Opens the upstream watch where it goes on, on the connection in use; returns the number of the stream.
    pub fn open(&mut self, cx: &mut Cx<'_>) -> Option<u64> {
        if cx.upstream.is_down() {
            return None;
        }
        let stream = cx.upstream.next_stream();
        self.stream = Some(stream);
        self.opening = true;
        self.heard_at = cx.now;
        let Subject { token, key, range_end } = self.subject.clone();
        let create = WatchCreateRequest {
            key,
            range_end,
            start_revision: self.next,
            progress_notify: true,
            prev_kv: true,
            ..WatchCreateRequest::default()
        };
        cx.send_up(ClientFrame::Watch { stream, request: WatchRequest::Create(create), token });
        Some(stream)
    }

    /// Notes that the connection of its stream is gone.
    pub fn suspend(&mut self) {
        self.stream = None;
        self.opening = true;
        self.asked_at = None;
    }

    /// Takes its stream, which is at an end.
    pub fn take_stream(&mut self) -> Option<u64> {
        self.stream.take()
    }

    /// Notes that a response came.
    pub fn heard(&mut self, now: Time) {
        self.heard_at = now;
    }

    /// Notes that upstream created it. Returns the streams that waited for that, and true if its progress is awaited.
    pub fn created(&mut self, cx: &mut Cx<'_>, response: &WatchResponse) -> (BTreeSet<ClientStream>, bool) {
        self.opening = false;
        self.created_at = Some(response.header.revision);
        if self.next == 0 {
            self.next = response.header.revision + 1;
        }
        altered!(
            cx.config.defects,
            proxy_created_resent::send_again(
                self.watchers.values().map(|watcher| (watcher.stream(), watcher.watch_id())),
                response,
                |stream, response| cx.send_watch(stream, response)
            ),
            ()
        );
        (self.waiting.clone(), self.is_awaited())
    }

    fn is_awaited(&self) -> bool {
        !self.progress_for.is_empty() || !self.notify.is_empty()
    }

    /// Tells its watchers of events, prepared once for each way of wanting them.
    pub fn deliver(&mut self, cx: &mut Cx<'_>, events: &Arc<[Event]>, header: &ResponseHeader) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let (first, last) = (first.kv.mod_revision, last.kv.mod_revision);
        debug_assert!(last >= self.next || self.next == 0, "an upstream watch goes back");
        self.next = self.next.max(last + 1);
        let mut selected: BTreeMap<(usize, i64), Arc<[Event]>> = BTreeMap::new();
        for watcher in self.watchers.values_mut() {
            let from = if watcher.next() > first { watcher.next() } else { 0 };
            let events = selected
                .entry((watcher.selection().index(), from))
                .or_insert_with(|| select(events, watcher.selection(), from));
            watcher.send(cx, events.clone(), header);
        }
    }

    /// Returns true if it is time to ask upstream how far it has come: soon if that is awaited.
    pub fn is_question_due(&self, cx: &Cx<'_>) -> bool {
        let eager = self.is_awaited() || !self.has_caught_up();
        let interval_ms = if eager { ASK_AGAIN_MS } else { cx.config.position_ms };
        let since = self.asked_at.unwrap_or(self.heard_at);
        !self.opening && cx.now - since >= Duration::from_millis(interval_ms)
    }

    /// Asks upstream how far it has come. An upstream watch that has ended told everything it ever will.
    pub fn ask_position(&mut self, cx: &mut Cx<'_>, by: BroadcastId) -> Option<Reached> {
        if self.opening || cx.upstream.is_down() {
            return None;
        }
        self.asked_at = Some(cx.now);
        let Some(stream) = self.stream else { return Some(self.reached(by, cx.upstream.header())) };
        let token = self.subject.token.clone();
        cx.send_up(ClientFrame::Watch { stream, request: WatchRequest::Progress, token });
        None
    }

    /// Notes that it was told everything up to the revision of a header.
    pub fn reached(&mut self, by: BroadcastId, header: ResponseHeader) -> Reached {
        self.asked_at = None;
        self.next = self.next.max(header.revision + 1);
        let notify = std::mem::take(&mut self.notify);
        let notify = notify.iter().filter_map(|id| {
            let watcher = self.watchers.get(id)?;
            Some((watcher.stream(), watcher.watch_id(), watcher.silent_since()?))
        });
        let notify = notify.collect();
        let streams = std::mem::take(&mut self.progress_for);
        Reached { notify, awaited: Awaited { by, streams, header } }
    }

    /// Lets a stream wait to hear how far it has come.
    pub fn await_progress(&mut self, stream: ClientStream, asked_at: Option<Time>) {
        self.progress_for.insert(stream);
        self.asked_at = asked_at;
    }

    /// Lets a stream wait for it to open.
    pub fn await_open(&mut self, stream: ClientStream) {
        self.waiting.insert(stream);
    }

    /// Lets a stream wait no longer for it to open.
    pub fn release(&mut self, stream: ClientStream) {
        self.waiting.remove(&stream);
    }

    /// Returns true if it has neither watchers nor streams that wait for it to open.
    pub fn is_idle(&self) -> bool {
        self.watchers.is_empty() && self.waiting.is_empty()
    }

    /// Takes the streams that wait to hear how far it has come.
    pub fn take_progress_for(&mut self) -> BTreeSet<ClientStream> {
        std::mem::take(&mut self.progress_for)
    }

    /// Takes a watcher in.
    pub fn add(&mut self, id: WatcherId, watcher: Watcher) {
        self.watchers.insert(id, watcher);
    }

    /// Removes a watcher, which goes on after everything that was told.
    pub fn remove(&mut self, id: WatcherId) -> Option<Detached> {
        self.notify.remove(&id);
        let mut watcher = self.watchers.remove(&id)?;
        watcher.advance(self.next);
        Some(Detached { watcher, subject: self.subject.clone() })
    }

    /// Lets a stream wait no longer to hear how far it has come.
    pub fn await_progress_no_more(&mut self, stream: ClientStream) {
        self.progress_for.remove(&stream);
    }

    /// Begins a round of progress notifications for a watcher.
    pub fn begin_round(&mut self, id: WatcherId) {
        if self.watchers.get_mut(&id).is_some_and(Watcher::begin_round) {
            self.notify.insert(id);
        }
    }

    /// Takes over everything from another broadcast of its subject. Returns the ids of its watchers, the streams that
    /// wait for its progress, and true if that is awaited at all.
    pub fn absorb(&mut self, mut from: Broadcast) -> (Vec<WatcherId>, BTreeSet<ClientStream>, bool) {
        let moved = from.watchers.keys().copied().collect();
        for (id, mut watcher) in std::mem::take(&mut from.watchers) {
            watcher.advance(from.next);
            self.watchers.insert(id, watcher);
        }
        let is_awaited = from.is_awaited();
        let streams = from.progress_for.clone();
        self.progress_for.append(&mut from.progress_for);
        self.notify.append(&mut from.notify);
        (moved, streams, is_awaited)
    }

    /// Gives up everything, because the upstream watch has ended. If that is because its next revision was compacted
    /// (`compacted > 0`), watchers that want only later revisions survive.
    pub fn end(&mut self, compacted: i64) -> Remains {
        self.notify.clear();
        let mut watchers = std::mem::take(&mut self.watchers);
        let survives = |watcher: &mut Watcher| compacted > 0 && watcher.next().max(self.next) >= compacted;
        let survivors = watchers.extract_if(.., |_, watcher| survives(watcher));
        let survivors = survivors
            .map(|(id, watcher)| (id, Detached { watcher, subject: self.subject.clone() }))
            .collect();
        Remains {
            watchers,
            survivors,
            waiting: std::mem::take(&mut self.waiting),
            progress_for: self.take_progress_for(),
        }
    }
}

/// The events of one response that a watch wants.
fn select(events: &Arc<[Event]>, selection: Selection, from: i64) -> Arc<[Event]> {
    let wanted = |event: &Event| event.kv.mod_revision >= from && selection.admits(event.event_type);
    if selection.prev_kv && events.iter().all(wanted) {
        return events.clone();
    }
    let bare = |event: &Event| Event { prev_kv: None, ..event.clone() };
    let as_asked = |event: &Event| if selection.prev_kv { event.clone() } else { bare(event) };
    events.iter().filter(|event| wanted(event)).map(as_asked).collect()
}

/// Returns true if every key of one range is in another.
fn covers(outer: &KeyRange, inner: &KeyRange) -> bool {
    match (outer, inner) {
        (_, KeyRange::One(key)) => outer.contains(key),
        (KeyRange::One(_), KeyRange::Span { .. }) => false,
        (KeyRange::Span { start, end }, KeyRange::Span { start: from, end: to }) => {
            start <= from
                && match (end, to) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(end), Some(to)) => to <= end,
                }
        }
    }
}
