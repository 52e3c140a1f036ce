//! Term and vote are forgotten by a crash.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::VoteNotPersisted;

pub(super) const DESCRIPTION: Description = Description {
    name: "vote-not-persisted",
    rule: "term and vote are not written to the log",
    guarantees: &["one-leader-per-term"],
};
