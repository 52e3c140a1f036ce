//! A configuration as 128 bits.

use super::memo::Place;
use std::hash::{Hash, Hasher};
use xxhash_rust::xxh3::Xxh3Default;

/// Of the placed calls and the state. Two configurations in 2^64 have the same by accident.
pub(super) fn of(place: Place<'_>, state: &impl Hash) -> u128 {
    let mut hasher = Wide(Xxh3Default::new());
    place.low.hash(&mut hasher);
    place.open.hash(&mut hasher);
    state.hash(&mut hasher);
    hasher.0.digest128()
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

    #[test]
    fn every_part_counts() {
        let base = of(Place { low: 1, open: &[6] }, &'a');
        assert_eq!(base, of(Place { low: 1, open: &[6] }, &'a'));
        for other in [
            of(Place { low: 2, open: &[6] }, &'a'),
            of(Place { low: 1, open: &[7] }, &'a'),
            of(Place { low: 1, open: &[6] }, &'b'),
        ] {
            assert_ne!(base, other);
            assert_ne!(base as u64, other as u64);
        }
    }
}
