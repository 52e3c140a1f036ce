//! Every key with its versions (etcd: `treeIndex` of `mvcc/index.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Revision;
use super::key_history::KeyHistory;
use crate::api::KeyValue;
use crate::bytes::Bytes;
use crate::defect::Defects;
use crate::key_range::KeyRange;

/// The versions of all keys, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyIndex(BTreeMap<Bytes, KeyHistory>);

impl KeyIndex {
    /// A key as it was at a revision that is neither compacted nor in the future, to be checked by the caller.
    pub fn at(&self, key: &[u8], revision: i64) -> Option<&Arc<KeyValue>> {
        self.0.get(key).and_then(|history| history.at(revision))
    }

    /// The current version of a key, if it exists.
    pub fn newest(&self, key: &[u8]) -> Option<&Arc<KeyValue>> {
        self.0.get(key).and_then(|history| history.newest())
    }

    /// The keys that exist now.
    pub fn all_newest(&self) -> impl Iterator<Item = &Arc<KeyValue>> {
        self.0.values().filter_map(KeyHistory::newest)
    }

    /// Returns true if any key exists at a revision.
    pub fn has_any_at(&self, revision: i64) -> bool {
        self.0.values().any(|history| history.at(revision).is_some())
    }

    /// The keys of a range at a revision, in their order.
    pub fn keys_at<'a>(
        &'a self,
        range: &'a KeyRange,
        revision: i64,
    ) -> impl Iterator<Item = &'a Arc<KeyValue>> {
        range
            .bounds()
            .map(|bounds| self.0.range::<[u8], _>(bounds))
            .into_iter()
            .flatten()
            .filter_map(move |(_, history)| history.at(revision))
    }

    /// The keys of a range that exist now, in their order.
    pub fn live_keys<'a>(&'a self, range: &'a KeyRange) -> impl Iterator<Item = &'a Arc<KeyValue>> {
        self.keys_at(range, i64::MAX)
    }

    /// The key of a history, to be shared with it.
    pub fn shared_key(&self, key: &Bytes) -> Option<&Bytes> {
        self.0.get_key_value(key).map(|(key, _)| key)
    }

    /// Adds a version, the newest one of its key.
    pub fn push(&mut self, revision: Revision, kv: Arc<KeyValue>) {
        match self.0.get_mut(&kv.key) {
            Some(history) => history.push(revision, kv),
            None => self.0.entry(kv.key.clone()).or_default().push(revision, kv),
        }
    }

    /// Removes the version of a revision, the oldest one of its key.
    pub fn remove_oldest(&mut self, key: &Bytes, revision: Revision) {
        if let Some(history) = self.0.get_mut(key)
            && history.pop_oldest(revision)
        {
            self.0.remove(key);
        }
    }

    /// Returns true if a compaction keeps a change.
    pub fn survives(&self, kv: &KeyValue, change: Revision, compact_revision: i64, defects: Defects) -> bool {
        self.0.get(&kv.key).is_some_and(|history| history.survives(change, compact_revision, defects))
    }

    /// Returns true if a change is the newest one of its key up to a revision.
    pub fn is_newest_at(&self, kv: &KeyValue, revision: i64, change: Revision) -> bool {
        self.0.get(&kv.key).is_some_and(|history| history.is_newest_at(revision, change))
    }
}
