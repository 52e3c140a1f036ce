//! A member cut off from the others.

use super::{FaultCx, FaultKind, Target, Topology, between};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member cut off from every other.
///
/// Cause: a broken switch, a wrong firewall rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Isolate {
    /// The member.
    pub target: Target,
    /// Cuts clients and proxies off from it, too. Default no.
    #[serde(default)]
    pub clients: bool,
}

impl FaultKind for Isolate {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 2, "there is nobody to be cut off from")?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        let mut others = cx.other_members(member);
        if self.clients {
            others.extend(cx.proxies());
            others.extend(cx.clients());
        }
        cx.cut(between(&[member], &others));
        vec![member]
    }
}

impl fmt::Display for Isolate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "isolate {}{}", self.target, if self.clients { ", clients too" } else { "" })
    }
}
