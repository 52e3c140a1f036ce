//! Leases (`server/lease/lessor.go`).
//!
//! The set of leases, and the keys attached to them, is replicated: [`Lessor`], a part of the store. Only the
//! leader knows their expiry: [`Primary`]. The others ask it ([`forward`]).

mod action;
mod forward;
mod grant;
mod lessor;
mod primary;

pub use action::{LeaseAction, LeaseCheckpoint};
pub(crate) use forward::{LeaseAnswer, LeaseContent, LeaseMessage, LeaseQuestion};
pub(crate) use grant::draw_id;
pub use grant::{min_ttl_s, settle};
pub use lessor::{Lease, Lessor};
pub(crate) use primary::{Primary, PrimaryConfig};
