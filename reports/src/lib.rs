//! Reports of runs and sweeps, for people and for CI.
//!
//! [`sweep`] collects the runs of a sweep, [`groups`] those that fail alike, [`replay`] compares one run with its record, [`shrink`] a plan with
//! the smaller one that fails like it, [`explain`] says when a failure became inevitable, [`verdicts`] lists the
//! verdicts on one history, [`trace`] writes the events of one run, [`perfetto`]
//! draws them on a timeline of https://ui.perfetto.dev. [`json`] writes them for programs. With the feature `terminal`, which the command line
//! uses, `terminal` and `hunt` write tables for people and `progress` says how far work is; with `page`, `page` makes a
//! file of HTML of one run; with `figures`, `figure` draws series of numbers. With `folder`, `junit` and `index` write a sweep for CI systems and for browsers, `annotations` marks its
//! failures, and `merge` makes one report of many parts. Each further form is a module
//! beside these, made from the same [`sweep::SweepReport`].

#[cfg(feature = "folder")]
pub mod annotations;
pub mod explain;
#[cfg(feature = "figures")]
pub mod figure;
pub mod groups;
#[cfg(feature = "terminal")]
mod heartbeat;
#[cfg(feature = "terminal")]
pub mod hunt;
#[cfg(feature = "folder")]
pub mod index;
pub mod json;
#[cfg(feature = "folder")]
pub mod junit;
pub mod latency;
#[cfg(feature = "folder")]
pub mod merge;
pub mod number;
#[cfg(feature = "page")]
pub mod page;
pub mod perfetto;
#[cfg(feature = "terminal")]
pub mod progress;
pub mod replay;
#[cfg(feature = "terminal")]
mod result;
mod run;
pub mod shrink;
pub mod sweep;
#[cfg(feature = "terminal")]
pub mod terminal;
pub mod trace;
pub mod verdicts;

pub use run::RunReport;
