//! revline: a deterministic simulation testbed for etcd's consistency model.
//!
//! This crate is the front door. In a test suite, [`test`] runs a program against a simulated cluster under
//! many seeds and judges every guarantee:
//!
//! ```
//! use revline::prelude::*;
//!
//! revline::test("deposed-leader").members(3).seeds(0..4).run(|world| async move {
//!     let (a, b) = (world.client("a").await?, world.client("b").await?);
//!     a.put("k", "1").await?;
//!     let old = world.leader().await?;
//!     world.fault(Partition::isolate(old)).await;
//!     while b.put("k", "2").await.is_err() {}
//!     assert_eq!(b.get("k").await?.value_str(), Some("2"));
//!     world.heal().await;
//!     Ok(())
//! });
//! ```
//!
//! The rooms behind it: [`scenarios`] say what to do to a cluster, [`sim`] is the world it happens in,
//! [`store`] is the system under test, [`checker`] the judge, [`reports`] what people read.

#![allow(
    clippy::disallowed_methods,
    reason = "the front door faces people: it reads the environment and the name of the test's thread"
)]

pub use revline_checker as checker;
pub use revline_reports as reports;
pub use revline_scenarios as scenarios;
pub use revline_sim as sim;
pub use revline_store as store;

#[cfg(doctest)]
#[doc = include_str!("../docs/writing-a-fault.md")]
mod writing_a_fault {}

#[cfg(doctest)]
#[doc = include_str!("../docs/writing-a-machine.md")]
mod writing_a_machine {}

#[cfg(doctest)]
#[doc = include_str!("../docs/writing-a-model.md")]
mod writing_a_model {}

mod chaos;
#[cfg(feature = "etcd-client")]
pub mod etcd;
mod faults;
#[cfg(feature = "figures")]
pub mod figure;
pub mod log;
pub mod prelude;
mod testing;

pub use testing::{Failure, Guarantee, Passed, Test, TestError, test};
