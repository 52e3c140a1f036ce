//! Later sightings of each key, which bound the changes that can have been made to it before.
//!
//! A key seen with its mod revision, create revision and version tells how often it was put since it was
//! created, and that nothing was done to it between its mod revision and the state that was shown. So most guesses
//! can be refused before they are made, and where a key must still have been written, it is known by when.

use super::coverage::wants;
use super::facts::{Facts, Shown, shown_by};
use super::state::Change;
use super::{Compactions, Coverage};
use crate::bytes::Bytes;
use crate::history::*;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};

/// A read of more keys than these says nothing here of those that it does not show.
const ABSENT_AT_MOST: usize = 256;

/// A key as it was at the revisions `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Glimpse {
    first: Revision,
    last: Revision,
    /// `None` where it was absent.
    stamp: Option<Stamp>,
}

/// The revisions and the version of a key that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Revision,
    /// The create revision and the number of puts since, where they were recorded.
    born: Option<(Revision, i64)>,
}

/// The sightings of one key.
#[derive(Clone, Debug, Default)]
struct OfKey {
    /// In the order of their last revisions.
    glimpses: Vec<Glimpse>,
    /// The unanswered revisions that were seen to put it, in order.
    put: Vec<Revision>,
    /// The same, of those that deleted it.
    deleted: Vec<Revision>,
    /// True if an unanswered request may have deleted it.
    may_go: bool,
}

/// The sightings of all keys.
#[derive(Debug, Default)]
pub(super) struct Ahead<'h> {
    keys: HashMap<Bytes, OfKey, FxBuildHasher>,
    /// The state before an event, by the revision and the key of the event; `None` where the key was absent.
    before: BTreeMap<(Revision, &'h Bytes), Option<&'h KeyValue>>,
    /// The revisions and keys of events that facts refute, or what they say was before.
    refuted: BTreeSet<(Revision, Bytes)>,
}

impl<'h> Ahead<'h> {
    /// Reads the sightings of a history, but for answers and events that facts refute.
    /// `may_delete`: whether an unanswered request may have deleted a key.
    pub(super) fn of(history: &'h History, facts: &Facts<'h>, may_delete: impl Fn(&Bytes) -> bool) -> Self {
        let mut ahead = Ahead::default();
        let universe = universe(history);
        for operation in &history.operations {
            if !facts.refute_answer(operation) {
                shown_by(operation, &mut |revision, shown| ahead.show(revision, shown, &universe, facts));
            }
        }
        let compactions = Compactions::of(history);
        for watch in &history.watches {
            for (frame, _, event) in watch.events() {
                let received_ns = watch.frames[frame].received_ns;
                let is_kept = compactions.highest_possible(received_ns) < event.kv.mod_revision;
                ahead.happen(event, watch.request.prev_kv && is_kept, facts);
            }
        }
        for (key, of_key) in &mut ahead.keys {
            of_key.may_go = may_delete(key);
            of_key.finish();
        }
        ahead
    }

    fn of_key(&mut self, key: &Bytes) -> &mut OfKey {
        if !self.keys.contains_key(key) {
            self.keys.insert(key.clone(), OfKey::default());
        }
        self.keys.get_mut(key).expect("it was just put there")
    }

    fn show(
        &mut self,
        revision: Revision,
        shown: Shown<'_>,
        universe: &BTreeMap<Bytes, ()>,
        facts: &Facts<'_>,
    ) {
        match shown {
            Shown::Key(kv, _) => self.see(revision, kv, facts),
            Shown::Present(_) => {}
            Shown::Absent(key) => self.miss(revision, key),
            Shown::Whole(span, kvs) => {
                let keys: Vec<&Bytes> =
                    span.of(universe).map(|(key, ())| key).take(ABSENT_AT_MOST + 1).collect();
                if keys.len() <= ABSENT_AT_MOST {
                    let absent = keys.into_iter().filter(|key| kvs.iter().all(|kv| kv.key != **key));
                    absent.for_each(|key| self.miss(revision, key));
                }
            }
        }
    }

    /// A key was there at a revision.
    fn see(&mut self, revision: Revision, kv: &KeyValue, facts: &Facts<'_>) {
        let is_recorded = ![kv.create_revision, kv.version].contains(&KeyValue::NOT_RECORDED);
        let modified = kv.mod_revision;
        let stamp = Stamp { modified, born: is_recorded.then_some((kv.create_revision, kv.version)) };
        let of_key = self.of_key(&kv.key);
        of_key.glimpses.push(Glimpse { first: modified, last: revision, stamp: Some(stamp) });
        if facts.open(modified - 1, modified) > 0 {
            of_key.put.push(modified);
        }
    }

    /// A key was absent at a revision.
    fn miss(&mut self, revision: Revision, key: &Bytes) {
        self.of_key(key).glimpses.push(Glimpse { first: revision, last: revision, stamp: None });
    }

    /// An event came, on a watch that would have shown what was before if anything was and `is_told`.
    fn happen(&mut self, event: &'h Event, is_told: bool, facts: &Facts<'_>) {
        let (key, revision) = (&event.kv.key, event.kv.mod_revision);
        let kv = (event.kind == EventKind::Put).then_some(&event.kv);
        let is_wrong = facts.refute(revision, key, kv, true);
        let is_wrong_before = (is_told || event.prev_kv.is_some())
            && facts.refute_state(revision.saturating_sub(1), key, event.prev_kv.as_ref());
        let is_wrong_create = match event.told_create() {
            Some(is_create) if kv.is_some() => facts.refute_create(revision, key, is_create),
            _ => false,
        };
        if is_wrong || is_wrong_before || is_wrong_create {
            self.refuted.insert((revision, key.clone()));
            return;
        }
        match kv {
            Some(kv) => self.see(revision, kv, facts),
            None => {
                self.miss(revision, key);
                if facts.open(revision - 1, revision) > 0 {
                    self.of_key(key).deleted.push(revision);
                }
            }
        }
        match &event.prev_kv {
            Some(before) => {
                self.see(revision.saturating_sub(1), before, facts);
                self.before.insert((revision, key), Some(before));
            }
            None if is_told => {
                self.miss(revision.saturating_sub(1), key);
                self.before.entry((revision, key)).or_insert(None);
            }
            None => {}
        }
    }

    /// True if what was before a change is not what an event of it says that it was.
    pub(super) fn is_otherwise(&self, revision: Revision, change: &Change) -> bool {
        self.before.get(&(revision, &change.key)).is_some_and(|before| match (before, &change.before) {
            (Some(told), Some(before)) => !told.agrees(before),
            (None, None) => false,
            _ => true,
        })
    }

    /// The revisions and keys of events that facts refute, or what they say was before.
    pub(super) fn into_refuted(self) -> BTreeSet<(Revision, Bytes)> {
        self.refuted
    }

    /// True if a guess that a revision left a key like this contradicts what was seen of it later.
    pub(super) fn refuses(
        &self,
        facts: &Facts<'_>,
        revision: Revision,
        key: &Bytes,
        after: Option<&KeyValue>,
    ) -> bool {
        let Some(of_key) = self.keys.get(key) else { return false };
        let Some(next) = of_key.next(revision) else { return false };
        // Whether it can have been deleted in `revision + 1 ..= last`.
        let may_go = |last: Revision| {
            of_key.may_go && facts.open(revision, last) > 0 || facts.may_delete(key, revision, last)
        };
        let Some(Stamp { modified, born }) = next.stamp else {
            return after.is_some() && !may_go(next.first);
        };
        if modified <= revision {
            return modified < revision;
        }
        let Some((created, version)) = born else { return false };
        match after {
            Some(_) if created > revision => !may_go(created - 1),
            None => created <= revision,
            Some(after) => {
                let told = facts.puts(key, revision, modified);
                let open = facts.open(revision, modified);
                after.create_revision != created || !(told..=told + open).contains(&(version - after.version))
            }
        }
    }

    /// The revision by which an unanswered request must have changed a key that is like this before `revision`.
    pub(super) fn due(
        &self,
        facts: &Facts<'_>,
        revision: Revision,
        key: &Bytes,
        before: Option<&KeyValue>,
    ) -> Option<Revision> {
        let of_key = self.keys.get(key)?;
        let next = of_key.next(revision)?;
        let seen_to_go = |last: Revision| {
            facts.may_delete(key, revision - 1, last) || count(&of_key.deleted, revision, last) > 0
        };
        match (next.stamp, before) {
            (None, Some(_)) => (!seen_to_go(next.first)).then_some(next.first),
            (Some(Stamp { modified, born: Some((created, version)) }), Some(before)) => {
                if created >= revision {
                    return (!seen_to_go(created)).then_some(created);
                }
                let told = facts.puts(key, revision - 1, modified) + count(&of_key.put, revision, modified);
                (version - before.version > told).then_some(modified)
            }
            (Some(Stamp { born: Some((created, _)), .. }), None) if created >= revision => Some(created),
            _ => None,
        }
    }
}

/// The number of sorted revisions in `first..=last`.
fn count(revisions: &[Revision], first: Revision, last: Revision) -> i64 {
    let up_to = |last: Revision| revisions.partition_point(|revision| *revision <= last) as i64;
    (up_to(last) - up_to(first - 1)).max(0)
}

impl OfKey {
    /// The first sighting at `revision` or later.
    fn next(&self, revision: Revision) -> Option<&Glimpse> {
        self.glimpses.get(self.glimpses.partition_point(|glimpse| glimpse.last < revision))
    }

    /// Puts everything in order, and what is the same together.
    fn finish(&mut self) {
        for revisions in [&mut self.put, &mut self.deleted] {
            revisions.sort_unstable();
            revisions.dedup();
        }
        self.glimpses.sort_by_key(|glimpse| (glimpse.last, glimpse.first));
        let mut joined: Vec<Glimpse> = Vec::with_capacity(self.glimpses.len());
        for glimpse in self.glimpses.drain(..) {
            match (joined.last_mut(), glimpse.stamp) {
                (Some(last), Some(stamp))
                    if last.stamp.is_some_and(|other| other.modified == stamp.modified) =>
                {
                    last.last = glimpse.last;
                    last.stamp =
                        Some(Stamp { born: last.stamp.and_then(|other| other.born).or(stamp.born), ..stamp });
                }
                (Some(last), None) if *last == glimpse => {}
                _ => joined.push(glimpse),
            }
        }
        self.glimpses = joined;
    }
}

/// Every key that a history names where it may be put.
fn universe(history: &History) -> BTreeMap<Bytes, ()> {
    fn puts<'h>(request: &'h Request, keys: &mut BTreeSet<&'h Bytes>) {
        match request {
            Request::Put(put) => drop(keys.insert(&put.key)),
            Request::Txn(txn) => txn.branches().for_each(|request| puts(request, keys)),
            _ => {}
        }
    }
    let mut keys = BTreeSet::new();
    for operation in &history.operations {
        puts(&operation.request, &mut keys);
        match operation.response() {
            Some(Response::Lock(LockResponse::Lock { key, .. })) => drop(keys.insert(key)),
            Some(Response::Election(ElectionResponse::Campaign { leader, .. })) => {
                keys.insert(&leader.key);
            }
            _ => {}
        }
    }
    let events = history.watches.iter().flat_map(|watch| watch.events());
    keys.extend(events.map(|(.., event)| &event.kv.key));
    keys.into_iter().map(|key| (key.clone(), ())).collect()
}

/// The revisions at which watches are silent.
#[derive(Debug)]
pub(super) struct Silence<'h> {
    /// Each with what it answers for, in the order of their first revisions.
    watches: Vec<(Coverage, &'h Watch)>,
    /// For each, the highest last revision up to it.
    furthest: Vec<Revision>,
}

impl<'h> Silence<'h> {
    pub(super) fn of(history: &'h History, coverages: &[Option<Coverage>]) -> Self {
        let covered = history.watches.iter().zip(coverages);
        let mut watches: Vec<_> = covered
            .filter_map(|(watch, coverage)| Some(((*coverage)?, watch)))
            .filter(|(coverage, _)| coverage.first <= coverage.last)
            .collect();
        watches.sort_by_key(|(coverage, watch)| (coverage.first, coverage.last, watch.id));
        let mut furthest: Vec<Revision> = Vec::with_capacity(watches.len());
        for (coverage, _) in &watches {
            furthest.push(coverage.last.max(furthest.last().copied().unwrap_or(0)));
        }
        Silence { watches, furthest }
    }

    /// True if a watch would have shown a change that was not seen.
    pub(super) fn hides(&self, revision: Revision, change: &Change) -> bool {
        let kind = if change.after.is_some() { EventKind::Put } else { EventKind::Delete };
        let begun = self.watches.partition_point(|(coverage, _)| coverage.first <= revision);
        let reaching = (0..begun).rev().take_while(|at| self.furthest[*at] >= revision);
        reaching
            .map(|at| &self.watches[at])
            .any(|(coverage, watch)| coverage.last >= revision && wants(watch, &change.key, kind))
    }
}
