//! What users there are, and how their permissions change.

use super::Span;
use super::check::{Impossible, require, span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Auth is on from the start. Writers, readers and watchers are users, in turn, and an administrator grants and
/// revokes permissions on keys and ranges meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthWorkload {
    /// How many users there are besides `root`; with none, auth is off. Default 0.
    pub users: u32,
    /// Between two changes, in milliseconds. Default 20 to 200.
    pub pause_ms: Span,
    /// How many reads of a hundred ask for all keys from one on, instead of what they would. Default 20.
    pub from_key_percent: u32,
}

impl Default for AuthWorkload {
    fn default() -> Self {
        AuthWorkload { users: 0, pause_ms: (20, 200), from_key_percent: 20 }
    }
}

impl AuthWorkload {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        require(self.users <= 20, "workload.auth.users", "at most 20")?;
        require(self.from_key_percent <= 100, "workload.auth.from_key_percent", "at most 100")?;
        span(self.pause_ms, "workload.auth.pause_ms")?;
        require(
            (1..=1_000_000).contains(&self.pause_ms.1),
            "workload.auth.pause_ms",
            "between 1 and 1 000 000 at the end",
        )
    }
}
