//! The watchers of a member, grouped into synced, unsynced and victims (etcd: `watcher_group.go`).

use std::collections::BTreeSet;

use super::StreamId;
use super::batch::Batch;
use super::range_map::RangeMap;
use super::send::send_events;
use super::victims::{StalledStreams, Undelivered};
use super::watcher::{Group, Watcher};
use crate::api::{Event, WatchResponse};
use crate::defect::{Defects, altered};
use crate::mvcc::Store;

/// All watchers, by slot, and the group of each.
#[derive(Debug)]
pub(crate) struct Watchers {
    pub(super) defects: Defects,
    /// Slots are used again.
    slots: Vec<Option<Watcher>>,
    free: Vec<usize>,
    synced: RangeMap<usize>,
    pub(super) unsynced: BTreeSet<usize>,
    pub(super) stalled: StalledStreams,
    /// The slot at which the next catch-up pass begins, so that all get their turn.
    pub(super) next_slot: usize,
}

impl Watchers {
    pub fn new(defects: Defects) -> Watchers {
        Watchers {
            defects,
            slots: Vec::new(),
            free: Vec::new(),
            synced: RangeMap::default(),
            unsynced: BTreeSet::new(),
            stalled: StalledStreams::default(),
            next_slot: 0,
        }
    }

    /// Adds a watcher that is no victim; gives its slot.
    pub fn add(&mut self, watcher: Watcher) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        match watcher.group {
            Group::Synced => self.synced.insert(&watcher.range, slot),
            Group::Unsynced | Group::Victim => {
                self.unsynced.insert(slot);
            }
        }
        match self.slots.get_mut(slot) {
            Some(free) => *free = Some(watcher),
            None => self.slots.push(Some(watcher)),
        }
        slot
    }

    /// Forgets a watcher.
    pub fn remove(&mut self, slot: usize) -> Option<Watcher> {
        let watcher = self.slots.get_mut(slot)?.take()?;
        match watcher.group {
            Group::Synced => self.synced.remove(&watcher.range, &slot),
            Group::Unsynced => {
                self.unsynced.remove(&slot);
            }
            Group::Victim => self.stalled.remove(watcher.stream, slot),
        }
        self.free.push(slot);
        Some(watcher)
    }

    /// Forgets a stream and its watchers.
    pub fn close_stream(&mut self, stream: StreamId, slots: impl Iterator<Item = usize>) {
        self.stalled.forget(stream);
        for slot in slots {
            self.remove(slot);
        }
    }

    /// Moves a watcher to another group.
    pub(crate) fn place(&mut self, slot: usize, group: Group) {
        let Watchers { slots, synced, unsynced, stalled, .. } = self;
        let Some(watcher) = slots.get_mut(slot).and_then(Option::as_mut) else { return };
        match std::mem::replace(&mut watcher.group, group) {
            Group::Synced => synced.remove(&watcher.range, &slot),
            Group::Unsynced => {
                unsynced.remove(&slot);
            }
            Group::Victim => stalled.remove(watcher.stream, slot),
        }
        match group {
            Group::Synced => synced.insert(&watcher.range, slot),
            Group::Unsynced => {
                unsynced.insert(slot);
            }
            Group::Victim => stalled.add(watcher.stream, slot),
        }
    }

    /// Tells the synced watchers of these changes, all of one revision.
    pub fn notify(&mut self, store: &Store, events: &[Event], out: &mut Vec<(StreamId, WatchResponse)>) {
        let Some(revision) = events.first().map(|event| event.kv.mod_revision) else { return };
        let mut victims = Vec::new();
        let Watchers { slots, synced, stalled, defects, .. } = self;
        for (concerned, events) in synced.concerned_by_events(events) {
            let mut batch = Batch::new(store, events);
            for slot in concerned {
                let Some(watcher) = slots[*slot].as_mut() else { continue };
                if watcher.next_revision > revision {
                    continue;
                }
                if stalled.is_stalled(watcher.stream) {
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

    /// The store was replaced by that of a snapshot: synced watchers, which were told everything before `told`, catch
    /// up from there.
    pub fn restored(&mut self, told: i64) {
        let defects = self.defects;
        for slot in 0..self.slots.len() {
            let Some(watcher) = self.get_mut(slot).filter(|w| w.group == Group::Synced) else {
                continue;
            };
            if !altered!(defects, watch_not_advanced_before_restore) {
                // It was told everything so far; one that waits for a later revision goes on doing so.
                let waits_for =
                    if altered!(defects, restore_lowers_future_watch) { 0 } else { watcher.next_revision };
                watcher.next_revision = told.max(waits_for);
            }
            self.place(slot, Group::Unsynced);
        }
    }

    /// Returns true if the watch was told all events up to `revision`, and its stream could take a progress
    /// notification. A notification that is not taken is lost, as in etcd: there will be another.
    pub fn has_heard_all(&self, slot: usize, revision: i64) -> bool {
        self.get(slot).is_some_and(|watcher| {
            watcher.group == Group::Synced
                && revision >= watcher.start_revision
                && !self.stalled.is_stalled(watcher.stream)
        })
    }

    pub fn get(&self, slot: usize) -> Option<&Watcher> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    pub fn get_mut(&mut self, slot: usize) -> Option<&mut Watcher> {
        self.slots.get_mut(slot).and_then(Option::as_mut)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Watcher> {
        self.slots.iter().flatten()
    }
}
