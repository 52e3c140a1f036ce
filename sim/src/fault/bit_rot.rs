//! A disk that rots.

use super::disk_damage::words_of;
use super::{DiskDamage, FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use revline_store::disk::File;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member that loses power until the fault heals, and one bit of what it had made durable.
///
/// Cause: a worn flash cell, a firmware error, a cosmic ray.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BitRot {
    /// The member.
    pub target: Target,
    /// The file: `wal` or `snapshot`.
    pub file: File,
    /// The bit is wrong in what is read alone: the member starts at once, and again when the fault heals. Default no.
    #[serde(default)]
    pub read: bool,
}

impl FaultKind for BitRot {
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
        if !self.read {
            cx.damage_disk(member, DiskDamage::Rot(self.file));
        } else if cx.misread_disk(member, self.file) {
            cx.restart(member);
        }
        vec![member]
    }
}

impl fmt::Display for BitRot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.read { "misread" } else { "rot" };
        write!(f, "{how} a bit of {} of {}", words_of(self.file), self.target)
    }
}
