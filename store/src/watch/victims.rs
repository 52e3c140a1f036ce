//! Victims: watches whose stream takes no more for now (etcd: `notify`, `syncVictims`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::StreamId;
use super::batch::with_prev_kvs;
use super::send::send_events;
use super::watcher::Group;
use super::watchers::Watchers;
use crate::api::{Event, WatchResponse};
use crate::mark::{Mark, reach, reach_if};
use crate::mvcc::Store;

/// The most victims of one stream that are told their missed events at once: half the capacity of the stream's
/// queue, which is the room there is when it is said to flow.
const MAX_VICTIMS_PER_TURN: usize = 64;

/// The streams that take no more, or have victims left from when they did not. None, as long as every client takes
/// its responses.
#[derive(Debug, Default)]
pub(super) struct StalledStreams(BTreeMap<StreamId, StalledStream>);

#[derive(Debug, Default)]
struct StalledStream {
    stalled: bool,
    victims: BTreeSet<usize>,
}

/// The events that a victim could not be told. The values before are read when they are sent.
#[derive(Clone, Debug)]
pub(crate) struct Undelivered {
    pub events: Arc<[Event]>,
    pub revision: i64,
}

impl StalledStreams {
    /// Returns true if the stream takes no more.
    #[inline]
    pub fn is_stalled(&self, stream: StreamId) -> bool {
        !self.0.is_empty() && self.0.get(&stream).is_some_and(|stream| stream.stalled)
    }

    pub fn add(&mut self, stream: StreamId, slot: usize) {
        self.0.entry(stream).or_default().victims.insert(slot);
    }

    pub fn remove(&mut self, stream: StreamId, slot: usize) {
        if let Some(stalled) = self.0.get_mut(&stream) {
            stalled.victims.remove(&slot);
        }
    }

    pub fn forget(&mut self, stream: StreamId) {
        self.0.remove(&stream);
    }

    fn flowing(&self) -> Vec<StreamId> {
        self.0.iter().filter(|(_, stream)| !stream.stalled).map(|(id, _)| *id).collect()
    }
}

impl Watchers {
    /// Notes that the stream takes no more.
    pub fn stall(&mut self, stream: StreamId) {
        self.stalled.0.entry(stream).or_default().stalled = true;
    }

    /// Notes that the stream takes more again, and tells its victims.
    pub fn flow(&mut self, stream: StreamId, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        if let Some(stalled) = self.stalled.0.get_mut(&stream) {
            stalled.stalled = false;
            self.retry_victims_of(stream, store, out);
        }
    }

    /// The number of victims, of all streams.
    #[cfg(test)]
    pub fn victims_len(&self) -> usize {
        self.stalled.0.values().map(|stream| stream.victims.len()).sum()
    }

    /// Tells victims their missed events if their stream takes more.
    pub fn retry_victims(&mut self, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        for stream in self.stalled.flowing() {
            self.retry_victims_of(stream, store, out);
        }
    }

    fn retry_victims_of(
        &mut self,
        stream: StreamId,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(stalled) = self.stalled.0.get_mut(&stream) else { return };
        let turn: Vec<usize> = stalled.victims.iter().take(MAX_VICTIMS_PER_TURN).copied().collect();
        for slot in &turn {
            stalled.victims.remove(slot);
        }
        if stalled.victims.is_empty() {
            self.stalled.forget(stream);
        }
        // Most of them missed the same.
        let mut last: Option<[Arc<[Event]>; 2]> = None;
        for slot in turn {
            let defects = self.defects;
            let Some(watcher) = self.get_mut(slot) else { continue };
            let Some(Undelivered { events, revision }) = watcher.undelivered.take() else { continue };
            let told = if watcher.selection.prev_kv {
                match &last {
                    Some([same, with_prev_kv]) if Arc::ptr_eq(same, &events) => with_prev_kv.clone(),
                    _ => {
                        let with_prev_kv = with_prev_kvs(store, &events);
                        last = Some([events, with_prev_kv.clone()]);
                        with_prev_kv
                    }
                }
            } else {
                events
            };
            send_events(watcher, told, revision, defects, out);
            // Events of the meantime are history for it.
            let behind = watcher.next_revision <= store.revision();
            reach_if(behind, Mark::VictimFellBehind);
            self.place(slot, if behind { Group::Unsynced } else { Group::Synced });
        }
    }

    /// Keeps the events that the watch could not be told. Its next revision is the one after these.
    pub(super) fn make_victim(&mut self, slot: usize, undelivered: Undelivered, next_revision: i64) {
        let Some(watcher) = self.get_mut(slot) else { return };
        watcher.next_revision = watcher.next_revision.max(next_revision);
        watcher.undelivered = Some(undelivered);
        reach(Mark::WatchStalled);
        self.place(slot, Group::Victim);
    }
}
