//! A cluster without power.

use super::{FaultCx, FaultKind};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// All members without power at once: they come back together.
///
/// Cause: a power cut of the site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrashAll {}

impl FaultKind for CrashAll {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims = cx.members();
        victims.retain(|&member| cx.crash(member));
        victims
    }
}

impl fmt::Display for CrashAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("crash all members")
    }
}
