//! A clock that runs wrong.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Impossible, require};
use crate::clock::Clock;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member with a clock that runs too fast or too slow.
///
/// Cause: a failing oscillator, a virtual machine that is starved or migrated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockDrift {
    /// The member.
    pub target: Target,
    /// The drift in parts per million: too fast, or too slow if negative. -500 000 to 1 000 000.
    pub ppm: i64,
}

impl FaultKind for ClockDrift {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        let ppm = self.ppm;
        require(
            (Clock::MIN_DRIFT_PPM..=Clock::MAX_DRIFT_PPM).contains(&ppm),
            "ppm",
            format!("between -500 000 (half as fast) and 1 000 000 (twice as fast), not {ppm}"),
        )?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.drift_clock(member, self.ppm);
        vec![member]
    }
}

impl fmt::Display for ClockDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "let the clock of {} drift by {} ppm", self.target, self.ppm)
    }
}
