//! Power that fails by degrees.

use super::{FaultCx, FaultKind, Topology};
use crate::bound::{Bound, Impossible};
use crate::trace::NodeName;
use revline_store::disk::{DiskError, DiskWork};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// From the strike to the loss of power, in milliseconds.
const AFTER_MS: Bound = Bound::new(0, 60_000, "it has to come within the run");

/// All members: the next sync of each fails, and a moment later they are without power until the fault heals.
///
/// Cause: a power supply that sags before it gives out, a storage array that loses its cache and then its rack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailingPower {
    /// From the strike to the loss of power, in milliseconds. 0 to 60 000.
    pub after_ms: u64,
}

impl FaultKind for FailingPower {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, _: &Topology) -> Result<(), Impossible> {
        AFTER_MS.check(self.after_ms, "after_ms")
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let members = cx.members();
        for &member in &members {
            cx.fail_disk(member, vec![DiskWork::Sync], DiskError::Io, Some(1));
            cx.crash_after(member, Duration::from_millis(self.after_ms));
        }
        members
    }
}

impl fmt::Display for FailingPower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fail a sync of every member, and cut the power {} ms later", self.after_ms)
    }
}
