//! The keys at the latest revisions.

use super::marks::Marks;
use super::{Unproven, require};
use crate::bytes::Bytes;
use crate::history::{KeyValue, Revision};
use crate::replay::Span;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, VecDeque};

/// The least number of revisions held.
pub(super) const HELD_MIN: usize = 1 << 14;
/// The most revisions held, even without a compaction.
const HELD_MAX: usize = 1 << 20;
/// The number of revisions dropped at a time.
pub(super) const DROPPED_AT_ONCE: usize = 1 << 12;

/// A key as a revision left it.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) revision: Revision,
    /// `None` where it was deleted.
    pub(super) kv: Option<KeyValue>,
    /// True if a watch delivered it.
    pub(super) is_delivered: bool,
}

#[derive(Clone, Debug)]
struct Key {
    name: Bytes,
    versions: VecDeque<Version>,
    /// The number of versions dropped.
    dropped: u64,
}

/// The effect of one revision on one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) revision: Revision,
    pub(super) key: u32,
    /// The version of the key that it made.
    pub(super) version: u64,
    pub(super) is_put: bool,
}

#[derive(Clone, Copy, Debug)]
struct Made {
    /// The position of its first change.
    first: u64,
    /// The invocation of the request that made it.
    invoke_ns: u64,
    /// The latest invocation of the requests that made it and those before it.
    all_ns: u64,
}

/// The keys, and what the latest revisions did to them.
#[derive(Clone, Debug)]
pub(super) struct Store {
    /// Looked up, never walked through: its order does not show.
    ids: HashMap<Bytes, u32, FxBuildHasher>,
    order: BTreeMap<Bytes, u32>,
    keys: Vec<Key>,
    changes: VecDeque<Change>,
    dropped: u64,
    made: VecDeque<Made>,
    last_asked_ns: u64,
    /// The oldest revision of which the changes are held.
    first: Revision,
    /// The sightings of revisions.
    pub(super) marks: Marks,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            ids: HashMap::default(),
            order: BTreeMap::new(),
            keys: Vec::new(),
            changes: VecDeque::new(),
            dropped: 0,
            made: VecDeque::new(),
            last_asked_ns: 0,
            first: 2,
            marks: Marks::default(),
        }
    }
}

impl Store {
    /// The newest revision.
    pub(super) fn newest(&self) -> Revision {
        self.first + self.made.len() as Revision - 1
    }

    /// A revision whose state is held.
    pub(super) fn readable(&self, revision: Revision) -> Result<(), Unproven> {
        require((self.first - 1..=self.newest()).contains(&revision), "a revision is not held any more")
    }

    /// The number of a key; keys are numbered as they come.
    pub(super) fn id(&mut self, name: &Bytes) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.keys.len() as u32;
        self.ids.insert(name.clone(), id);
        self.order.insert(name.clone(), id);
        self.keys.push(Key { name: name.clone(), versions: VecDeque::new(), dropped: 0 });
        id
    }

    /// The number of keys.
    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The name of a key.
    pub(super) fn name(&self, key: u32) -> &Bytes {
        &self.keys[key as usize].name
    }

    /// A key at a revision that is readable.
    pub(super) fn at(&self, key: u32, revision: Revision) -> Option<&KeyValue> {
        let versions = &self.keys[key as usize].versions;
        let newest = versions.iter().rev().take(8).find(|version| version.revision <= revision);
        let found = newest.or_else(|| {
            let at = versions.partition_point(|version| version.revision <= revision);
            versions.get(at.checked_sub(1)?)
        });
        found?.kv.as_ref()
    }

    /// The same by its name.
    pub(super) fn get(&self, name: &Bytes, revision: Revision) -> Option<&KeyValue> {
        self.at(*self.ids.get(name)?, revision)
    }

    /// The keys of a span at a revision that is readable, in order.
    pub(super) fn of<'s>(
        &'s self,
        span: Span<'s>,
        revision: Revision,
    ) -> impl Iterator<Item = (u32, &'s KeyValue)> {
        let single = span.single().map(|key| self.ids.get(key).copied());
        let range = single.is_none().then(|| span.of(&self.order).map(|(_, id)| *id));
        let ids = single.flatten().into_iter().chain(range.into_iter().flatten());
        ids.filter_map(move |id| Some((id, self.at(id, revision)?)))
    }

    /// Changes a key at the revision that is being made.
    pub(super) fn change(&mut self, key: u32, revision: Revision, kv: Option<KeyValue>) {
        let held = &mut self.keys[key as usize];
        let version = held.dropped + held.versions.len() as u64;
        self.changes.push_back(Change { revision, key, version, is_put: kv.is_some() });
        held.versions.push_back(Version { revision, kv, is_delivered: false });
    }

    /// The changes at the revision in the making.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Change> {
        let next = self.newest() + 1;
        let count = self.changes.iter().rev().take_while(|change| change.revision == next).count();
        self.changes.range(self.changes.len() - count..)
    }

    /// Takes back what was changed at the revision that is being made.
    pub(super) fn take_back(&mut self) {
        let next = self.newest() + 1;
        while let Some(change) = self.changes.back().filter(|change| change.revision == next) {
            self.keys[change.key as usize].versions.pop_back();
            self.changes.pop_back();
        }
    }

    /// The next revision is made.
    pub(super) fn make(&mut self, invoke_ns: u64, is_acknowledged: bool) {
        let count = self.changed().count();
        let revision = self.newest() + 1;
        self.marks.made(revision, is_acknowledged, count > 1);
        let first = self.dropped + (self.changes.len() - count) as u64;
        self.last_asked_ns = self.last_asked_ns.max(invoke_ns);
        self.made.push_back(Made { first, invoke_ns, all_ns: self.last_asked_ns });
    }

    /// The invocation of the request that made a revision, where that is held.
    pub(super) fn asked_ns(&self, revision: Revision) -> Option<u64> {
        Some(self.made.get(usize::try_from(revision - self.first).ok()?)?.invoke_ns)
    }

    /// The latest invocation of the requests that made a revision or one before it. For one that is not held any more,
    /// or not made yet, that is said of the next best that is.
    pub(super) fn asked_by_ns(&self, revision: Revision) -> u64 {
        let at = usize::try_from(revision - self.first).unwrap_or(0);
        self.made.get(at).or(self.made.back()).map_or(0, |made| made.all_ns)
    }

    /// The position of the first change from a revision on; not of one that is dropped.
    pub(super) fn changes_from(&self, revision: Revision) -> Result<u64, Unproven> {
        let at = usize::try_from(revision.max(2) - self.first)
            .map_err(|_| Unproven("a watch goes back too far"))?;
        Ok(self.made.get(at).map_or(self.dropped + self.changes.len() as u64, |made| made.first))
    }

    /// The number of keys that a held revision changed.
    pub(super) fn change_count(&self, revision: Revision) -> u64 {
        match (self.changes_from(revision), self.changes_from(revision + 1)) {
            (Ok(from), Ok(to)) => to - from,
            _ => 0,
        }
    }

    /// The change at a place; `None` behind the last one.
    pub(super) fn change_at(&self, at: u64) -> Result<Option<&Change>, Unproven> {
        let at = at.checked_sub(self.dropped).ok_or(Unproven("a watch was silent for too long"))?;
        Ok(self.changes.get(at as usize))
    }

    /// The first version of a key at or after a revision.
    pub(super) fn version_from(&self, key: u32, revision: Revision) -> u64 {
        let Key { versions, dropped, .. } = &self.keys[key as usize];
        dropped + versions.partition_point(|version| version.revision < revision) as u64
    }

    /// A version of a key; `None` behind the last one.
    pub(super) fn version(&self, key: u32, number: u64) -> Result<Option<&Version>, Unproven> {
        let Key { versions, dropped, .. } = &self.keys[key as usize];
        let at = number.checked_sub(*dropped).ok_or(Unproven("a watch was silent for too long"))?;
        Ok(versions.get(at as usize))
    }

    /// The state before a version.
    pub(super) fn before(&self, key: u32, number: u64) -> Option<&KeyValue> {
        let Key { versions, dropped, .. } = &self.keys[key as usize];
        versions.get((number - dropped).checked_sub(1)? as usize)?.kv.as_ref()
    }

    /// A watch delivered a version; says whether another one had.
    pub(super) fn deliver(&mut self, key: u32, number: u64) -> bool {
        let Key { versions, dropped, .. } = &mut self.keys[key as usize];
        match versions.get_mut((number - *dropped) as usize) {
            Some(version) => std::mem::replace(&mut version.is_delivered, true),
            None => false,
        }
    }

    /// True if so much is held that some can be dropped; no request has reason to look back behind `needed`.
    pub(super) fn is_full(&self, needed: Revision) -> bool {
        let dropped = self.first + DROPPED_AT_ONCE as Revision;
        self.made.len() >= HELD_MIN + DROPPED_AT_ONCE && dropped <= needed
            || self.made.len() >= HELD_MAX + DROPPED_AT_ONCE
    }

    /// Drops the oldest revisions. Their state stays where later ones left it as it was.
    pub(super) fn drop_oldest(&mut self) {
        let first = self.first + DROPPED_AT_ONCE as Revision;
        while let Some(change) = self.changes.front().copied().filter(|change| change.revision < first) {
            self.changes.pop_front();
            self.dropped += 1;
            let Key { versions, dropped, .. } = &mut self.keys[change.key as usize];
            while versions.front().is_some_and(|version| version.revision < change.revision) {
                versions.pop_front();
                *dropped += 1;
            }
        }
        self.made.drain(..DROPPED_AT_ONCE);
        self.first = first;
    }
}
