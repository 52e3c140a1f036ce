//! A renewal succeeds although a revoke came first.
//!
//! Found in: etcd PR #20615.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::RenewAfterRevoke;

pub(super) const DESCRIPTION: Description = Description {
    name: "renew-after-revoke",
    rule: "a renewal succeeds although a revoke came first",
    guarantees: &["lease-alive"],
};
