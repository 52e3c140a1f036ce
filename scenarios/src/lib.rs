//! Scenarios, plans, and everything that runs plans.
//!
//! A [`scenario`] says what to try; a seed makes a [`plan`] of it, in which everything is explicit; running
//! the plan ([`execute`]) makes a history, which the judge judges. A [`sweep`] does that for many seeds, a
//! [`bundle`] keeps what failed, a [`hunt`] sweeps until a defect shows, an
//! [`explore`] changes plans that came to rare states, and a [`regression`] is run for ever.

pub mod bundle;
pub mod catalogue;
mod chaos;
pub mod crew;
mod execute;
pub mod explain;
pub mod explore;
pub mod hunt;
mod keys;
pub mod known;
pub mod limited_file;
pub mod marks;
pub mod operation;
pub mod placed_json;
pub mod plan;
pub mod regression;
mod rules;
pub mod scenario;
pub mod shard;
pub mod shrink;
mod span;
pub mod sweep;
mod trace_hash;
pub mod whole_file;

pub use chaos::Chaos;
pub use execute::{Outcome, execute};
pub use revline_sim::Counters;
pub use trace_hash::TraceHash;
