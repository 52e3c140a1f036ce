//! A rewrite of the backend forgets the applied index.
//!
//! Found in: etcd #14685.

use super::{Defect, Description};
use crate::member::mix;
use raft::eraftpb::Snapshot;

/// The defect of this file.
pub const DEFECT: Defect = Defect::SnapshotSkipsAppliedIndex;

pub(super) const DESCRIPTION: Description = Description {
    name: "snapshot-skips-applied-index",
    rule: "a defragmentation forgets the applied index",
    guarantees: &["member-agreement"],
};

/// Writes the data anew and leaves the index as it was: entries get applied twice.
pub(crate) fn saved(snapshot: &Snapshot, last: &Snapshot) -> Snapshot {
    mix(last, snapshot)
}
