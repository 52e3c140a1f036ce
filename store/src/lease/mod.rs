//! Leases (`server/lease/lessor.go`).
//!
//! Which leases there are, and the keys attached to them, is replicated: [`Lessor`], a part of the store.
//! When they expire only the leader knows.

mod action;
mod grant;
mod lessor;

pub use action::{LeaseAction, LeaseCheckpoint};
pub use grant::{MAX_TTL_S, draw_id, min_ttl_s, settle};
pub use lessor::{Lease, Lessor};
