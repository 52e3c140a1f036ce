//! A member on a host that is short of power.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Bound, Impossible};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The slowdown, as a factor.
const FACTOR: Bound = Bound::new(1, 1_000, "an operation has to end within the run");

/// A member whose disk and clock are slow.
///
/// Cause: power capping of a rack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brownout {
    /// The member.
    pub target: Target,
    /// The slowdown, as a factor. 1 to 1 000.
    pub factor: u32,
}

impl FaultKind for Brownout {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        FACTOR.check(self.factor.into(), "factor")?;
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.slow_disk(member, self.factor);
        cx.drift_clock(member, -200_000);
        vec![member]
    }
}

impl fmt::Display for Brownout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "let the host of {} run short of power, {} times slower", self.target, self.factor)
    }
}
