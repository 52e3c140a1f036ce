//! A member's own snapshots: what it applied, and how far, on its disk.

use super::Member;
use super::event::MemberEvent;
use super::state::{AppliedState, SnapshotOrigin, encode_file, mix, mix_auth};
use crate::defect::Defect;
use crate::machine::{DiskOperation, DiskToken, File, Output};
use raft::eraftpb::{ConfState, Snapshot};

/// What a member writes a snapshot for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Occasion {
    /// The log grew long.
    Log,
    /// A defragmentation.
    Defragmentation,
    /// A change of auth, if it is saved by itself.
    Auth,
}

impl Member {
    /// Takes a snapshot if enough was applied since the last one, and cuts the log.
    pub(super) fn take_snapshot_if_due(&mut self, out: &mut Vec<Output>) {
        let applied = self.core.state.index;
        let due = self.core.raft.store().snapshot_index() + self.core.config.snapshot_every_entries;
        if applied < due && !std::mem::take(&mut self.changes.snapshot_due) {
            return;
        }
        let snapshot = self.core.state.snapshot(self.core.raft.store().conf_state());
        self.write_snapshot(&snapshot, Occasion::Log, None, out);
        self.core.raft.mut_store().compact_to(snapshot, self.core.config.snapshot_keep_entries);
        self.rewrite_log(out);
        out.push(Output::Event(MemberEvent::SnapshotTaken { index: applied }));
    }

    /// Writes what was applied anew, in place of the snapshot. The log stays as it is: what of it the snapshot
    /// covers is cut off with the next one.
    pub(super) fn rewrite_snapshot(&mut self, done: DiskToken, out: &mut Vec<Output>) {
        let snapshot = self.core.state.snapshot(self.core.raft.store().conf_state());
        self.write_snapshot(&snapshot, Occasion::Defragmentation, Some(done), out);
    }

    /// Saves a change of auth, as a member with [`Defect::AuthSkipsAppliedIndex`] does.
    pub(super) fn save_auth_without_index(&mut self, out: &mut Vec<Output>) {
        let snapshot = self.core.state.snapshot(self.core.raft.store().conf_state());
        self.write_snapshot(&snapshot, Occasion::Auth, None, out);
    }

    /// Hands a snapshot to the disk: the data and how far the log is applied to it, as one.
    fn write_snapshot(
        &self,
        snapshot: &Snapshot,
        occasion: Occasion,
        done: Option<DiskToken>,
        out: &mut Vec<Output>,
    ) {
        let defects = self.core.config.defects;
        let bytes = match occasion {
            // The index is saved now, the data when the next snapshot is taken: entries get skipped.
            Occasion::Log if defects.has(Defect::AppliedIndexNotAtomic) => {
                self.snapshot_file(&mix(snapshot, &self.last_snapshot()))
            }
            // The data is written anew, the index stays that of before: entries get applied twice.
            Occasion::Defragmentation if defects.has(Defect::SnapshotSkipsAppliedIndex) => {
                self.snapshot_file(&mix(&self.last_snapshot(), snapshot))
            }
            // Users and roles are written, the index stays that of before: changes get applied twice.
            Occasion::Auth => self.snapshot_file(&mix_auth(&self.last_snapshot(), snapshot)),
            Occasion::Log | Occasion::Defragmentation => self.snapshot_file(snapshot),
        };
        let operation = DiskOperation::Replace { file: File::Snapshot, bytes };
        out.push(Output::Disk { operation, done });
    }

    /// The content of the snapshot file.
    pub(super) fn snapshot_file(&self, snapshot: &Snapshot) -> Vec<u8> {
        let origin = SnapshotOrigin {
            cluster_id: self.core.config.cluster_id,
            member_id: self.core.config.id,
            log: self.persist.log.secured(),
        };
        encode_file(snapshot, origin)
    }

    /// The snapshot before, or the state that a cluster begins with.
    fn last_snapshot(&self) -> Snapshot {
        let last = self.core.raft.store().newest_snapshot();
        if !last.is_empty() {
            return last.clone();
        }
        let founders = ConfState::from((self.founders.clone(), Vec::new()));
        AppliedState::new(&self.founders, &self.core.config.defects).snapshot(&founders)
    }
}
