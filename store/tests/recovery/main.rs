//! A member starts again after a crash at every byte of its log, and refuses to start from any other damage.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]
#![allow(clippy::disallowed_macros, reason = "shows what was tried")]

#[path = "../harness/mod.rs"]
mod harness;

mod busy;
mod damage;
mod defects;
mod edits;
mod frames;
mod older_copies;
mod power_loss;
