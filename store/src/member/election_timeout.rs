//! Election timeouts from (seed, member, term) alone.
//!
//! The `raft` crate draws them from `thread_rng`, which no seed controls, on more occasions than changes of
//! role or term. So the value is set again after *every* step and tick, before it can matter.

use crate::machine::Time;
use crate::member::Config;

/// The election timeout of a member in a term, in ticks.
pub(super) fn election_timeout_ticks(config: &Config, now: Time, term: u64) -> usize {
    let ticks = config.election_ticks;
    let mut seed = [0; 24];
    let later = config.later_election_seed.filter(|(from, _)| now >= *from);
    let election_seed = later.map_or(config.election_seed, |(_, seed)| seed);
    seed[..8].copy_from_slice(&election_seed.to_le_bytes());
    seed[8..16].copy_from_slice(&config.id.to_le_bytes());
    seed[16..].copy_from_slice(&term.to_le_bytes());
    let drawn = xxhash_rust::xxh3::xxh3_64(&seed) % ticks as u64;
    ticks + drawn as usize
}
