//! A member that stands still.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member that stands still and does not know it.
///
/// Cause: a stopped virtual machine, a long page-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The member.
    pub target: Target,
}

impl FaultKind for Pause {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_lasting_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        if cx.pause(member) { vec![member] } else { Vec::new() }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pause {}", self.target)
    }
}
