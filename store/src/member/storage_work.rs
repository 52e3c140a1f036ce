//! Compactions and defragmentations whose callers wait until the storage is done with them.

use crate::api::{MaintenanceResponse, Response};
use crate::disk::DiskToken;
use crate::frame::Reply;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::mvcc::COMPACTION_BATCH;

/// etcd removes a batch every 10 ms (`CompactionSleepInterval`); a tick is 100 ms long.
const COMPACTION_BATCHES_PER_TICK: usize = 10;

/// The work of a member on its storage. See the [module](self).
#[derive(Debug, Default)]
pub(super) struct StorageWork {
    compactions: Vec<PhysicalCompaction>,
    /// Being written; the caller may be gone.
    defragmentations: Vec<(DiskToken, Option<Caller>)>,
}

/// A compaction that is to be answered when it is physically done.
#[derive(Debug)]
struct PhysicalCompaction {
    caller: Caller,
    revision: i64,
    response: Response,
}

impl StorageWork {
    /// Lets a caller wait until the compacted changes are removed.
    pub fn compacting(&mut self, caller: Caller, revision: i64, response: Response) {
        self.compactions.push(PhysicalCompaction { caller, revision, response });
    }

    /// Removes some of the compacted changes, and answers the compactions that are done.
    pub fn compact(&mut self, cx: &mut Cx<'_>) {
        cx.state.store.compact_step(COMPACTION_BATCHES_PER_TICK * COMPACTION_BATCH);
        let finished = cx.state.store.finished_compact_revision();
        for compaction in self.compactions.extract_if(.., |compaction| compaction.revision <= finished) {
            cx.reply(compaction.caller, Ok(Reply::Kv(compaction.response)));
        }
    }

    /// Lets a caller wait until the disk is done with a defragmentation.
    pub fn defragmenting(&mut self, token: DiskToken, caller: Caller) {
        self.defragmentations.push((token, Some(caller)));
    }

    /// Answers the defragmentation that this disk operation was; false if it was none.
    pub fn defragmented(&mut self, cx: &mut Cx<'_>, token: DiskToken) -> bool {
        let Some(at) = self.defragmentations.iter().position(|(named, _)| *named == token) else {
            return false;
        };
        if let (_, Some(caller)) = self.defragmentations.remove(at) {
            let header = cx.header();
            cx.reply(caller, Ok(Reply::Maintenance(MaintenanceResponse::Defragment { header })));
        }
        true
    }

    /// Forgets callers that went away. The work goes on.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.compactions.retain(|compaction| !gone(&compaction.caller));
        for (_, caller) in &mut self.defragmentations {
            caller.take_if(|caller| gone(caller));
        }
    }

    /// Takes all callers. The disk goes on with defragmentations.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        let compactions = std::mem::take(&mut self.compactions).into_iter();
        let defragmentations = self.defragmentations.iter_mut().filter_map(|(_, caller)| caller.take());
        compactions.map(|compaction| compaction.caller).chain(defragmentations)
    }
}
