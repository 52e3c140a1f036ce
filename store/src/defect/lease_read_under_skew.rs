//! A leader reads by its lease, as if all clocks went alike.
//!
//! Found in: Raft thesis, 6.4.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LeaseReadUnderSkew;

pub(super) const DESCRIPTION: Description = Description {
    name: "lease-read-under-skew",
    rule: "a leader answers reads by its lease, with clocks that drift more than assumed",
    guarantees: &["linearizable"],
};
