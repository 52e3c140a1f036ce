//! A random sample of the mutants.

use crate::mutant::Identity;
use std::collections::BTreeMap;

/// Draws `count` of `all`, each set alike. What is drawn does not depend on lines, nor on the mutants of other places: the
/// sample of a changed source is nearly that of the old one. A larger sample begins with the smaller one.
pub fn sample<'a>(all: impl Iterator<Item = (usize, &'a Identity)>, count: usize, seed: u64) -> Vec<usize> {
    let mut drawn: Vec<(u64, usize)> = counted(all)
        .map(|(number, Identity { file, original, mutated, .. }, nth)| {
            (ticket(&[file, original, mutated, &nth.to_string(), &seed.to_string()]), number)
        })
        .collect();
    drawn.sort_unstable();
    drawn.truncate(count);
    drawn.into_iter().map(|(_, number)| number).collect()
}

/// The mutants, each with its number among those of its file that read alike, from 1.
pub fn counted<'a>(
    all: impl Iterator<Item = (usize, &'a Identity)>,
) -> impl Iterator<Item = (usize, &'a Identity, u64)> {
    let mut alike: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    all.map(move |(number, identity)| {
        let nth = alike.entry((&identity.file, &identity.original, &identity.mutated)).or_default();
        *nth += 1;
        (number, identity, *nth)
    })
}

/// A number for these texts, spread evenly (FNV-1a, and the last steps of SplitMix64).
fn ticket(texts: &[&str]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.iter().flat_map(|text| text.bytes().chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::sample;
    use crate::mutant::{Identity, Kind};

    fn mutants(first_line: usize, count: usize) -> Vec<Identity> {
        let of_line = |line| Identity {
            file: "a.rs".to_owned(),
            line: first_line + line,
            column: 1,
            kind: Kind::Statement,
            original: "a()".to_owned(),
            mutated: "(left out)".to_owned(),
        };
        (0..count).map(of_line).collect()
    }

    fn draw(mutants: &[Identity], count: usize, seed: u64) -> Vec<usize> {
        sample(mutants.iter().enumerate(), count, seed)
    }

    #[test]
    fn a_larger_sample_begins_with_the_smaller_one() {
        let all = mutants(1, 1000);
        let (small, large) = (draw(&all, 10, 7), draw(&all, 100, 7));
        assert_eq!(small, large[..10]);
        assert_ne!(small, draw(&all, 10, 8));
        // Each half of the file has its share.
        let early = large.iter().filter(|number| **number < 500).count();
        assert!((30..=70).contains(&early), "{early}");
    }

    #[test]
    fn lines_that_move_change_no_sample() {
        assert_eq!(draw(&mutants(1, 1000), 10, 7), draw(&mutants(50, 1000), 10, 7));
    }
}
