//! Catching up: watches are told of earlier changes in passes, from the history of the store (`syncWatchers`).

use std::collections::BTreeMap;

use super::StreamId;
use super::batch::Batch;
use super::range_map::RangeMap;
use super::send::send_events;
use super::victims::Undelivered;
use super::watcher::{Group, Watcher};
use super::watchers::Watchers;
use crate::api::{Event, ResponseHeader, WatchResponse};
use crate::defect::{Defects, altered};
use crate::key_range::KeyRange;
use crate::mark::{Mark, reach, reach_if};
use crate::mvcc::Store;

/// Watches that one pass looks at (`maxWatchersPerSync`).
const MAX_WATCHERS_PER_PASS: usize = 512;

/// Revisions that one pass tells one watch (`watchBatchMaxRevs`).
const MAX_REVISIONS_PER_BATCH: usize = 1000;

/// Watches of one range that are equally far behind: they get the same events.
struct Cohort {
    next_revision: i64,
    slots: Vec<usize>,
    events: Vec<Event>,
    revisions: usize,
    /// The first revision that no longer fits.
    more_from: Option<i64>,
}

impl Watchers {
    /// Makes a pass; gives the watchers that ended because their next revision is compacted.
    pub fn catch_up(&mut self, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) -> Vec<Watcher> {
        let mut ended = Vec::new();
        let mut by_range: BTreeMap<(KeyRange, i64), Vec<usize>> = BTreeMap::new();
        for slot in self.take_turns() {
            let Some(watcher) = self.get(slot) else { continue };
            if watcher.next_revision < store.compact_revision() {
                ended.extend(self.needs_what_is_compacted(slot, store, out));
            } else {
                let key = (watcher.range.clone(), watcher.next_revision);
                by_range.entry(key).or_default().push(slot);
            }
        }
        for mut cohort in collect_events(by_range, store, self.defects) {
            reach_if(cohort.more_from.is_some(), Mark::CatchUpInBatches);
            let mut batch = Batch::new(store, std::mem::take(&mut cohort.events));
            for slot in &cohort.slots {
                self.advance(*slot, &mut batch, cohort.more_from, store, out);
            }
        }
        ended
    }

    /// The unsynced watches of this pass.
    fn take_turns(&mut self) -> Vec<usize> {
        let from_here = self.unsynced.range(self.next_slot..);
        let then = self.unsynced.range(..self.next_slot);
        let turn: Vec<usize> = from_here.chain(then).take(MAX_WATCHERS_PER_PASS).copied().collect();
        self.next_slot = turn.last().map_or(0, |last| last + 1);
        turn
    }

    /// Ends a watch whose next events are gone: it has to be told that, and nothing else.
    fn needs_what_is_compacted(
        &mut self,
        slot: usize,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) -> Option<Watcher> {
        if !self.stalled.is_stalled(self.get(slot)?.stream) {
            return self.end_compacted(slot, store, out);
        }
        // It stays where it is, and is told in a pass to come.
        reach(Mark::CompactedNoticeWaits);
        altered!(self.defects, compacted_notice_lost::go_on(self, slot, store), ());
        None
    }

    fn end_compacted(
        &mut self,
        slot: usize,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) -> Option<Watcher> {
        let watcher = self.remove(slot)?;
        // The header says no revision, as in etcd.
        let response = WatchResponse {
            header: ResponseHeader::default(),
            watch_id: watcher.id,
            canceled: true,
            compact_revision: store.compact_revision(),
            ..WatchResponse::default()
        };
        out.push((watcher.stream, response));
        Some(watcher)
    }

    fn advance(
        &mut self,
        slot: usize,
        batch: &mut Batch<'_>,
        more_from: Option<i64>,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let defects = self.defects;
        let Some(watcher) = self.get(slot) else { return };
        let caught_up_to = more_from.unwrap_or(store.revision() + 1);
        if self.stalled.is_stalled(watcher.stream) {
            let events = batch.select_for_later(watcher.selection);
            if !events.is_empty() {
                let undelivered = Undelivered { events, revision: store.revision() };
                return self.make_victim(slot, undelivered, caught_up_to);
            }
        }
        let Some(watcher) = self.get_mut(slot) else { return };
        watcher.next_revision = watcher.next_revision.max(caught_up_to);
        send_events(watcher, batch.select(watcher.selection), store.revision(), defects, out);
        if more_from.is_none() {
            self.place(slot, Group::Synced);
        }
    }
}

/// Reads the history once for all.
fn collect_events(
    by_range: BTreeMap<(KeyRange, i64), Vec<usize>>,
    store: &Store,
    defects: Defects,
) -> Vec<Cohort> {
    let Some(first) = by_range.keys().map(|(_, next_revision)| *next_revision).min() else {
        return Vec::new();
    };
    let mut cohorts = Vec::with_capacity(by_range.len());
    let mut wanted: RangeMap<usize> = RangeMap::default();
    for ((range, next_revision), slots) in by_range {
        wanted.insert(&range, cohorts.len());
        cohorts.push(Cohort { next_revision, slots, events: Vec::new(), revisions: 0, more_from: None });
    }
    let mut incomplete = cohorts.len();
    for kv in store.changes_since(first) {
        for index in wanted.concerned_by(&kv.key).flatten() {
            let Cohort { next_revision, events, revisions, more_from, .. } = &mut cohorts[*index];
            if kv.mod_revision < *next_revision || more_from.is_some() {
                continue;
            }
            if events.last().is_none_or(|last| last.kv.mod_revision != kv.mod_revision) {
                if *revisions == MAX_REVISIONS_PER_BATCH {
                    *more_from = Some(kv.mod_revision);
                    incomplete -= 1;
                    continue;
                }
                *revisions += 1;
            }
            events.push(Event::of(kv.clone()));
            altered!(defects, buffered_delete_duplicated::read_again(kv, store, events), ());
        }
        if incomplete == 0 {
            break;
        }
    }
    cohorts
}
