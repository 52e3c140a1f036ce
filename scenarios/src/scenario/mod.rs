//! A scenario: what to do to a cluster, with what is left open drawn from a seed.

mod auth;
mod check;
mod fault_form;
mod file;
mod leases;
mod locks;
mod mismatch;
mod operator;
mod proxies;
mod shape;
mod streams;

pub use crate::operation::{ReadMix, WriteMix};
pub use crate::rules::Impossible;
pub use crate::span::Span;
pub use auth::AuthWorkload;
pub use fault_form::parse_fault;
pub use file::{ScenarioError, parse, read, schema};
pub use leases::LeaseWorkload;
pub use locks::LockWorkload;
pub use operator::OperatorWorkload;
pub use proxies::{NamespaceBy, NamespaceOf, Proxies};
pub use streams::StreamWorkload;

use revline_sim::client::ClientConfig;
use revline_sim::fault::Fault;
use revline_sim::network::NetworkConfig;
use revline_sim::{CpuConfig, DiskConfig};
use revline_store::member::Tuning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: letters, digits and dashes.
    pub name: String,
    /// Its purpose, in a line.
    pub about: String,
    /// The sizes of cluster to try, 1 to 7 members each; a seed draws one.
    pub members: Vec<u64>,
    /// The time for which clients work and faults strike, in simulated milliseconds. Default 6 000.
    #[serde(default = "defaults::duration_ms")]
    pub duration_ms: u64,
    /// The work of clients.
    #[serde(default)]
    pub workload: Workload,
    /// The faults.
    #[serde(default)]
    pub faults: Vec<FaultSchedule>,
    /// There are processes of a user's own in the world: a test's, never a file's.
    #[serde(skip)]
    pub has_processes: bool,
    /// The proxies between clients and members. What an operator asks for goes to members: it is of the cluster
    /// itself, and etcd's proxy does not carry all of it.
    #[serde(default)]
    pub proxies: Proxies,
    /// The network while nothing is wrong with it.
    #[serde(default)]
    pub network: NetworkConfig,
    /// The members' disks.
    #[serde(default)]
    pub disk: DiskConfig,
    /// The CPU time that work costs members and proxies. Default nothing.
    #[serde(default)]
    pub cpu: CpuConfig,
    /// The tuning of clients.
    #[serde(default)]
    pub client: ClientConfig,
    /// The members.
    #[serde(flatten)]
    pub tuning: Tuning,
    /// The bound of recovery after the last fault is healed, in milliseconds. Default 20 000: ten times the longest
    /// election timeout.
    #[serde(default = "defaults::recovery_ms")]
    pub recovery_ms: u64,
    /// Go on until that bound is over, and look once more: a watch must have been told of
    /// everything by then (`watch-live`). Default false.
    #[serde(default)]
    pub linger: bool,
    /// The guarantees to judge; all if empty.
    #[serde(default)]
    pub guarantees: Vec<String>,
}

impl Scenario {
    /// Puts every client behind proxies, if the scenario has none of its own: who uses any member uses one of two
    /// proxies, and who reads one member has a proxy with that one endpoint.
    pub fn behind_proxies(&mut self) {
        if self.proxies.count.1 == 0 {
            self.proxies = Proxies { count: (2, 2), ..Proxies::default() };
        }
    }

    /// A checksum of all that it says: 8 hexadecimal digits.
    pub fn checksum(&self) -> String {
        let text = serde_json::to_vec(self).expect("a scenario has text keys alone");
        format!("{:08x}", crc32c::crc32c(&text))
    }
}

/// The work of clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// Clients that write, through any member. Default 2.
    pub writers: u32,
    /// Clients that read, for each member, through that member alone. Default 1.
    pub readers_per_member: u32,
    /// Clients that watch and resume, through any member. Default 2.
    pub watchers: u32,
    /// The share of watchers that watch all keys, in percent; the others watch one. Default 70. If keys expire with
    /// their leases, only a watch tells their order.
    pub watch_all_percent: u32,
    /// The share of watchers that watch all keys from one on, in percent. Default 0.
    pub watch_from_percent: u32,
    /// The number of keys they share. Default 6.
    pub keys: u32,
    /// Between two operations of a client, in microseconds. Default 2 000 to 30 000.
    pub pause_us: Span,
    /// The operations of writers, by weight.
    pub writes: WriteMix,
    /// The operations of readers, by weight.
    pub reads: ReadMix,
    /// Leave a random half of the API's features out of each run. Default true.
    pub swarm: bool,
    /// Between two reconnections of a watcher, in milliseconds. Default 700 to 2 500.
    pub reconnect_ms: Span,
    /// Between two progress requests of a watcher, in milliseconds. Default 200 to 1 200.
    pub progress_ms: Span,
    /// Clients with several watches on one stream.
    pub streams: StreamWorkload,
    /// Work with leases.
    pub leases: LeaseWorkload,
    /// Work with locks and elections.
    pub locks: LockWorkload,
    /// The work of the cluster's operator.
    pub operator: OperatorWorkload,
    /// Users and permissions.
    pub auth: AuthWorkload,
    /// The namespaces that clients live in, in turns. Default none: all see everything.
    pub namespaces: Vec<NamespaceOf>,
}

impl Default for Workload {
    fn default() -> Self {
        Workload {
            writers: 2,
            readers_per_member: 1,
            watchers: 2,
            watch_all_percent: 70,
            watch_from_percent: 0,
            keys: 6,
            pause_us: (2_000, 30_000),
            writes: WriteMix::default(),
            reads: ReadMix::default(),
            swarm: true,
            reconnect_ms: (700, 2_500),
            progress_ms: (200, 1_200),
            streams: StreamWorkload::default(),
            leases: LeaseWorkload::default(),
            locks: LockWorkload::default(),
            operator: OperatorWorkload::default(),
            auth: AuthWorkload::default(),
            namespaces: Vec::new(),
        }
    }
}

/// One kind of trouble, again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultSchedule {
    /// The faults of which a seed draws one each time.
    pub one_of: Vec<Fault>,
    /// The time of its first strike, in milliseconds. Default 1 500 to 2 500.
    #[serde(default = "defaults::first_ms")]
    pub first_ms: Span,
    /// Its duration, in milliseconds. Default 500 to 2 500.
    #[serde(default = "defaults::for_ms")]
    pub for_ms: Span,
    /// From its end to the next one, in milliseconds. Default 300 to 2 000.
    #[serde(default = "defaults::pause_ms")]
    pub pause_ms: Span,
}

mod defaults {
    use super::Span;

    pub fn duration_ms() -> u64 {
        6_000
    }
    pub fn recovery_ms() -> u64 {
        20_000
    }
    pub fn first_ms() -> Span {
        (1_500, 2_500)
    }
    pub fn for_ms() -> Span {
        (500, 2_500)
    }
    pub fn pause_ms() -> Span {
        (300, 2_000)
    }
}
