//! What clients do with leases.

use super::Span;
use super::check::{Impossible, require, span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Clients that use leases. Each grants a lease, attaches keys to it, has it kept alive for a while through
/// a second client, and then revokes it or lets it expire; and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseWorkload {
    /// How many clients. Default 0.
    pub users: u32,
    /// The TTL asked for, in seconds. Less than 2 is raised to that by members as they are configured here.
    /// Default 2 to 4.
    pub ttl_s: Span,
    /// How many keys are attached to a lease. Default 1 to 3.
    pub keys: Span,
    /// For how long a lease is kept alive, in milliseconds. Default 0 to 4 000.
    pub kept_ms: Span,
    /// Between two keepalives, in milliseconds. Default 200 to 1 500.
    pub keep_alive_ms: Span,
    /// How many leases of a hundred are revoked; the others expire. Default 30.
    pub revoked_percent: u32,
    /// Between two questions about a lease, in milliseconds. Default 200 to 900.
    pub ask_ms: Span,
}

impl Default for LeaseWorkload {
    fn default() -> Self {
        LeaseWorkload {
            users: 0,
            ttl_s: (2, 4),
            keys: (1, 3),
            kept_ms: (0, 4_000),
            keep_alive_ms: (200, 1_500),
            revoked_percent: 30,
            ask_ms: (200, 900),
        }
    }
}

impl LeaseWorkload {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        require(self.users <= 100, "workload.leases.users", "at most 100 users of leases")?;
        require(
            (1..=1_000_000).contains(&self.ttl_s.1),
            "workload.leases.ttl_s",
            "between 1 and 1 000 000 seconds at the end",
        )?;
        require(self.keys.1 <= 50, "workload.leases.keys", "at most 50 keys of a lease")?;
        require(self.keep_alive_ms.1 > 0, "workload.leases.keep_alive_ms", "at least 1 at the end")?;
        require(self.ask_ms.1 > 0, "workload.leases.ask_ms", "at least 1 at the end")?;
        require(self.revoked_percent <= 100, "workload.leases.revoked_percent", "at most 100")?;
        span(self.ttl_s, "workload.leases.ttl_s")?;
        span(self.keys, "workload.leases.keys")?;
        span(self.kept_ms, "workload.leases.kept_ms")?;
        span(self.keep_alive_ms, "workload.leases.keep_alive_ms")?;
        span(self.ask_ms, "workload.leases.ask_ms")
    }
}
