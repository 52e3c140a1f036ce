//! The hub: streams, their watches, and what happens when keys change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::held::{HeldStreams, Undelivered};
use super::progress::ProgressTimer;
use super::range_map::RangeMap;
use super::send::send_events;
use super::watcher::{Standing, Watcher};
use crate::api::{Event, INVALID_WATCH_ID, ResponseHeader, WatchRequest, WatchResponse};
use crate::bytes::Bytes;
use crate::defect::{Defects, altered};
use crate::error::Error;
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
    pub(super) watchers: Vec<Option<Watcher>>,
    pub(super) free_slots: Vec<usize>,
    pub(super) synced: RangeMap<usize>,
    pub(super) unsynced: BTreeSet<usize>,
    pub(super) held: HeldStreams,
    /// When each stream's watches are told next how far they have come.
    pub(super) progress_due: BTreeSet<(u64, StreamId)>,
    /// The slot at which the next catch-up pass begins, so that all get their turn.
    pub(super) next_slot: usize,
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Slots by watch id.
    pub watches: BTreeMap<i64, usize>,
    /// The ids of watches that ended because what they needed was compacted. They stay taken until the client cancels
    /// them.
    pub compacted: BTreeSet<i64>,
    /// The next id to try for a watch that leaves the choice to the server. Never used twice.
    pub next_id: i64,
    pub progress_timer: ProgressTimer,
    /// It ends when the member knows no leader for long.
    pub requires_leader: bool,
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
            held: HeldStreams::default(),
            progress_due: BTreeSet::new(),
            next_slot: 0,
        }
    }

    /// A client opened a stream. Progress notifications come every `progress_interval_ms`, which is
    /// [`super::PROGRESS_INTERVAL_MS`] and some jitter of the caller's.
    pub fn open_stream(&mut self, stream: StreamId, now_ms: u64, progress_interval_ms: u64) {
        let progress_timer = ProgressTimer::new(now_ms, progress_interval_ms);
        self.progress_due.insert((progress_timer.due_ms(), stream));
        let fresh = Stream {
            watches: BTreeMap::new(),
            compacted: BTreeSet::new(),
            next_id: 0,
            progress_timer,
            requires_leader: false,
        };
        let previous = self.streams.insert(stream, fresh);
        debug_assert!(previous.is_none(), "stream ids are not used twice");
    }

    /// The stream broke or its client is gone: its watches end without a word.
    pub fn close_stream(&mut self, stream: StreamId) {
        if let Some(closed) = self.streams.remove(&stream) {
            self.progress_due.remove(&(closed.progress_timer.due_ms(), stream));
            self.held.forget(stream);
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

    /// The member has known no leader for long: the streams that asked for one end, each with a last response
    /// that concerns all its watches (`interceptor.go`, `monitorLeader`).
    pub fn end_leaderless(
        &mut self,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) -> Vec<StreamId> {
        let asked = self.streams.iter().filter(|(_, stream)| stream.requires_leader);
        let ended: Vec<StreamId> = asked.map(|(id, _)| *id).collect();
        for stream in &ended {
            self.close_stream(*stream);
            let end = WatchResponse {
                header: ResponseHeader::at(store.revision()),
                watch_id: INVALID_WATCH_ID,
                canceled: true,
                cancel_reason: Error::NoLeader.to_string(),
                ..WatchResponse::default()
            };
            out.push((*stream, end));
        }
        ended
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
        let told = self.revision + 1;
        for slot in 0..self.watchers.len() {
            let defects = self.defects;
            let Some(watcher) = self.watcher_mut(slot).filter(|w| w.standing == Standing::Synced) else {
                continue;
            };
            // It was told everything so far; one that waits for a later revision goes on doing so.
            let advanced = watcher.next_revision.max(told);
            let advanced = altered!(defects, restore_lowers_future_watch::next_revision(told), advanced);
            let stale = watcher.next_revision;
            watcher.next_revision =
                altered!(defects, watch_not_advanced_before_restore::next_revision(stale), advanced);
            self.place(slot, Standing::Unsynced);
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
        let mut victims = Vec::new();
        let Hub { watchers, synced, held, defects, .. } = self;
        for (slots, events) in synced.concerned_by_events(events) {
            let mut batch = Batch::new(store, events);
            for slot in slots {
                let Some(watcher) = watchers[*slot].as_mut() else { continue };
                if watcher.next_revision > revision {
                    continue;
                }
                if held.is_stalled(watcher.stream) {
                    victims.push((*slot, batch.select_for_later(watcher.selection)));
                } else {
                    send_events(watcher, batch.select(watcher.selection), revision, *defects, out);
                }
            }
        }
        for (slot, events) in victims {
            if !events.is_empty() {
                self.make_victim(slot, Undelivered { events, revision }, revision + 1);
            }
        }
    }

    pub(super) fn watcher(&self, slot: usize) -> Option<&Watcher> {
        self.watchers.get(slot).and_then(Option::as_ref)
    }

    pub(crate) fn watcher_mut(&mut self, slot: usize) -> Option<&mut Watcher> {
        self.watchers.get_mut(slot).and_then(Option::as_mut)
    }

    /// Forgets a watch, but for its entry in the stream.
    pub(super) fn remove_watcher(&mut self, slot: usize) -> Option<Watcher> {
        let watcher = self.watchers.get_mut(slot)?.take()?;
        match watcher.standing {
            Standing::Synced => self.synced.remove(&watcher.range, &slot),
            Standing::Unsynced => {
                self.unsynced.remove(&slot);
            }
            Standing::Victim => self.held.remove(watcher.stream, slot),
        }
        self.free_slots.push(slot);
        Some(watcher)
    }

    /// What the watch waits for from now on.
    pub(crate) fn place(&mut self, slot: usize, standing: Standing) {
        let Hub { watchers, synced, unsynced, held, .. } = self;
        let Some(watcher) = watchers.get_mut(slot).and_then(Option::as_mut) else { return };
        match std::mem::replace(&mut watcher.standing, standing) {
            Standing::Synced => synced.remove(&watcher.range, &slot),
            Standing::Unsynced => {
                unsynced.remove(&slot);
            }
            Standing::Victim => held.remove(watcher.stream, slot),
        }
        match standing {
            Standing::Synced => synced.insert(&watcher.range, slot),
            Standing::Unsynced => {
                unsynced.insert(slot);
            }
            Standing::Victim => held.add(watcher.stream, slot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{PutRequest, Request, WatchCreateRequest};
    use std::sync::Arc;

    #[test]
    fn ten_thousand_watchers_are_told_the_same_events() {
        let mut store = Store::new(Defects::NONE);
        let mut hub = Hub::new(Defects::NONE, store.revision());
        let mut out = Vec::new();
        for stream in 0..100 {
            hub.open_stream(StreamId(stream), 0, u64::MAX);
            for _ in 0..100 {
                let create =
                    WatchCreateRequest { key: "k".into(), prev_kv: true, ..WatchCreateRequest::default() };
                hub.handle(StreamId(stream), &WatchRequest::Create(create), &store, &mut out);
            }
        }
        out.clear();
        // The watchers of one stream wait, and are told the same later.
        hub.stall(StreamId(7));
        for value in ["1", "2"] {
            let put = PutRequest { key: "k".into(), value: value.into(), ..PutRequest::default() };
            let applied = store.apply(&Request::Put(put));
            hub.notify(&store, applied.revision, &applied.events, &mut out);
        }
        assert_eq!((out.len(), hub.victim_count()), (2 * 9_900, 100));
        for told in out.chunks(9_900) {
            assert!(told.iter().all(|(_, response)| Arc::ptr_eq(&response.events, &told[0].1.events)));
        }
        out.clear();
        hub.flow(StreamId(7), &store, &mut out);
        assert!(out.iter().all(|(_, response)| Arc::ptr_eq(&response.events, &out[0].1.events)));
        assert_eq!((out.len(), hub.victim_count()), (64, 36));
    }
}
