//! A user's process that is cut off.

use super::{FaultCx, FaultKind, ProcessTarget, Topology, between};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A user's process that is cut off from everything: from members, proxies and all other processes, in both directions.
///
/// Cause: a switch port that fails, a security group that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutProcess {
    /// The process.
    pub target: ProcessTarget,
}

impl FaultKind for CutProcess {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_process(Self::NAME)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let Some(process) = cx.user_process(&self.target) else { return Vec::new() };
        let mut others = [cx.members(), cx.proxies(), cx.processes()].concat();
        others.retain(|&other| other != process);
        cx.cut(between(&[process], &others));
        vec![process]
    }
}

impl fmt::Display for CutProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cut off {}", self.target)
    }
}
