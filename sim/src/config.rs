//! The configuration of a world.

use crate::cpu::CpuConfig;
use crate::disk::DiskConfig;
use crate::entropy::{Reseed, Seeds};
use crate::network::NetworkConfig;
use crate::proxy_place::ProxyPlace;
use revline_store::auth::{AuthConfig, TokenKind};
use revline_store::defect::Defects;
use revline_store::machine::MemberId;
use revline_store::member::{Config, Tuning};
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
    /// Another seed from some moment on. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reseed: Option<Reseed>,
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
    /// The members.
    #[serde(flatten)]
    pub tuning: Tuning,
    /// The election timeout, in ticks of 100 ms: a follower that hears nothing for so long, or up to twice as long,
    /// campaigns. Set by a program, never read from a file. Default 10.
    #[serde(skip)]
    pub election_ticks: usize,
    /// Members give signed tokens (JWT), each valid for so long, in seconds; 0 for tokens that they remember. Default 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub jwt_ttl_s: u64,
    /// Revisions between two hashes of a member's store; 0 means never. Default 250.
    pub hash_every_revisions: i64,
    /// Entries between two digests of everything a member applied; 0 means never. Default 16.
    pub digest_every_entries: u64,
    /// The most that members' clocks are apart at the beginning, in milliseconds. Default 500.
    pub clock_offset_ms: u64,
    /// Rules of the store that are switched off.
    pub defects: Defects,
}

impl Default for SimulationConfig {
    fn default() -> Self {
        SimulationConfig {
            seed: 0,
            reseed: None,
            members: 3,
            proxies: Vec::new(),
            network: NetworkConfig::default(),
            disk: DiskConfig::default(),
            cpu: CpuConfig::default(),
            client: ClientConfig::default(),
            tuning: Tuning::default(),
            election_ticks: 10,
            jwt_ttl_s: 0,
            hash_every_revisions: 250,
            digest_every_entries: 16,
            clock_offset_ms: 500,
            defects: Defects::default(),
        }
    }
}

/// The key that all members sign with.
const JWT_KEY: &str = "the members' own";

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl SimulationConfig {
    /// The configuration of auth, the same on every member.
    pub(crate) fn auth(&self) -> AuthConfig {
        match self.jwt_ttl_s {
            0 => AuthConfig::default(),
            ttl_s => AuthConfig { token: TokenKind::Jwt { key: JWT_KEY.to_owned(), ttl_s } },
        }
    }

    /// The configuration of a member of this world, by itself.
    pub(crate) fn member(&self, id: MemberId) -> Config {
        Config { election_ticks: self.election_ticks, ..Config::new(id, (1..=self.members).collect()) }
    }

    /// The seeds of the world.
    pub(crate) fn seeds(&self) -> Seeds {
        Seeds::new(self.seed, self.reseed)
    }
}
