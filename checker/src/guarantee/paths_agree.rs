//! The streaming judge, held against the long way.

use super::{Case, GUARANTEES};
use crate::generate::{Flaw, Shape, flawed, legal};
use crate::history::History;
use crate::verdict::Verdicts;

fn shape(seed: u64) -> Shape {
    Shape {
        operations: 20 + (seed % 150) as usize,
        clients: 1 + (seed % 6) as u32,
        keys: 2 + seed % 9,
        values: if seed.is_multiple_of(3) { 3 } else { u64::MAX },
        unknown_percent: seed % 4 * 6,
        watchers: (seed % 5) as u32 * 2,
        frames_per_watch: 4 + seed % 30,
        compact_every: seed % 3 * 30,
        ..Shape::default()
    }
}

/// True if the stream proved it sound; then the long way must say the same.
fn compare(history: &History, what: &str) -> bool {
    let Ok(by_stream) = crate::proof::prove(history) else { return false };
    let case = Case::new(history);
    let mut at_length = Verdicts::default();
    for guarantee in GUARANTEES.iter().filter(|guarantee| by_stream.get(guarantee.name).is_some()) {
        at_length.add(guarantee.name, (guarantee.check)(&case));
    }
    assert_eq!(by_stream, at_length, "{what}");
    true
}

#[test]
fn the_stream_says_what_the_long_way_says() {
    let (mut proven, mut doubted, mut broken) = (0, 0, 0);
    for seed in 0..600 {
        let shape = shape(seed);
        let flaw = Flaw::ALL[seed as usize % Flaw::ALL.len()];
        match compare(&legal(&shape, seed), &format!("seed {seed}, legal")) {
            true => proven += 1,
            // Without watches, it is often open who made a revision.
            false if shape.watchers == 0 => doubted += 1,
            false => panic!("seed {seed}: the stream doubts a legal history"),
        }
        if let Some(history) = flawed(&shape, seed, flaw) {
            broken += u64::from(!compare(&history, &format!("seed {seed}, {flaw}")));
        }
    }
    assert!(proven > 10 * doubted && broken > 300, "{proven} {doubted} {broken}");
}
