//! Histories of leases, locks and elections that a correct etcd could have produced, and such with one flaw.
//!
//! Several clients ask a sequential store. Leases run out by a clock that drifts within what is declared, leaders
//! change and give leases their TTL anew, ids are negative or chosen by the store, locks and campaigns wait for their
//! turn, fail or are given up, and some answers never come: what was asked takes effect later, or never.
//!
//! | file | what |
//! | --- | --- |
//! | `lessor` | the store |
//! | `world` | clients and time |
//! | `answers` | what they are answered |
//! | `traps` | where a flaw is certain to be one |
//! | `flaw` | what can be wrong |

mod answers;
mod flaw;
mod lessor;
mod traps;
mod world;

pub use flaw::LeaseFlaw;

use crate::history::History;
use world::World;

/// A legal history of leases, locks and elections: a pure function of its arguments.
pub fn legal_leases(operations: usize, seed: u64) -> History {
    World::new(operations, seed, None).run().0
}

/// Such a history with a flaw; `None` if there was no place for it.
pub fn flawed_leases(operations: usize, seed: u64, flaw: LeaseFlaw) -> Option<History> {
    let (history, is_flawed) = World::new(operations, seed, Some(flaw)).run();
    is_flawed.then_some(history)
}
