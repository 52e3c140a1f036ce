//! A former leader goes on renewing and revoking leases.
//!
//! Found in: etcd #15247.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::DeposedLeaderRevokes;

pub(super) const DESCRIPTION: Description = Description {
    name: "deposed-leader-revokes",
    rule: "a former leader goes on renewing and revoking leases",
    guarantees: &["lease-alive"],
};
