//! An election without a failure.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The leadership handed to another member.
///
/// Cause: an operator who moves the leader away from a member, as before maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferLeader {
    /// The member that is to lead.
    pub to: Target,
}

impl FaultKind for TransferLeader {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(Self::NAME, 2, "there is nobody to hand over to")?;
        topology.has_target(Self::NAME, "to", self.to)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.to);
        if cx.transfer_leadership(member) { vec![member] } else { Vec::new() }
    }
}

impl fmt::Display for TransferLeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "transfer leadership to {}", self.to)
    }
}
