//! A restart trusts the commit index in the log, although the snapshot covers entries after it.
//!
//! Found in: etcd #22028. The backend is written without waiting for the hard state, so that a crash may leave the applied
//! index in it ahead of the commit index in the log.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::SnapshotAheadOfHardState;

pub(super) const DESCRIPTION: Description = Description {
    name: "snapshot-ahead-of-hard-state",
    rule: "a restart goes on from the commit index of the log, though the snapshot is ahead of it",
    guarantees: &["boots", "applied-agreement"],
};

/// The commit index to go on from: the saved one.
pub(crate) fn commit(saved: u64) -> u64 {
    saved
}
