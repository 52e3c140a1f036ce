//! A watch may start at a revision below 0, and misses earlier events.
//!
//! Found in: etcd PR #20711.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::NegativeStartAccepted;

pub(super) const DESCRIPTION: Description = Description {
    name: "negative-start-accepted",
    rule: "a watch may start at a negative revision",
    guarantees: &["watch-reliable"],
};

/// A start below 0 that is accepted looks for a past that sorts behind everything: it finds nothing there.
pub(crate) fn finds_nothing(start_revision: i64) -> bool {
    start_revision < 0
}
