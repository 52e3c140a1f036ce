//! A configuration as 128 bits: of the set of placed calls, and of the state.

use std::hash::{Hash, Hasher};
use xxhash_rust::xxh3::Xxh3Default;

/// The bits of one call. A set of calls is the exclusive or of those in it, so that a call goes in or out in
/// one operation, however many there are (Zobrist, "A New Hashing Method with Application for Game Playing",
/// 1970).
pub(super) fn of_rank(rank: u32) -> u128 {
    let number = u64::from(rank) << 1;
    u128::from(scattered(number)) << 64 | u128::from(scattered(number | 1))
}

/// The bits of a state.
pub(super) fn of_state(state: &impl Hash) -> u128 {
    let mut hasher = Wide(Xxh3Default::new());
    state.hash(&mut hasher);
    hasher.0.digest128()
}

/// A number that has nothing to do with those of its neighbours (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", OOPSLA 2014: `SplitMix64`).
fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Takes everything in, and tells only at the end.
struct Wide(Xxh3Default);

impl Hasher for Wide {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_differs_has_other_bits_in_both_halves() {
        let calls: Vec<u128> = (0..5000).map(of_rank).collect();
        // Alone, and as sets of two neighbours.
        let sets = calls.iter().copied().chain(calls.windows(2).map(|two| two[0] ^ two[1]));
        let sets: Vec<u128> = sets.collect();
        for half in [|bits: &u128| *bits as u64, |bits: &u128| (bits >> 64) as u64] {
            assert_eq!(sets.iter().map(half).collect::<BTreeSet<u64>>().len(), sets.len());
        }
        assert_eq!(of_state(&'a'), of_state(&'a'));
        assert_ne!(of_state(&'a') as u64, of_state(&'b') as u64);
    }
}
