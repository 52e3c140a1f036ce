//! The snapshot file of a member: what it applied, and how far, on its disk.

use crate::defect::Defect;
use crate::machine::{DiskOperation, DiskToken, File, Output};
use crate::member::cx::Cx;
use crate::member::persistence::Persistence;
use crate::member::state::{AppliedState, SnapshotOrigin, encode_file, mix, mix_auth};
use raft::eraftpb::{ConfState, Snapshot};

/// The reason for which a member writes a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The log grew long.
    Log,
    /// A defragmentation.
    Defragmentation,
    /// A change of auth, if it is saved by itself.
    Auth,
}

impl Persistence {
    /// Hands a snapshot to the disk: the data and how far the log is applied to it, as one.
    pub(super) fn write_snapshot(
        &self,
        cx: &mut Cx<'_>,
        snapshot: &Snapshot,
        occasion: Occasion,
        done: Option<DiskToken>,
    ) {
        let defects = cx.config.defects;
        let bytes = match occasion {
            // The index is saved now, the data when the next snapshot is taken: entries get skipped.
            Occasion::Log if defects.has(Defect::AppliedIndexNotAtomic) => {
                self.snapshot_file(cx, &mix(snapshot, &self.last_snapshot(cx)))
            }
            // The data is written anew, the index stays that of before: entries get applied twice.
            Occasion::Defragmentation if defects.has(Defect::SnapshotSkipsAppliedIndex) => {
                self.snapshot_file(cx, &mix(&self.last_snapshot(cx), snapshot))
            }
            // Users and roles are written, the index stays that of before: changes get applied twice.
            Occasion::Auth => self.snapshot_file(cx, &mix_auth(&self.last_snapshot(cx), snapshot)),
            Occasion::Log | Occasion::Defragmentation => self.snapshot_file(cx, snapshot),
        };
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
    fn last_snapshot(&self, cx: &Cx<'_>) -> Snapshot {
        let last = cx.raft.store().newest_snapshot();
        if !last.is_empty() {
            return last.clone();
        }
        let voters = ConfState::from((self.initial_members.clone(), Vec::new()));
        AppliedState::new(&self.initial_members, &cx.config.defects).snapshot(&voters)
    }
}
