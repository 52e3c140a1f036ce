//! Streams to a member that break.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every client stream to a member broken at once.
///
/// Cause: a restarted load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakStreams {
    /// The member.
    pub target: Target,
}

impl FaultKind for BreakStreams {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.break_streams(member);
        vec![member]
    }
}

impl fmt::Display for BreakStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "break the streams to {}", self.target)
    }
}
