//! Guarantees of locks and elections, and ownership by the line of revisions that they share.

mod answered_owners;
pub(super) mod believed;
mod certainty;
pub(super) mod election_one_leader;
mod guard;
#[cfg(test)]
mod guessed_owners;
mod holders;
pub(super) mod lock_exclusive;
pub(super) mod lock_fair;
mod observed_leaders;
mod ownership;
