//! A member answers a linearizable read from its own applied state.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ReadsOwnMemberStaleAsLinearizable;

pub(super) const DESCRIPTION: Description = Description {
    name: "reads-own-member-stale-as-linearizable",
    rule: "a serializable answer is handed out as linearizable",
    guarantees: &["linearizable"],
};
