//! The deterministic host: a whole cluster, its clients, its network, disks and clocks, in one process.
//!
//! [`simulate`] makes a [`World`] from a [`SimulationConfig`] and runs a program in it. The program talks to
//! the cluster through [`client::Client`]s, and lets faults strike ([`fault`]). The answers to the clients make a
//! history for the judge, and every event is part of a [`trace::Trace`] whose hash says whether two runs were the same.
//!
//! The way of an event: the driver (`drive`) takes it from the `agenda`, and `state` hands it to the `network` or to the `node`
//! that it reaches. A node's machine takes it as an input; its host carries out the
//! outputs, which become events of the agenda again. Programs are `tasks`.

mod agenda;
mod alarms_seen;
mod around;
pub mod bound;
mod caught;
pub mod client;
mod client_host;
pub mod clock;
mod config;
mod counters;
mod cpu;
mod cx;
mod disk;
mod drive;
mod due;
pub mod entropy;
pub mod fault;
mod fault_id;
mod lease_bounds;
mod members_seen;
pub mod network;
mod node;
mod parcel;
mod prefix;
mod proxy_place;
mod recorder;
mod settle;
mod simulation;
mod sleep;
mod spawn;
mod state;
mod tasks;
pub mod trace;
mod translate;
mod world;

pub use config::{MAX_MEMBERS, SimulationConfig};
pub use counters::Counters;
pub use cpu::CpuConfig;
pub use disk::DiskConfig;
pub use fault_id::FaultId;
pub use node::member::MAX_MEMBER_ID;
pub use prefix::Prefix;
pub use proxy_place::{MAX_PROXIES, ProxyPlace, check_places, prefix_behind, proxy_ids};
pub use simulation::{Panicked, Run, simulate, simulate_by_world_clock};
pub use sleep::TimedOut;
pub use spawn::{Ended, JoinHandle};
pub use world::{World, WorldError};
