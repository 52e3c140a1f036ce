//! A slow disk.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Bound, Impossible};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The slowdown of a disk, as a factor.
const FACTOR: Bound = Bound::new(1, 1_000_000, "an operation has to end within the run");

/// A member with a slower disk.
///
/// Cause: a noisy neighbour, a failing drive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowDisk {
    /// The member.
    pub target: Target,
    /// The slowdown, as a factor. 1 to 1 000 000.
    pub factor: u32,
}

impl FaultKind for SlowDisk {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        FACTOR.check(u64::from(self.factor), "factor")?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.slow_disk(member, self.factor);
        vec![member]
    }
}

impl fmt::Display for SlowDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slow down the disk of {} {} times", self.target, self.factor)
    }
}
