//! A network in two parts.

use super::{FaultCx, FaultKind, Target, Topology, between};
use crate::bound::{Impossible, require};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Some members cut off from the rest, but not from one another.
///
/// Cause: a broken link between two sites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The members on one side.
    pub side: Vec<Target>,
    /// Splits clients and proxies, too: about half of them stand on the first side. Default no.
    #[serde(default)]
    pub clients: bool,
}

impl FaultKind for Split {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        let (side, members) = (&self.side, topology.members);
        require(!side.is_empty(), "side", "a side has at least one member")?;
        require(
            (side.len() as u64) < members,
            "side",
            format!("a side of {} leaves nobody of {members} on the other", side.len()),
        )?;
        for (at, target) in side.iter().enumerate() {
            let field = format!("side[{at}]");
            require(!side[..at].contains(target), &field, format!("{target} is on this side already"))?;
            topology.has_target(Self::NAME, &field, *target)?;
        }
        Ok(())
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let side: BTreeSet<NodeName> = self.side.iter().map(|&target| cx.member(target)).collect();
        let (mut left, mut right): (Vec<_>, Vec<_>) =
            cx.members().into_iter().partition(|node| side.contains(node));
        if self.clients {
            for node in [cx.proxies(), cx.clients()].concat() {
                if cx.stands_on_first_side(node) { left.push(node) } else { right.push(node) }
            }
        }
        cx.cut(between(&left, &right));
        side.into_iter().collect()
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side: Vec<String> = self.side.iter().map(Target::to_string).collect();
        write!(f, "split off {}{}", side.join(", "), if self.clients { ", clients too" } else { "" })
    }
}
