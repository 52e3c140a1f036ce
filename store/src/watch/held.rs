//! Watches whose stream takes no more for now (etcd's victims: `notify`, `syncVictims`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::batch::with_prev_kvs;
use super::hub::{Hub, StreamId};
use super::send::send_events;
use super::watcher::Standing;
use crate::api::{Event, WatchResponse};
use crate::mvcc::Store;

/// Victims of one stream that are told at once what they missed: half of what the stream's queue holds, which
/// is how much room there is when it is said to flow.
pub const MAX_VICTIMS_PER_TURN: usize = 64;

/// The streams that take no more, or have victims left from when they did not. None, as long as every
/// client takes what it is sent.
#[derive(Debug, Default)]
pub(super) struct HeldStreams(BTreeMap<StreamId, Held>);

#[derive(Debug, Default)]
struct Held {
    stalled: bool,
    victims: BTreeSet<usize>,
}

/// What a victim could not be told. The values before are read when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Undelivered {
    pub events: Arc<[Event]>,
    pub revision: i64,
}

impl HeldStreams {
    /// Does the stream take no more?
    #[inline]
    pub fn is_stalled(&self, stream: StreamId) -> bool {
        !self.0.is_empty() && self.0.get(&stream).is_some_and(|held| held.stalled)
    }

    pub fn add(&mut self, stream: StreamId, slot: usize) {
        self.0.entry(stream).or_default().victims.insert(slot);
    }

    pub fn remove(&mut self, stream: StreamId, slot: usize) {
        if let Some(held) = self.0.get_mut(&stream) {
            held.victims.remove(&slot);
        }
    }

    pub fn forget(&mut self, stream: StreamId) {
        self.0.remove(&stream);
    }

    fn flowing(&self) -> Vec<StreamId> {
        self.0.iter().filter(|(_, held)| !held.stalled).map(|(id, _)| *id).collect()
    }

    fn victims(&self) -> usize {
        self.0.values().map(|held| held.victims.len()).sum()
    }
}

impl Hub {
    /// The queue of responses of this stream, on their way to a client that does not take them, is full. Until
    /// it flows again nothing is sent on it but the answers to requests. It may be said again.
    pub fn stall(&mut self, stream: StreamId) {
        if self.streams.contains_key(&stream) {
            self.held.0.entry(stream).or_default().stalled = true;
        }
    }

    /// There is room in that queue again: the victims are told what they missed, as many as there is room for,
    /// and the others in the next passes.
    pub fn flow(&mut self, stream: StreamId, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        if let Some(held) = self.held.0.get_mut(&stream) {
            held.stalled = false;
            self.retry_victims_of(stream, store, out);
        }
    }

    /// How many watches could not be told something yet, because their stream takes no more.
    pub fn victim_count(&self) -> usize {
        self.held.victims()
    }

    pub(super) fn retry_victims(&mut self, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        for stream in self.held.flowing() {
            self.retry_victims_of(stream, store, out);
        }
    }

    fn retry_victims_of(
        &mut self,
        stream: StreamId,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(held) = self.held.0.get_mut(&stream) else { return };
        let turn: Vec<usize> = held.victims.iter().take(MAX_VICTIMS_PER_TURN).copied().collect();
        for slot in &turn {
            held.victims.remove(slot);
        }
        if held.victims.is_empty() {
            self.held.forget(stream);
        }
        // Most of them missed the same.
        let mut last: Option<[Arc<[Event]>; 2]> = None;
        for slot in turn {
            let defects = self.defects;
            let Some(watcher) = self.watcher_mut(slot) else { continue };
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
            // What happened meanwhile is the past.
            let behind = watcher.next_revision <= store.revision();
            self.place(slot, if behind { Standing::Unsynced } else { Standing::Synced });
        }
    }

    /// Keeps what the watch could not be told. Its next revision is the one after that.
    pub(super) fn make_victim(&mut self, slot: usize, undelivered: Undelivered, next_revision: i64) {
        let Some(watcher) = self.watcher_mut(slot) else { return };
        watcher.next_revision = watcher.next_revision.max(next_revision);
        watcher.undelivered = Some(undelivered);
        self.place(slot, Standing::Victim);
    }
}
