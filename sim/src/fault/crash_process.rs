//! A user's process that ends at once.

use super::{FaultCx, FaultKind, ProcessTarget, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A user's process that ends at once, with all its tasks, timers and connections, until the fault heals: then it starts anew.
///
/// Cause: the out-of-memory killer, a bug that aborts, a node that is drained without grace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrashProcess {
    /// The process.
    pub target: ProcessTarget,
}

impl FaultKind for CrashProcess {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_process(Self::NAME)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims = Vec::from_iter(cx.user_process(&self.target));
        victims.retain(|&process| cx.crash(process));
        victims
    }
}

impl fmt::Display for CrashProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kill {}", self.target)
    }
}
