//! Histories that a correct etcd could have produced, and histories with one flaw that it could not: for
//! testing checkers.
//!
//! Clients, a sequential store and watchers run in simulated time. Every operation takes effect at one moment
//! between its invocation and its return or, if its outcome is unknown, at any later moment or never.
//! Serializable reads show what one of the members had reached; watches deliver later, in batches, break and
//! resume; now and then something is compacted. A [`Flaw`] is put in once, in the second half, at the first
//! moment at which no legal history looks like that.
//!
//! ```
//! use revline_checker::generate::{Flaw, Shape, flawed, legal};
//! use revline_checker::judge::Judge;
//!
//! let shape = Shape { operations: 300, ..Shape::default() };
//! assert!(!Judge::new(&legal(&shape, 1)).run().any_violated());
//! let torn = flawed(&shape, 1, Flaw::SplitBatch).expect("there is a txn to split");
//! assert!(Judge::new(&torn).run().get("watch-atomic").is_some_and(|verdict| verdict.is_violated()));
//! ```
//!
//! | file | what |
//! | --- | --- |
//! | `shape` | what sort of history |
//! | `simulation` | clients and time |
//! | `request` | what clients ask |
//! | `store`, `answer` | what they are answered |
//! | `watcher` | what watches deliver |
//! | `flaw` | what can be wrong |
//! | `leases` | histories of leases, locks and elections |
//! | `cluster` | histories of alarms and changes of members |
//! | `oddity` | what is rare and right |
//! | `forgotten` | what is left when answers are forgotten, and histories of leases, locks and elections |
//! | `random` | chance |

mod answer;
mod cluster;
mod flaw;
mod forgotten;
mod leases;
mod oddity;
mod random;
mod request;
mod shape;
mod simulation;
mod store;
mod watcher;

pub use cluster::{ClusterFlaw, flawed_cluster, legal_cluster};
pub use flaw::Flaw;
pub use forgotten::{Forgetting, forget, services};
pub use leases::{LeaseFlaw, flawed_leases, legal_leases};
pub use oddity::Oddity;
pub use shape::Shape;

use crate::history::History;
use crate::history::jsonl::{Assembly, Record};
use flaw::Trap;
use simulation::Simulation;
use std::convert::Infallible;

/// A legal history: a pure function of its arguments.
pub fn legal(shape: &Shape, seed: u64) -> History {
    collected(shape, seed, None).0
}

/// A history with a flaw; `None` if there was no place for it.
pub fn flawed(shape: &Shape, seed: u64, flaw: Flaw) -> Option<History> {
    let (history, is_flawed) = collected(shape, seed, Some(flaw));
    is_flawed.then_some(history)
}

/// Shows the records of a history one by one, each when it is over, and watches in pieces, as they happen: memory
/// grows with what is open, not with the history. Returns whether there was a place for the flaw; without one it is
/// `true`.
pub fn stream<E>(
    shape: &Shape,
    seed: u64,
    flaw: Option<Flaw>,
    mut show: impl FnMut(Record) -> Result<(), E>,
) -> Result<bool, E> {
    Simulation::new(shape, seed, Trap::new(flaw)).run(&mut show)
}

fn collected(shape: &Shape, seed: u64, flaw: Option<Flaw>) -> (History, bool) {
    let mut assembly = Assembly::default();
    let Ok(is_flawed) = stream(shape, seed, flaw, |record| {
        assembly.add(record);
        Ok::<(), Infallible>(())
    });
    let mut history = History { is_of_new_store: true, ..assembly.finish() };
    history.watches.sort_by_key(|watch| watch.id);
    (history, is_flawed)
}
