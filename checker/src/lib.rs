//! Histories in, verdicts out.
//!
//! The judge of revline. It reads what clients saw ([`history`]) and compares it with models of its own;
//! it shares no code with the store it judges.

pub mod bytes;
pub mod evidence;
pub mod generate;
pub mod guarantee;
pub mod history;
mod ids;
pub mod import;
mod lease_times;
pub mod proof;
mod replay;
pub mod search;
pub mod spec;
pub mod verdict;
