//! The plan of a tenure: a time in which a client holds a lock or leads.

use crate::rules::{Impossible, limits};
use serde::{Deserialize, Serialize};

/// A time in which a client holds a lock or leads. Its session is kept from one to the next, unless it is lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenure {
    /// The name of the lock or the election.
    pub name: String,
    /// The TTL of the session, in seconds, if there is none yet.
    pub ttl_s: i64,
    /// By the service of the members; otherwise by the client's own recipe.
    pub by_service: bool,
    /// The longest wait, in milliseconds.
    pub patience_ms: u64,
    /// The time for which it holds, in milliseconds.
    pub hold_ms: u64,
    /// The time for which its process pauses once it holds, in milliseconds; 0 for none.
    pub stall_ms: u64,
    /// The value that it writes or proclaims meanwhile.
    pub values: Vec<String>,
}

impl Tenure {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        limits::NAME_BYTES.check(self.name.len() as u64, "name")?;
        limits::TTL_S.check_signed(self.ttl_s, "ttl_s")?;
        limits::PAUSE_MS.check(self.patience_ms, "patience_ms")?;
        limits::PAUSE_MS.check(self.hold_ms, "hold_ms")?;
        limits::STALLED_MS.check(self.stall_ms, "stall_ms")?;
        limits::OPERATIONS.check(self.values.len() as u64, "values")?;
        self.values
            .iter()
            .enumerate()
            .try_for_each(|(at, value)| limits::TEXT_BYTES.check(value.len() as u64, format!("values[{at}]")))
    }
}
