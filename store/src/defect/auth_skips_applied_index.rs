//! Auth changes are saved without the applied index, so that a restart applies them again.
//!
//! Found in: etcd #11651.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AuthSkipsAppliedIndex;

pub(super) const DESCRIPTION: Description = Description {
    name: "auth-skips-applied-index",
    rule: "auth changes are saved without the applied index",
    guarantees: &["member-agreement"],
};
