//! Compaction: history stops being readable at once, and is removed bit by bit
//! (`mvcc/kvstore_compaction.go`).

use super::backend_size::bytes_of;
use super::{Revision, Store};
use crate::api::{CompactionRequest, CompactionResponse, ResponseHeader};
use crate::error::Error;

/// Changes looked at in one batch of the removal (`CompactionBatchLimit`).
pub(crate) const COMPACTION_BATCH: usize = 1000;

impl Store {
    /// Makes everything before the revision unreadable, and leaves its removal to
    /// [`Store::compact_step`].
    pub(super) fn compact(&mut self, request: &CompactionRequest) -> Result<CompactionResponse, Error> {
        if request.revision <= self.compact_revision {
            return Err(Error::Compacted);
        }
        if request.revision > self.revision {
            return Err(Error::FutureRev);
        }
        let before = std::mem::replace(&mut self.compact_revision, request.revision);
        self.hash_compaction(request.revision, before);
        // Changes that an unfinished removal kept may be superfluous now.
        self.removed_up_to = Revision::default();
        Ok(CompactionResponse { header: ResponseHeader::at(self.revision) })
    }

    /// Returns true if there is history left to remove.
    pub fn compaction_pending(&self) -> bool {
        self.finished_compact_revision < self.compact_revision
    }

    /// The revision up to which history has been removed: a `physical` compaction waits for it.
    pub fn finished_compact_revision(&self) -> i64 {
        self.finished_compact_revision
    }

    /// Looks at up to `budget` changes and removes those that compaction does not keep. True if there is
    /// more to do. No request's answer depends on how far this has come.
    pub fn compact_step(&mut self, budget: usize) -> bool {
        if !self.compaction_pending() {
            return false;
        }
        let end = Revision::first_of(self.compact_revision + 1);
        let mut superfluous = Vec::new();
        let mut looked_at = 0;
        for (revision, kv) in self.changes.range(self.removed_up_to..end).take(budget) {
            looked_at += 1;
            self.removed_up_to = Revision { main: revision.main, sub: revision.sub + 1 };
            if !self.index.survives(kv, *revision, self.compact_revision, self.defects) {
                superfluous.push(*revision);
            }
        }
        for revision in superfluous {
            self.remove(revision);
        }
        if looked_at < budget {
            self.finished_compact_revision = self.compact_revision;
            self.removed_up_to = Revision::default();
        }
        self.compaction_pending()
    }

    pub(crate) fn remove(&mut self, revision: Revision) {
        let Some(kv) = self.changes.remove(&revision) else { return };
        self.size.shrink(bytes_of(&kv));
        self.index.remove_oldest(&kv.key, revision);
    }
}
