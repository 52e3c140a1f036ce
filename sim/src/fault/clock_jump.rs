//! A clock that is set.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Impossible, require};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The farthest jump, in milliseconds: a day.
const MAX_JUMP_MS: i64 = 86_400_000;

/// A member with a wall clock that jumps, and jumps back when the fault heals: its monotonic clock goes on.
///
/// Cause: a step of the time daemon, an operator who sets the date, a leap second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockJump {
    /// The member.
    pub target: Target,
    /// The jump in milliseconds: forward, or back if negative. -86 400 000 to 86 400 000, not 0.
    pub ms: i64,
}

impl FaultKind for ClockJump {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        let ms = self.ms;
        require(
            ms != 0 && (-MAX_JUMP_MS..=MAX_JUMP_MS).contains(&ms),
            "ms",
            format!("between -86 400 000 and 86 400 000 (a day), and not 0, which is no jump; not {ms}"),
        )?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.jump_clock(member, self.ms);
        vec![member]
    }
}

impl fmt::Display for ClockJump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set the wall clock of {} by {} ms", self.target, self.ms)
    }
}
