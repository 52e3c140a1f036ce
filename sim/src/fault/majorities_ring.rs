//! A ring of majorities.

use super::{FaultCx, FaultKind, Topology, Way};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A ring in which every member reaches a majority, each another one.
///
/// Needs five members or more.
///
/// Cause: a mesh that failed in part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MajoritiesRing {}

impl FaultKind for MajoritiesRing {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 5, "in a smaller ring everyone sees everyone")
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let members = cx.members();
        // Neighbours on either side, so many that they make a majority with the member itself.
        let reach = (members.len() / 2).div_ceil(2);
        let distance = |a: usize, b: usize| a.abs_diff(b).min(members.len() - a.abs_diff(b));
        let mut ways: Vec<Way> = Vec::new();
        for a in 0..members.len() {
            for b in 0..members.len() {
                if distance(a, b) > reach {
                    ways.push((members[a], members[b]));
                }
            }
        }
        cx.cut(ways);
        members
    }
}

impl fmt::Display for MajoritiesRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("majorities ring")
    }
}
