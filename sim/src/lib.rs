//! The deterministic host: a whole cluster, its clients, its network, disks and clocks, in one process.
//!
//! [`simulate`] makes a [`World`] from a [`SimulationConfig`] and runs a program in it. The program talks to
//! the cluster through [`client::Client`]s, and lets faults strike ([`fault`]). The answers to the clients make a
//! history for the judge, and every event is part of a [`trace::Trace`] whose hash says whether two runs were the same.
//!
//! # Writing a world
//!
//! The configuration says what the world is made of: members, proxies, network, disks, clients, and the seed of all that is
//! drawn. The program is an async function of the world. It makes clients, awaits their answers, lets time pass and faults
//! strike, and returns what it likes; the run has that, the history and the trace.
//!
//! ```
//! use revline_checker::judge::Judge;
//! use revline_sim::fault::{Crash, Target};
//! use revline_sim::{ProxyPlace, SimulationConfig, simulate};
//! use std::time::Duration;
//!
//! // Three members, and a proxy before them, which has the first id above those of members.
//! let config =
//!     SimulationConfig { seed: 7, proxies: vec![ProxyPlace::new(vec![1, 2, 3])], ..SimulationConfig::default() };
//! let world = || {
//!     simulate(&config, false, |world| async move {
//!         world.leader().await.expect("an election");
//!         let direct = world.client("direct").await.expect("a client");
//!         let behind = world.client_at(world.proxies(), None);
//!         direct.put("k", "1").await.expect("no fault yet");
//!         let crash = world.fault(Crash { target: Target::Leader }).await;
//!         while direct.put("k", "2").await.is_err() {}
//!         world.sleep(Duration::from_secs(1)).await;
//!         world.heal_one(crash);
//!         while behind.get("k").await.is_err() {}
//!         world.settle(Duration::from_secs(20)).await;
//!         behind.get("k").await.expect("all is healed").value_str().map(str::to_owned)
//!     })
//! };
//! let run = world().expect("the program does not panic");
//! assert_eq!(run.value.as_deref(), Some("2"));
//! assert!(!Judge::new(&run.history).run().any_violated());
//! // A run is a function of its configuration and its program.
//! assert_eq!(world().expect("nor now").trace.hash(), run.trace.hash());
//! ```
//!
//! Faults, and machines between clients and members, may be of one's own: see [`fault::FaultKind`] and [`World::host`].
//!
//! # Inside
//!
//! The way of an event: the driver (`drive`) takes it from the `agenda`, and `state` hands it to the `network` or to the `node`
//! that it reaches. A node's machine takes it as an input; its host carries out the
//! outputs, which become events of the agenda again. Programs are `tasks`.

mod agenda;
mod alarms_seen;
mod around;
pub mod bound;
mod caught;
#[cfg(feature = "channel")]
pub mod channel;
pub mod client;
mod client_host;
pub mod clock;
mod config;
mod counters;
mod cpu;
mod cx;
mod details;
mod disk;
mod drive;
mod due;
pub mod entropy;
pub mod fault;
mod fault_id;
mod lease_bounds;
pub mod marks;
mod members_seen;
pub mod network;
mod node;
mod parcel;
mod parts;
mod prefix;
mod probe;
pub mod process;
mod processes;
mod program;
mod program_notes;
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
pub use parts::Parts;
pub use prefix::Prefix;
pub use program_notes::{Check, Observed};
pub use proxy_place::{MAX_PROXIES, ProxyPlace, check_places, prefix_behind, proxy_ids, proxy_names};
pub use simulation::{Panicked, Run, simulate, simulate_by_world_clock};
pub use sleep::TimedOut;
pub use spawn::{Ended, JoinHandle};
pub use world::{World, WorldError};
