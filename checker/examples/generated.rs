//! Judges generated histories: legal ones must be accepted, and each flaw rejected by a guarantee that fits.
//!
//! `cargo run --release -p revline-checker --example generated -- LEGAL EACH_FLAW OPERATIONS FIRST_SEED ODD`
#![allow(clippy::disallowed_macros, reason = "tells people what it found")]

use revline_checker::generate::{Flaw, Oddity, Shape, flawed, legal};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::judge::Judge;

fn main() {
    let argument = |at: usize, default: u64| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (legal_count, flawed_count) = (argument(1, 1000), argument(2, 100));
    let (operations, first) = (argument(3, 200) as usize, argument(4, 0));
    let mut wrong = 0;
    for seed in first..first + legal_count {
        let verdicts = Judge::new(&legal(&shape(operations, seed), seed)).run();
        for (name, verdict) in verdicts.iter() {
            if verdict.is_violated() || matches!(verdict, revline_checker::verdict::Verdict::Unknown { .. }) {
                wrong += 1;
                println!("legal, seed {seed}: {name}: {verdict}");
            }
        }
    }
    println!("{legal_count} legal histories of {operations} operations judged");
    let (odd_count, mut undecided) = (argument(5, 0), 0);
    for seed in first..first + odd_count {
        let mut history = legal(&shape(operations, seed), seed);
        // Every combination of oddities but none.
        let combination = seed % ((1 << Oddity::ALL.len()) - 1) + 1;
        let odd = Oddity::ALL.iter().enumerate().filter(|(at, _)| combination >> at & 1 == 1);
        odd.for_each(|(_, oddity)| oddity.put_into(&mut history, seed));
        let verdicts = Judge::new(&history).run();
        undecided += u64::from(verdicts.any_unknown());
        for (name, evidence) in verdicts.violations() {
            wrong += 1;
            println!("odd, seed {seed}: {name}: {evidence}");
        }
    }
    println!("{odd_count} legal histories with oddities judged, {undecided} undecided");
    for flaw in Flaw::ALL {
        let known = |name: &&str| GUARANTEES.iter().any(|guarantee| guarantee.name == *name);
        let fitting: Vec<&str> = flaw.guarantees().iter().copied().filter(known).collect();
        let (mut placed, mut missed) = (0, 0);
        for seed in first..first + flawed_count {
            let Some(history) = flawed(&shape(operations, seed), seed, *flaw) else { continue };
            placed += 1;
            let verdicts = Judge::new(&history).run();
            let found: Vec<&str> = verdicts.violations().map(|(name, _)| name).collect();
            if !fitting.is_empty() && !found.iter().any(|name| fitting.contains(name)) {
                missed += 1;
                if missed <= 3 {
                    println!("{flaw}, seed {seed}: found {found:?}, not one of {fitting:?}");
                }
            }
        }
        wrong += missed;
        let judged = if fitting.is_empty() { "no guarantee for it yet" } else { "judged" };
        println!("{flaw}: {placed} of {flawed_count} placed, {judged}, {missed} missed");
    }
    std::process::exit(i32::from(wrong > 0));
}

/// A different shape for each seed.
fn shape(operations: usize, seed: u64) -> Shape {
    Shape {
        operations,
        clients: 2 + (seed % 7) as u32,
        keys: 3 + seed % 11,
        values: if seed % 5 == 4 { 4 } else { u64::MAX },
        unknown_percent: seed % 3 * 5,
        watchers: 4 + (seed % 3) as u32 * 3,
        frames_per_watch: 5 + seed % 60,
        ..Shape::default()
    }
}
