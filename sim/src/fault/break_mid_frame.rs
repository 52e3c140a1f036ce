//! Streams that break in the middle of a frame.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every stream to a member broken by its next frame, of which a part arrives.
///
/// Cause: a connection reset while a response is written, a proxy that dies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakMidFrame {
    /// The member.
    pub target: Target,
}

impl FaultKind for BreakMidFrame {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.break_mid_frame(member);
        vec![member]
    }
}

impl fmt::Display for BreakMidFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "break the streams to {} in the middle of a frame", self.target)
    }
}
