//! An older copy of a disk.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member that starts from a copy of its disk when the fault heals: the disk as it was when the fault struck.
///
/// Cause: a virtual machine that is set back to a snapshot, a backup that is restored over a data directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OldDisk {
    /// The member.
    pub target: Target,
}

impl FaultKind for OldDisk {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 3, "others have to know what the member forgets")?;
        topology.has_lasting_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        if cx.copy_disk(member) { vec![member] } else { Vec::new() }
    }
}

impl fmt::Display for OldDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set the disk of {} back", self.target)
    }
}
