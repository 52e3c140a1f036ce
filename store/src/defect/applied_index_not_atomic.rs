//! The applied index is saved apart from the data it belongs to.
//!
//! Found in: etcd #13766.

use super::{Defect, Description};
use crate::member::mix;
use raft::eraftpb::Snapshot;

/// The defect of this file.
pub const DEFECT: Defect = Defect::AppliedIndexNotAtomic;

pub(super) const DESCRIPTION: Description = Description {
    name: "applied-index-not-atomic",
    rule: "the applied index is saved apart from the data it belongs to",
    guarantees: &["member-agreement"],
};

/// Saves the index now and the data when the next snapshot is taken: entries get skipped.
pub(crate) fn saved(snapshot: &Snapshot, last: &Snapshot) -> Option<Snapshot> {
    Some(mix(snapshot, last))
}
