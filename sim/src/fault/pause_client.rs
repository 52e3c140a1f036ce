//! A client that stands still.

use super::{ClientTarget, FaultCx, FaultKind, Roster};
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A client that stands still and does not know it.
///
/// Nothing keeps its leases alive, and what it is told waits until it goes on. In effect for what runs by
/// [`World::run_client`](crate::World::run_client).
///
/// Cause: garbage collection, a suspended laptop, a starved container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseClient {
    /// The client.
    pub target: ClientTarget,
}

impl FaultKind for PauseClient {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn name_targets(&mut self, roster: &Roster<'_>) {
        roster.name_client(&mut self.target);
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let Some(client) = cx.client(&self.target) else { return Vec::new() };
        cx.pause(client);
        vec![client]
    }
}

impl fmt::Display for PauseClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pause {}", self.target)
    }
}
