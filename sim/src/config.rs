//! The configuration of a world.

use crate::cpu::CpuConfig;
use crate::disk::DiskConfig;
use crate::network::NetworkConfig;
use crate::proxy_place::ProxyPlace;
use revline_store::defect::Defects;
use revline_store::member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most members a cluster may have.
pub const MAX_MEMBERS: u64 = 7;

/// The configuration of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientConfig {
    /// The time a call may take, in milliseconds. Then its outcome is unknown. Default 2 000.
    pub deadline_ms: u64,
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig { deadline_ms: 2_000 }
    }
}

/// The configuration of a world. The same configuration and the same program in it make the same trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulationConfig {
    /// The seed of every random number.
    pub seed: u64,
    /// The number of members: 1 to [`MAX_MEMBERS`]. Default 3.
    pub members: u64,
    /// The proxies. Default none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<ProxyPlace>,
    /// The network.
    pub network: NetworkConfig,
    /// The members' disks.
    pub disk: DiskConfig,
    /// The cost of work for the processes of members and proxies. Default nothing.
    #[serde(skip_serializing_if = "CpuConfig::is_free")]
    pub cpu: CpuConfig,
    /// The clients.
    pub client: ClientConfig,
    /// Entries between two snapshots of a member. Default 10 000.
    pub snapshot_every_entries: u64,
    /// Entries before a snapshot that stay in the log. Default 5 000.
    pub snapshot_keep_entries: u64,
    /// Revisions between two hashes of a member's store; 0 means never. Default 250.
    pub hash_every_revisions: i64,
    /// Entries between two digests of everything a member applied; 0 means never. Default 16.
    pub digest_every_entries: u64,
    /// The time between two lease checkpoints, in milliseconds: a leader tells the others how long those leases still live
    /// that live longer than this. Default 300 000.
    pub lease_checkpoint_every_ms: u64,
    /// The size of a member's storage, in bytes, at which puts are refused. Default 2 GiB.
    pub quota_bytes: u64,
    /// The time between two corruption checks, in milliseconds: a leader compares the hashes of the members with its
    /// own, and one whose hash differs gets the alarm CORRUPT. Default 0: never.
    pub corruption_check_every_ms: u64,
    /// The most that members' clocks are apart at the beginning, in milliseconds. Default 500.
    pub clock_offset_ms: u64,
    /// Rules of the store that are switched off.
    pub defects: Defects,
}

impl Default for SimulationConfig {
    fn default() -> Self {
        let member = member::Config::new(1, vec![1]);
        SimulationConfig {
            seed: 0,
            members: 3,
            proxies: Vec::new(),
            network: NetworkConfig::default(),
            disk: DiskConfig::default(),
            cpu: CpuConfig::default(),
            client: ClientConfig::default(),
            snapshot_every_entries: member.snapshot_every_entries,
            snapshot_keep_entries: member.snapshot_keep_entries,
            hash_every_revisions: 250,
            digest_every_entries: 16,
            lease_checkpoint_every_ms: member.lease_checkpoint_every_ms,
            quota_bytes: member.quota_bytes,
            corruption_check_every_ms: member.corruption_check_every_ms,
            clock_offset_ms: 500,
            defects: Defects::default(),
        }
    }
}
