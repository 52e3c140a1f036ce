//! Proxies without power.

use super::{FaultCx, FaultKind, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// All proxies without power at once: they come back together, with nothing.
///
/// Cause: a power cut of the site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyCrashAll {}

impl FaultKind for ProxyCrashAll {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_proxy(Self::NAME)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims = cx.proxies();
        victims.retain(|&proxy| cx.crash(proxy));
        victims
    }
}

impl fmt::Display for ProxyCrashAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("crash all proxies")
    }
}
