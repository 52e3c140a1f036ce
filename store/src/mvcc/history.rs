//! Telling what happened, for watches that catch up (`kvsToEvents` in `mvcc/watchable_store.go`).

use std::sync::Arc;

use super::{Revision, Store};
use crate::api::KeyValue;

impl Store {
    /// All changes from a revision on, in their order. From before the compacted revision it is what is
    /// left; the caller must not pass that on.
    pub(crate) fn changes_since(&self, revision: i64) -> impl Iterator<Item = &Arc<KeyValue>> {
        self.changes.range(Revision::first_of(revision)..).map(|(_, kv)| kv)
    }

    /// The key before the change at `revision`, unless that is compacted.
    pub(crate) fn key_before(&self, key: &[u8], revision: i64) -> Option<&Arc<KeyValue>> {
        let before = revision - 1;
        if before < self.compact_revision { None } else { self.key_at(key, before) }
    }
}
