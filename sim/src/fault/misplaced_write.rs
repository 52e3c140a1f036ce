//! A write at the wrong place.

use super::{DiskDamage, FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The place of a write that does not belong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Misplaced {
    /// Once more, behind the last one.
    Repeated,
    /// Before the one that it followed.
    Swapped,
}

/// A member that loses power until the fault heals, and whose log then has whole writes where they do not belong.
///
/// Cause: a firmware that writes a block twice or elsewhere, a file system journal that is replayed wrongly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MisplacedWrite {
    /// The member.
    pub target: Target,
    /// The place.
    pub how: Misplaced,
}

impl FaultKind for MisplacedWrite {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.has_lasting_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        if !cx.crash(member) {
            return Vec::new();
        }
        cx.damage_disk(
            member,
            match self.how {
                Misplaced::Repeated => DiskDamage::Repeat,
                Misplaced::Swapped => DiskDamage::Swap,
            },
        );
        vec![member]
    }
}

impl fmt::Display for MisplacedWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            Misplaced::Repeated => "repeat a write",
            Misplaced::Swapped => "swap two writes",
        };
        write!(f, "{how} in the log of {}", self.target)
    }
}
