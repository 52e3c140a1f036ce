//! Election timeouts from (seed, member, term) alone.
//!
//! The `raft` crate draws them from `thread_rng`, which no seed controls, on more occasions than changes of
//! role or term. So the value is set again after *every* step and tick, before it can matter.

use super::Member;

impl Member {
    pub(super) fn set_election_timeout(&mut self) {
        let ticks = self.core.config.election_ticks;
        let term = self.core.raft.raft.term;
        let mut seed = [0; 24];
        seed[..8].copy_from_slice(&self.core.config.election_seed.to_le_bytes());
        seed[8..16].copy_from_slice(&self.core.config.id.to_le_bytes());
        seed[16..].copy_from_slice(&term.to_le_bytes());
        let drawn = xxhash_rust::xxh3::xxh3_64(&seed) % ticks as u64;
        self.core.raft.raft.set_randomized_election_timeout(ticks + drawn as usize);
    }
}
