//! The deterministic host: a whole cluster, its clients, its network, disks and clocks, in one process.
//!
//! [`simulate`] makes a [`World`] from a [`SimulationConfig`] and runs a program in it. The program talks to
//! the cluster through [`client::Client`]s, and lets faults strike ([`fault`]). What the
//! clients saw comes out as a history for the judge, and everything that happened as a [`trace::Trace`]
//! whose hash says whether two runs were the same.

mod agenda;
mod alarms_seen;
pub mod bound;
mod caught;
pub mod client;
pub mod clock;
mod counters;
mod cpu;
mod disk;
mod drive;
pub mod entropy;
pub mod fault;
mod lease_bounds;
mod machine_slot;
mod member_host;
mod membership;
pub mod network;
mod prefix;
mod process;
mod proxy_host;
mod proxy_place;
mod proxy_slot;
mod recorder;
mod simulation;
mod sleep;
mod state;
mod tasks;
pub mod trace;
mod translate;
mod world;

pub use counters::Counters;
pub use cpu::CpuConfig;
pub use disk::DiskConfig;
pub use fault::FaultId;
pub use membership::MAX_MEMBER_ID;
pub use prefix::Prefix;
pub use proxy_place::{MAX_PROXIES, ProxyPlace, check_places, prefix_behind, proxy_ids};
pub use simulation::{MAX_MEMBERS, Panicked, Run, SimulationConfig, simulate};
pub use sleep::TimedOut;
pub use tasks::{Ended, JoinHandle};
pub use world::{World, WorldError};
