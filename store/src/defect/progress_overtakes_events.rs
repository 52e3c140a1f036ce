//! A progress request is answered while a watch of the stream has events to come.
//!
//! Found in: etcd #15220.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProgressOvertakesEvents;

pub(super) const DESCRIPTION: Description = Description {
    name: "progress-overtakes-events",
    rule: "progress is told ahead of events on the same stream",
    guarantees: &["watch-bookmarkable"],
};
