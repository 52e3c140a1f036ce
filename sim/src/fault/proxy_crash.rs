//! A proxy without power.

use super::{FaultCx, FaultKind, Roster, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A proxy without power until the fault heals: it comes back with nothing.
///
/// Cause: a power cut, a kernel panic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyCrash {
    /// The proxy, counted from 0 and around.
    pub proxy: u32,
}

impl FaultKind for ProxyCrash {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_proxy(Self::NAME)
    }

    fn name_targets(&mut self, roster: &Roster<'_>) {
        roster.name_proxy(&mut self.proxy);
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims = Vec::from_iter(cx.proxy(self.proxy));
        victims.retain(|&proxy| cx.crash(proxy));
        victims
    }
}

impl fmt::Display for ProxyCrash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crash proxy {}", self.proxy)
    }
}
