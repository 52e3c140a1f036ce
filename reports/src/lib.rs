//! Reports of runs and sweeps, for people and for CI.
//!
//! [`sweep`] collects the runs of a sweep, [`replay`] compares one run with its record, [`verdicts`] lists the
//! verdicts on one history. [`json`] writes them for programs. With the feature `terminal`, which the command line
//! uses, `terminal` and `hunt` write tables for people and `progress` shows a bar. Each further form is a module
//! beside these, made from the same [`sweep::SweepReport`].

#[cfg(feature = "terminal")]
pub mod hunt;
pub mod json;
mod number;
#[cfg(feature = "terminal")]
pub mod progress;
pub mod replay;
mod run;
pub mod sweep;
#[cfg(feature = "terminal")]
pub mod terminal;
pub mod verdicts;

pub use run::RunReport;
