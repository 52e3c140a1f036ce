//! The line's short way for sound histories, held against the long one.

use super::{Case, GUARANTEES};
use crate::generate::{Flaw, Shape, flawed, legal};
use crate::history::History;

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

/// Whether the short way was taken.
fn compare(history: &History, what: &str) -> bool {
    let (quick, slow) = (Case::new(history), Case::slowly(history));
    for guarantee in GUARANTEES {
        let (quick, slow) = ((guarantee.check)(&quick), (guarantee.check)(&slow));
        assert_eq!(quick.word(), slow.word(), "{what}: {}: {quick} / {slow}", guarantee.name);
        assert_eq!(quick.evidence(), slow.evidence(), "{what}: {}", guarantee.name);
        // How much was seen of a revision of many keys is not counted to the last.
        if quick.holds() && guarantee.name != "txn-atomic" {
            assert_eq!(quick.examined(), slow.examined(), "{what}: {}", guarantee.name);
        }
    }
    quick.exact().is_some()
}

#[test]
fn the_short_way_says_what_the_long_one_says() {
    let (mut short, mut long) = (0, 0);
    for seed in 0..600 {
        let shape = shape(seed);
        let flaw = Flaw::ALL[seed as usize % Flaw::ALL.len()];
        let histories = [Some(legal(&shape, seed)), flawed(&shape, seed, flaw)];
        for (history, what) in histories.into_iter().zip(["legal", flaw.name()]) {
            let Some(history) = history else { continue };
            match compare(&history, &format!("seed {seed}, {what}")) {
                true => short += 1,
                false => long += 1,
            }
        }
    }
    assert!(short > 300 && long > 300, "{short} {long}");
}
