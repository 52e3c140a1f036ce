//! Processes of a user's own: services that run beside the cluster, each as it would on a computer of its own.
//!
//! A process has a node of madsim's, so that code written for tokio runs in it as it is, with
//! `tokio = { package = "madsim-tokio", .. }`: its tasks, its timers, its TCP connections to other processes. It crashes with all of
//! that at once, and starts anew; it stands still as a whole; it is cut off by its name.
//!
//! ```
//! use revline_sim::{SimulationConfig, simulate};
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::time::Duration;
//!
//! let run = simulate(&SimulationConfig::default(), false, |world| async move {
//!     let ticks = Arc::new(AtomicU64::new(0));
//!     let counter = ticks.clone();
//!     let process = world.process("ticker", move |_cx| {
//!         let ticks = counter.clone();
//!         async move {
//!             loop {
//!                 madsim::time::sleep(Duration::from_millis(100)).await;
//!                 ticks.fetch_add(1, Ordering::Relaxed);
//!             }
//!         }
//!     });
//!     world.sleep(Duration::from_millis(1_050)).await;
//!     process.crash();
//!     world.sleep(Duration::from_secs(1)).await;
//!     assert_eq!(ticks.load(Ordering::Relaxed), 10, "nothing of it is left");
//!     process.restart();
//!     world.sleep(Duration::from_millis(1_050)).await;
//!     assert_eq!((ticks.load(Ordering::Relaxed), process.starts()), (20, 2));
//! });
//! run.expect("nothing panics");
//! ```

mod handle;
mod life;
mod orders;

pub use handle::{Process, ProcessCx, ProgramError, ReturnValue};
pub(crate) use orders::carry_out;
