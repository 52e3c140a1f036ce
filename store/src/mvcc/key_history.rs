//! The versions of one key (`mvcc.keyIndex`).

use std::collections::VecDeque;
use std::sync::Arc;

use super::Revision;
use crate::api::KeyValue;
use crate::defect::{Defects, altered};

/// The versions of one key that are not yet removed, oldest first. A tombstone ends a generation, in etcd's term;
/// the next put starts another.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyHistory {
    versions: VecDeque<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    revision: Revision,
    kv: Arc<KeyValue>,
}

impl KeyHistory {
    /// Adds the newest version.
    pub fn push(&mut self, revision: Revision, kv: Arc<KeyValue>) {
        debug_assert!(self.versions.back().is_none_or(|last| last.revision < revision));
        debug_assert_eq!(kv.mod_revision, revision.main);
        self.versions.push_back(Version { revision, kv });
    }

    /// The key as it is now, if it exists.
    #[inline]
    pub fn newest(&self) -> Option<&Arc<KeyValue>> {
        self.versions.back().map(|v| &v.kv).filter(|kv| !kv.is_tombstone())
    }

    /// The key as it was after revision `main`, if it existed.
    #[inline]
    pub fn at(&self, main: i64) -> Option<&Arc<KeyValue>> {
        match self.versions.back() {
            // Nearly every read is of the newest version.
            Some(last) if last.revision.main <= main => self.newest(),
            _ => self.last_up_to(main).map(|v| &v.kv).filter(|kv| !kv.is_tombstone()),
        }
    }

    /// Returns true if a compaction at `compact_revision` keeps this version of the key. The newest one up to there
    /// stays, unless it is a tombstone; that stays only if it is exactly there, for watches that resume at this
    /// revision.
    pub fn survives(&self, revision: Revision, compact_revision: i64, defects: Defects) -> bool {
        if revision.main > compact_revision {
            return true;
        }
        let keeps_tombstone =
            revision.main == compact_revision && !altered!(defects, tombstone_dropped_at_compaction);
        self.last_up_to(compact_revision)
            .is_some_and(|v| v.revision == revision && (keeps_tombstone || !v.kv.is_tombstone()))
    }

    /// Returns true if this is the newest version as of revision `main`.
    pub fn is_newest_at(&self, main: i64, revision: Revision) -> bool {
        self.last_up_to(main).is_some_and(|version| version.revision == revision)
    }

    /// Removes the oldest version. True if none is left.
    pub fn pop_oldest(&mut self, revision: Revision) -> bool {
        let oldest = self.versions.pop_front();
        assert_eq!(oldest.map(|v| v.revision), Some(revision), "compaction removes in order");
        self.versions.is_empty()
    }

    fn last_up_to(&self, main: i64) -> Option<&Version> {
        let after = self.versions.partition_point(|v| v.revision.main <= main);
        after.checked_sub(1).and_then(|index| self.versions.get(index))
    }
}
