//! The details of what passes between nodes and onto disks, for those who read a trace.
//!
//! They are made where a record is kept, and only there: a run whose trace is its hash alone pays nothing.

mod answer;
mod disk;
mod entry;
mod frame;
mod keys;
mod message;
mod question;
mod short;

pub(crate) use answer::{admin_outcome, key_value, outcome, watch_frame};
pub(crate) use disk::{entries_applied, foretell};
pub(crate) use frame::frame;
pub(crate) use message::message;
pub(crate) use question::{asked, hold};
