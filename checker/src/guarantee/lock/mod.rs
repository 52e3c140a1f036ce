//! Guarantees of locks and elections, and ownership by the line of revisions that they share.

mod answered_owners;
pub(super) mod believed;
mod certainty;
mod guard;
#[cfg(test)]
mod guessed_owners;
mod holders;
mod observed_leaders;
mod ownership;

guarantees! {
    lock_exclusive,
    lock_fair,
    election_one_leader,
}
