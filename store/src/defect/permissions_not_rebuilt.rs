//! The permissions are not made anew after a snapshot or a restart.
//!
//! Found in: etcd #14571, #14355.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::PermissionsNotRebuilt;

pub(super) const DESCRIPTION: Description = Description {
    name: "permissions-not-rebuilt",
    rule: "the permissions are not made anew after a snapshot or a restart",
    guarantees: &["auth-enforced", "member-agreement"],
};
