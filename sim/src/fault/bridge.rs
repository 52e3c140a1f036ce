//! Two halves and a bridge.

use super::{FaultCx, FaultKind, Target, Topology, between};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Two halves that reach each other through one member alone.
///
/// Cause: a mesh that failed in part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// The member that both halves reach.
    pub target: Target,
}

impl FaultKind for Bridge {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 3, "two halves and a bridge")?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        let others = cx.other_members(member);
        let (left, right) = others.split_at(others.len() / 2);
        cx.cut(between(left, right));
        vec![member]
    }
}

impl fmt::Display for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two halves, bridged by {}", self.target)
    }
}
