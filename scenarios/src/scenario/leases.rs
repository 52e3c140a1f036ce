//! Work of clients with leases.

use super::Span;
use crate::rules::{Impossible, limits, mean, percent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A lease may outlive its TTL by about so much, in milliseconds.
const AFTERMATH_MS: u64 = 2_500;

/// From one lease to the next, in milliseconds, about.
const PAUSE_MS: u64 = 275;

/// Clients that use leases. Each grants a lease, attaches keys to it, has it kept alive for a while through
/// a second client, and then revokes it or lets it expire; and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseWorkload {
    /// The number of clients. Default 0.
    pub users: u32,
    /// The TTL asked for, in seconds. Less than 2 is raised to that by members as they are configured here.
    /// Default 2 to 4.
    pub ttl_s: Span,
    /// The number of keys attached to a lease. Default 1 to 3.
    pub keys: Span,
    /// All users attach the same few keys, each with its own lease. Default no: each has keys of its own.
    pub shared_keys: bool,
    /// For how long a lease is kept alive, in milliseconds. Default 0 to 4 000.
    pub kept_ms: Span,
    /// Between two keepalives, in milliseconds. Default 200 to 1 500.
    pub keep_alive_ms: Span,
    /// The share of leases that are revoked, in percent; the others expire. Default 30.
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
            shared_keys: false,
            kept_ms: (0, 4_000),
            keep_alive_ms: (200, 1_500),
            revoked_percent: 30,
            ask_ms: (200, 900),
        }
    }
}

impl LeaseWorkload {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        limits::CLIENTS.check(self.users.into(), "workload.leases.users")?;
        limits::TTL_S.check_positive_span(self.ttl_s, "workload.leases.ttl_s")?;
        limits::LEASE_KEYS.check_span(self.keys, "workload.leases.keys")?;
        limits::TIME_MS.check_span(self.kept_ms, "workload.leases.kept_ms")?;
        limits::TIME_MS.check_positive_span(self.keep_alive_ms, "workload.leases.keep_alive_ms")?;
        limits::TIME_MS.check_positive_span(self.ask_ms, "workload.leases.ask_ms")?;
        percent(self.revoked_percent, "workload.leases.revoked_percent")
    }

    /// The number of planned operations, about.
    pub(super) fn volume(&self, duration_ms: u64) -> u64 {
        let expires = u64::from(100 - self.revoked_percent.min(100));
        let lives_ms = mean(self.kept_ms) + expires * mean(self.ttl_s) * 10;
        let longest_ms = self.kept_ms.1 + self.ttl_s.1 * 1_000 + AFTERMATH_MS;
        let of_lease =
            5 + self.keys.1 + longest_ms / mean(self.ask_ms) + self.kept_ms.1 / mean(self.keep_alive_ms);
        u64::from(self.users) * (1 + duration_ms / (lives_ms + PAUSE_MS)) * of_lease
    }
}
