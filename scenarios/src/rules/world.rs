//! The rules for a world: its network, disks and processes.

use super::{Impossible, limits, require};
use revline_sim::client::ClientConfig;
use revline_sim::network::{NetworkConfig, StreamConfig};
use revline_sim::{CpuConfig, DiskConfig};
use revline_store::member::Tuning;

/// The parts of a world that scenarios and plans have in common.
pub(crate) struct WorldRules<'a> {
    pub network: &'a NetworkConfig,
    pub disk: &'a DiskConfig,
    pub cpu: &'a CpuConfig,
    pub client: &'a ClientConfig,
    pub tuning: &'a Tuning,
}

impl WorldRules<'_> {
    /// Refuses a world that cannot be. Fields are named as they are where they stand.
    pub fn check(&self) -> Result<(), Impossible> {
        self.network.peers.check().map_err(|wrong| wrong.within("network.peers"))?;
        self.network.clients.check().map_err(|wrong| wrong.within("network.clients"))?;
        let StreamConfig { stall_ms, queue_responses } = self.network.streams;
        limits::STALL_MS.check(stall_ms, "network.streams.stall_ms")?;
        limits::QUEUE_RESPONSES.check(queue_responses as u64, "network.streams.queue_responses")?;
        limits::SYNC_US.check_span(self.disk.sync_us, "disk.sync_us")?;
        let CpuConfig { per_message_us, per_reply_us, per_watch_response_us } = *self.cpu;
        limits::WORK_US.check(per_message_us, "cpu.per_message_us")?;
        limits::WORK_US.check(per_reply_us, "cpu.per_reply_us")?;
        limits::WORK_US.check(per_watch_response_us, "cpu.per_watch_response_us")?;
        limits::DEADLINE_MS.check(self.client.deadline_ms, "client.deadline_ms")?;
        tuning(self.tuning)
    }
}

/// Refuses members that cannot be tuned so.
fn tuning(tuning: &Tuning) -> Result<(), Impossible> {
    require(tuning.snapshot_every_entries > 0, "snapshot_every_entries", "at least 1")?;
    limits::ENTRIES.check(tuning.snapshot_every_entries, "snapshot_every_entries")?;
    limits::ENTRIES.check(tuning.snapshot_keep_entries, "snapshot_keep_entries")?;
    require(tuning.lease_checkpoint_every_ms > 0, "lease_checkpoint_every_ms", "at least 1")?;
    limits::INTERVAL_MS.check(tuning.lease_checkpoint_every_ms, "lease_checkpoint_every_ms")?;
    limits::QUOTA_BYTES.check(tuning.quota_bytes, "quota_bytes")?;
    limits::INTERVAL_MS.check(tuning.corruption_check_every_ms, "corruption_check_every_ms")?;
    require(tuning.watch_progress_every_ms > 0, "watch_progress_every_ms", "at least 1")?;
    limits::INTERVAL_MS.check(tuning.watch_progress_every_ms, "watch_progress_every_ms")?;
    limits::ENTRIES.check(tuning.apply_gap_entries, "apply_gap_entries")
}
