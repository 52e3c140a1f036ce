//! The hub: streams, their watches, and what happens when keys change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::progress::ProgressTimer;
use super::range_map::RangeMap;
use super::send::send_events;
use super::watcher::{Selection, Watcher};
use crate::api::{Event, INVALID_WATCH_ID, ResponseHeader, WatchCreateRequest, WatchRequest, WatchResponse};
use crate::bytes::Bytes;
use crate::defect::Defects;
use crate::error::Error;
use crate::key_range::KeyRange;
use crate::mvcc::Store;

/// One watch stream of one client, named by whoever hosts the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId(pub u64);

/// All watches of a member. It reads the store it is given, and must be given the same one always.
///
/// Responses are pushed in the order in which they must reach each stream. Their headers carry only a
/// revision.
#[derive(Debug)]
pub struct Hub {
    pub(super) defects: Defects,
    /// Synced watchers have been told everything up to here.
    pub(super) revision: i64,
    pub(super) streams: BTreeMap<StreamId, Stream>,
    /// By slot. Slots are used again.
    watchers: Vec<Option<Watcher>>,
    free_slots: Vec<usize>,
    pub(super) synced: RangeMap<usize>,
    pub(super) unsynced: BTreeSet<usize>,
    /// The slot at which the next catch-up pass begins, so that all get their turn.
    pub(super) next_slot: usize,
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Slots by watch id.
    pub watches: BTreeMap<i64, usize>,
    /// The next id to try for a watch that leaves the choice to the server. Never used twice.
    next_id: i64,
    pub progress_timer: ProgressTimer,
}

impl Hub {
    /// A hub without streams, for a store that is at `revision`.
    pub fn new(defects: Defects, revision: i64) -> Self {
        Hub {
            defects,
            revision,
            streams: BTreeMap::new(),
            watchers: Vec::new(),
            free_slots: Vec::new(),
            synced: RangeMap::default(),
            unsynced: BTreeSet::new(),
            next_slot: 0,
        }
    }

    /// A client opened a stream. Progress notifications come every `progress_interval_ms`, which is
    /// [`super::PROGRESS_INTERVAL_MS`] and some jitter of the caller's.
    pub fn open_stream(&mut self, stream: StreamId, now_ms: u64, progress_interval_ms: u64) {
        let progress_timer = ProgressTimer::new(now_ms, progress_interval_ms);
        let fresh = Stream { watches: BTreeMap::new(), next_id: 0, progress_timer };
        let previous = self.streams.insert(stream, fresh);
        debug_assert!(previous.is_none(), "stream ids are not used twice");
    }

    /// The stream broke or its client is gone: its watches end without a word.
    pub fn close_stream(&mut self, stream: StreamId) {
        if let Some(closed) = self.streams.remove(&stream) {
            for slot in closed.watches.into_values() {
                self.remove_watcher(slot);
            }
        }
    }

    /// A client sent a request on its stream. On a stream that is not open it has no effect.
    pub fn handle(
        &mut self,
        stream: StreamId,
        request: &WatchRequest,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        if !self.streams.contains_key(&stream) {
            return;
        }
        match request {
            WatchRequest::Create(create) => match self.create(stream, create, store) {
                Ok(watch_id) => {
                    let header = ResponseHeader::at(store.revision());
                    let created =
                        WatchResponse { header, watch_id, created: true, ..WatchResponse::default() };
                    out.push((stream, created));
                }
                Err(refusal) => Hub::refuse(stream, refusal.to_string(), store, out),
            },
            WatchRequest::Cancel(cancel) => self.cancel(stream, cancel.watch_id, store, out),
            WatchRequest::Progress => self.answer_progress_request(stream, out),
        }
    }

    /// Answers a create request that the member refuses, for instance for want of permission.
    pub fn refuse(stream: StreamId, reason: String, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        let refusal = WatchResponse {
            header: ResponseHeader::at(store.revision()),
            watch_id: INVALID_WATCH_ID,
            created: true,
            canceled: true,
            cancel_reason: reason,
            ..WatchResponse::default()
        };
        out.push((stream, refusal));
    }

    /// The store applied a request that made these changes and is now at `revision`. To be called for
    /// every such request, in order.
    pub fn notify(
        &mut self,
        store: &Store,
        revision: i64,
        events: &[Event],
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        debug_assert!(revision >= self.revision);
        for same_revision in events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
            self.notify_one_revision(store, same_revision, out);
        }
        self.revision = self.revision.max(revision);
    }

    /// The store was replaced by that of a snapshot. Nothing is known to have been told from the gap.
    pub fn restored(&mut self, store: &Store) {
        for slot in 0..self.watchers.len() {
            let Some(watcher) = self.watchers[slot].as_mut().filter(|watcher| watcher.synced) else {
                continue;
            };
            // It was told everything so far; one that waits for a later revision goes on doing so.
            watcher.next_revision = watcher.next_revision.max(self.revision + 1);
            watcher.synced = false;
            self.synced.remove(&watcher.range, &slot);
            self.unsynced.insert(slot);
        }
        self.revision = self.revision.max(store.revision());
    }

    /// All watches: whose, which, and the key and range end that it was asked for with.
    pub fn watches(&self) -> impl Iterator<Item = (StreamId, i64, (Bytes, Bytes))> {
        let watchers = self.watchers.iter().flatten();
        watchers.map(|watcher| (watcher.stream, watcher.id, watcher.range.fields()))
    }

    /// How many watches there are.
    pub fn watcher_count(&self) -> usize {
        self.watchers.len() - self.free_slots.len()
    }

    /// How many of them are not told of changes as they happen, but by [`Hub::pass`].
    pub fn unsynced_count(&self) -> usize {
        self.unsynced.len()
    }

    fn notify_one_revision(
        &mut self,
        store: &Store,
        events: &[Event],
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(revision) = events.first().map(|event| event.kv.mod_revision) else { return };
        let Hub { watchers, synced, defects, .. } = self;
        for (slots, events) in synced.concerned_by_events(events) {
            let mut batch = Batch::new(store, events);
            for slot in slots {
                let Some(watcher) = watchers[*slot].as_mut() else { continue };
                if watcher.next_revision <= revision {
                    let events = batch.select(watcher.selection);
                    send_events(watcher, events, revision, *defects, out);
                }
            }
        }
    }

    fn create(
        &mut self,
        stream_id: StreamId,
        request: &WatchCreateRequest,
        store: &Store,
    ) -> Result<i64, Refusal> {
        if request.start_revision < 0 {
            return Err(Refusal::NegativeStart);
        }
        let key = if request.key.is_empty() { Bytes::from(b"\0") } else { request.key.clone() };
        let range = KeyRange::new(&key, &request.range_end);
        if range.is_empty() {
            return Err(Refusal::EmptyRange);
        }
        let slot = self.free_slots.last().copied().unwrap_or(self.watchers.len());
        let Some(stream) = self.streams.get_mut(&stream_id) else { return Err(Refusal::EmptyRange) };
        let id = stream.take_id(request.watch_id)?;
        stream.watches.insert(id, slot);

        let synced = request.start_revision == 0 || request.start_revision > store.revision();
        if synced {
            self.synced.insert(&range, slot);
        } else {
            self.unsynced.insert(slot);
        }
        let watcher = Watcher {
            stream: stream_id,
            id,
            range,
            start_revision: request.start_revision,
            next_revision: if synced {
                request.start_revision.max(store.revision() + 1)
            } else {
                request.start_revision
            },
            selection: Selection::of(request),
            fragment: request.fragment,
            progress_notify: request.progress_notify,
            sent_events: false,
            synced,
        };
        match self.free_slots.pop() {
            Some(slot) => self.watchers[slot] = Some(watcher),
            None => self.watchers.push(Some(watcher)),
        }
        Ok(id)
    }

    fn cancel(
        &mut self,
        stream: StreamId,
        watch_id: i64,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let slot = self.streams.get_mut(&stream).and_then(|stream| stream.watches.remove(&watch_id));
        if let Some(slot) = slot {
            self.remove_watcher(slot);
            let header = ResponseHeader::at(store.revision());
            let canceled = WatchResponse { header, watch_id, canceled: true, ..WatchResponse::default() };
            out.push((stream, canceled));
        }
    }

    pub(super) fn watcher(&self, slot: usize) -> Option<&Watcher> {
        self.watchers.get(slot).and_then(Option::as_ref)
    }

    pub(super) fn watcher_mut(&mut self, slot: usize) -> Option<&mut Watcher> {
        self.watchers.get_mut(slot).and_then(Option::as_mut)
    }

    /// Forgets a watch, but for its entry in the stream.
    pub(super) fn remove_watcher(&mut self, slot: usize) -> Option<Watcher> {
        let watcher = self.watchers.get_mut(slot)?.take()?;
        if watcher.synced {
            self.synced.remove(&watcher.range, &slot);
        } else {
            self.unsynced.remove(&slot);
        }
        self.free_slots.push(slot);
        Some(watcher)
    }
}

impl Stream {
    /// The id that was asked for, or the next free one for 0.
    fn take_id(&mut self, wanted: i64) -> Result<i64, Refusal> {
        if wanted != 0 {
            return if self.watches.contains_key(&wanted) { Err(Refusal::DuplicateId) } else { Ok(wanted) };
        }
        while self.watches.contains_key(&self.next_id) {
            self.next_id += 1;
        }
        self.next_id += 1;
        Ok(self.next_id - 1)
    }
}

/// Why a watch was not created. `Display` gives etcd's exact text.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{}", Error::Compacted)]
    NegativeStart,
    #[error("mvcc: watcher range is empty")]
    EmptyRange,
    #[error("mvcc: duplicate watch ID provided on the WatchStream")]
    DuplicateId,
}
