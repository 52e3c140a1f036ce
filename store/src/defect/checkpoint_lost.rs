//! The remaining TTL of a lease is forgotten on a change of leader.
//!
//! Found in: etcd PR #13508.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::CheckpointLost;

pub(super) const DESCRIPTION: Description = Description {
    name: "checkpoint-lost",
    rule: "the remaining TTL of a lease is forgotten on a change of leader",
    guarantees: &["lease-expires"],
};
