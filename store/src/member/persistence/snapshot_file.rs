//! The snapshot file of a member: its applied state and the applied index, on its disk.

use crate::disk::{DiskOperation, DiskToken, File};
use crate::member::Output;
use crate::member::cx::Cx;
use crate::member::persistence::Persistence;
use crate::member::state::{AppliedState, SnapshotOrigin, encode_file};
use raft::eraftpb::{ConfState, Snapshot};

impl Persistence {
    /// Hands a snapshot to the disk: the data and how far the log is applied to it, as one.
    pub(super) fn write_snapshot(&self, cx: &mut Cx<'_>, snapshot: &Snapshot, done: Option<DiskToken>) {
        let bytes = self.snapshot_file(cx, snapshot);
        let operation = DiskOperation::Replace { file: File::Snapshot, bytes };
        cx.out.push(Output::Disk { operation, done });
    }

    /// The content of the snapshot file.
    pub(super) fn snapshot_file(&self, cx: &Cx<'_>, snapshot: &Snapshot) -> Vec<u8> {
        let origin = SnapshotOrigin {
            cluster_id: cx.config.cluster_id,
            member_id: cx.config.id,
            log: self.queue.log.secured(),
        };
        encode_file(snapshot, origin)
    }

    /// The snapshot before, or the state that a cluster begins with.
    pub(super) fn last_snapshot(&self, cx: &Cx<'_>) -> Snapshot {
        let last = cx.raft.store().newest_snapshot();
        if !last.is_empty() {
            return last.clone();
        }
        let voters = ConfState::from((self.initial_members.clone(), Vec::new()));
        AppliedState::new(&self.initial_members, &cx.config.defects).snapshot(&voters)
    }
}
