//! The tuning of a member.

use crate::api::MAX_APPLY_GAP;
use crate::watch::PROGRESS_INTERVAL_MS;
use serde::{Deserialize, Serialize};

/// The tuning of a member, which scenarios and hosts choose. Defaults are etcd's (`server/embed/config.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Tuning {
    /// Entries between two snapshots of a member. Default 10 000.
    pub snapshot_every_entries: u64,
    /// Entries before a snapshot that stay in the log, for followers that are a little behind. Default 5 000.
    pub snapshot_keep_entries: u64,
    /// The interval of lease checkpoints, in milliseconds: the leader tells the others the remaining TTL of leases that
    /// live longer than this. Default 300 000.
    pub lease_checkpoint_every_ms: u64,
    /// The size of a member's storage, in bytes, at which the alarm NOSPACE is raised: nothing is put any more until it is
    /// disarmed. Default 2 GiB.
    pub quota_bytes: u64,
    /// The interval at which a leader compares the members' hashes, in milliseconds; a member that differs gets the
    /// alarm CORRUPT. Default 0: never (`--corrupt-check-time`).
    pub corruption_check_every_ms: u64,
    /// The interval at which a watch that asked for it is told how far it has come, if there were no events, in
    /// milliseconds; members add up to a tenth. Default 600 000 (`--watch-progress-notify-interval`).
    pub watch_progress_every_ms: u64,
    /// The most entries that a member may have to apply when it takes a write; with more, it answers that there are too
    /// many requests. Default 5 000, which is not to be changed in etcd.
    pub apply_gap_entries: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning {
            snapshot_every_entries: 10_000,
            snapshot_keep_entries: 5_000,
            lease_checkpoint_every_ms: 300_000,
            quota_bytes: 2 * 1024 * 1024 * 1024,
            corruption_check_every_ms: 0,
            watch_progress_every_ms: PROGRESS_INTERVAL_MS,
            apply_gap_entries: MAX_APPLY_GAP,
        }
    }
}
