//! The applied index is saved apart from the data it belongs to.
//!
//! Found in: etcd #13766.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AppliedIndexNotAtomic;

pub(super) const DESCRIPTION: Description = Description {
    name: "applied-index-not-atomic",
    rule: "the applied index is saved apart from the data it belongs to",
    guarantees: &["member-agreement"],
};
