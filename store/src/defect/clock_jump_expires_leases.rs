//! Lease time is taken from the wall clock, which jumps.
//!
//! Found in: etcd-io/etcd #7565, #12291.

use super::{Defect, Description};
use crate::machine::Time;

/// The defect of this file.
pub const DEFECT: Defect = Defect::ClockJumpExpiresLeases;

pub(super) const DESCRIPTION: Description = Description {
    name: "clock-jump-expires-leases",
    rule: "the time of leases is taken from the wall clock, which jumps",
    guarantees: &["lease-alive"],
};

/// The time of leases: that of the wall clock.
pub(crate) fn lease_now(wall_ms: u64) -> Time {
    Time::from_millis(wall_ms)
}
