//! Work of clients with locks and elections.

use super::Span;
use crate::rules::{Impossible, limits, mean, percent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Clients that lock, campaign and observe. Each has a session that is kept alive; those that hold a lock write
/// under its protection, by txns that look at the key of the lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LockWorkload {
    /// Clients that take locks. Default 0.
    pub lockers: u32,
    /// Clients that campaign. Default 0.
    pub candidates: u32,
    /// Clients that observe an election. Default 0.
    pub observers: u32,
    /// The number of locks, and of elections. Default 1.
    pub names: u32,
    /// The share of tenures by the service, in percent; the others follow the client's recipe. Default 50.
    pub by_service_percent: u32,
    /// The TTL of sessions, in seconds. Default 2 to 3.
    pub ttl_s: Span,
    /// The time for which a lock or a leadership is held, in milliseconds. Default 5 to 200.
    pub hold_ms: Span,
    /// The longest wait of a client, in milliseconds. Default 200 to 4 000.
    pub patience_ms: Span,
    /// Between two attempts of a client, in milliseconds. Default 10 to 300.
    pub pause_ms: Span,
    /// The share of holders that pause for longer than their TTL, in percent. Default 4.
    pub stall_percent: u32,
    /// Between two reconnections of an observer, in milliseconds. Default 700 to 2 500.
    pub reconnect_ms: Span,
}

impl Default for LockWorkload {
    fn default() -> Self {
        LockWorkload {
            lockers: 0,
            candidates: 0,
            observers: 0,
            names: 1,
            by_service_percent: 50,
            ttl_s: (2, 3),
            hold_ms: (5, 200),
            patience_ms: (200, 4_000),
            pause_ms: (10, 300),
            stall_percent: 4,
            reconnect_ms: (700, 2_500),
        }
    }
}

impl LockWorkload {
    /// The number of clients.
    pub fn clients(&self) -> u32 {
        self.lockers + self.candidates + self.observers
    }

    pub(super) fn check(&self) -> Result<(), Impossible> {
        for (clients, field) in
            [(self.lockers, "lockers"), (self.candidates, "candidates"), (self.observers, "observers")]
        {
            limits::CLIENTS.check(clients.into(), format!("workload.locks.{field}"))?;
        }
        limits::NAMES.check(self.names.into(), "workload.locks.names")?;
        percent(self.by_service_percent, "workload.locks.by_service_percent")?;
        percent(self.stall_percent, "workload.locks.stall_percent")?;
        limits::TTL_S.check_positive_span(self.ttl_s, "workload.locks.ttl_s")?;
        for (value, field) in [
            (self.hold_ms, "hold_ms"),
            (self.patience_ms, "patience_ms"),
            (self.pause_ms, "pause_ms"),
            (self.reconnect_ms, "reconnect_ms"),
        ] {
            limits::PAUSE_MS.check_positive_span(value, format!("workload.locks.{field}"))?;
        }
        Ok(())
    }

    /// The number of planned operations and reconnections, about.
    pub(super) fn volume(&self, duration_ms: u64) -> u64 {
        let tenures = u64::from(self.lockers + self.candidates);
        tenures * (duration_ms / (mean(self.hold_ms) + mean(self.pause_ms)))
            + u64::from(self.observers) * (duration_ms / mean(self.reconnect_ms))
    }
}
