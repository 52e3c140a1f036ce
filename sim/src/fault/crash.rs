//! A member without power.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member without power until the fault heals: what it did not sync is lost or torn.
///
/// Cause: a power cut, a kernel panic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// The member.
    pub target: Target,
}

impl FaultKind for Crash {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_lasting_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        if cx.crash(member) { vec![member] } else { Vec::new() }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crash {}", self.target)
    }
}
