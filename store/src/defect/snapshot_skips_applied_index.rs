//! A rewrite of the backend forgets the applied index.
//!
//! Found in: etcd #14685.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::SnapshotSkipsAppliedIndex;

pub(super) const DESCRIPTION: Description = Description {
    name: "snapshot-skips-applied-index",
    rule: "a defragmentation forgets the applied index",
    guarantees: &["member-agreement"],
};
