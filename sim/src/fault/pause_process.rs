//! A user's process that stands still.

use super::{FaultCx, FaultKind, ProcessTarget, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A user's process that stands still and does not know it: its tasks, its timers, and what it is told.
///
/// Cause: garbage collection, a stopped container, a machine that swaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseProcess {
    /// The process.
    pub target: ProcessTarget,
}

impl FaultKind for PauseProcess {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_process(Self::NAME)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims = Vec::from_iter(cx.user_process(&self.target));
        victims.retain(|&process| cx.pause(process));
        victims
    }
}

impl fmt::Display for PauseProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pause {}", self.target)
    }
}
