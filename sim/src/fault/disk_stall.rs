//! A disk that stands still.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member with a disk that begins no operation until the fault heals.
///
/// Cause: a controller that resets, a full queue of a network volume, a snapshot of a virtual disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiskStall {
    /// The member.
    pub target: Target,
}

impl FaultKind for DiskStall {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.stall_disk(member);
        vec![member]
    }
}

impl fmt::Display for DiskStall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stall the disk of {}", self.target)
    }
}
