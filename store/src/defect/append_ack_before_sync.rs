//! A follower acknowledges entries that are not on its disk yet.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AppendAckBeforeSync;

pub(super) const DESCRIPTION: Description = Description {
    name: "append-ack-before-sync",
    rule: "a follower acknowledges entries before its WAL sync completed",
    guarantees: &["leader-completeness", "durable"],
};
