//! Compaction removes the tombstone at its own revision, too.
//!
//! Found in: etcd #18089.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::TombstoneDroppedAtCompaction;

pub(super) const DESCRIPTION: Description = Description {
    name: "tombstone-dropped-at-compaction",
    rule: "compaction removes the tombstone exactly at its revision",
    guarantees: &["watch-reliable"],
};
