//! A hash of everything that a value says, the same in every build.
//!
//! Nearly all of what is hashed are numbers and short texts: a multiplication each costs a fraction of what a hasher
//! costs that collects bytes first.

use std::hash::{Hash, Hasher};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The hash of a value.
pub(crate) fn content<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = ContentHasher(SEED);
    value.hash(&mut hasher);
    hasher.finish()
}

/// The hash of bytes.
pub(crate) fn content_of_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// Digits of pi: any odd numbers without a pattern do.
const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x1319_8a2e_0370_7345;

struct ContentHasher(u64);

impl ContentHasher {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0.rotate_left(23) ^ word ^ SEED) * u128::from(FACTOR);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

macro_rules! words {
    ($($write:ident($number:ty),)*) => {
        $(fn $write(&mut self, number: $number) {
            self.mix(number as u64);
        })*
    };
}

impl Hasher for ContentHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    // Whatever the order of bytes of this machine is, and however long its addresses are.
    words! {
        write_u8(u8),
        write_u16(u16),
        write_u32(u32),
        write_u64(u64),
        write_usize(usize),
        write_i8(i8),
        write_i16(i16),
        write_i32(i32),
        write_i64(i64),
        write_isize(isize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_byte_and_every_number_counts() {
        let value = |at: usize, byte: u8| {
            let mut bytes = vec![0_u8; 40];
            bytes[at] = byte;
            bytes
        };
        let hashes: BTreeSet<u64> = (0..40)
            .flat_map(|at| (1..=255).map(move |byte| (at, byte)))
            .map(|(at, byte)| content(&("key", value(at, byte), 7_i64, true)))
            .collect();
        assert_eq!(hashes.len(), 40 * 255);
        let numbers: BTreeSet<u64> =
            (0..100_i64).flat_map(|a| (0..100_u8).map(move |b| content(&(a - 50, b)))).collect();
        assert_eq!(numbers.len(), 10_000);
        assert_ne!(content(&("ab", "c")), content(&("a", "bc")));
        assert_ne!(content(&Some(0_u64)), content(&None::<u64>));
    }

    #[test]
    fn the_hash_of_a_value_is_part_of_the_contract() {
        assert_eq!(content(&("key", 7_u64, -1_i32)), PINNED);
    }

    /// Another number breaks every bundle ever written.
    const PINNED: u64 = 11_924_397_829_525_320_889;
}
