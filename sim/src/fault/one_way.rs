//! A partition in one direction.

use super::{FaultCx, FaultKind, Target, Topology, one_way};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The direction of a one-way partition that still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hears {
    /// The member hears the others; they do not hear it.
    Others,
    /// The others hear the member; it does not hear them.
    Nothing,
}

/// A member that hears the others but is not heard, or the other way round.
///
/// Cause: one-sided packet filters, a failing transceiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneWay {
    /// The member.
    pub target: Target,
    /// The direction that still works.
    pub hears: Hears,
}

impl FaultKind for OneWay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 2, "there is nobody to be cut off from")?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        let others = cx.other_members(member);
        cx.cut(match self.hears {
            Hears::Others => one_way(&[member], &others),
            Hears::Nothing => one_way(&others, &[member]),
        });
        vec![member]
    }
}

impl fmt::Display for OneWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hears {
            Hears::Others => write!(f, "nobody hears {}", self.target),
            Hears::Nothing => write!(f, "{} hears nobody", self.target),
        }
    }
}
