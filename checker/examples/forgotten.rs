//! Judges histories whose clients forgot much of what they were answered: legal ones must not be violated, and those
//! that stay undecided are counted.
//!
//! `cargo run --release -p revline-checker --example forgotten -- HISTORIES FIRST_SEED EACH_FLAW`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "tells people what it found, and how long it took"
)]

#[path = "../tests/forgotten/shapes.rs"]
mod shapes;

use revline_checker::judge::Judge;
use revline_checker::verdict::{Verdict, Verdicts};
use std::time::Instant;

fn main() {
    let argument = |at: usize, default: u64| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (count, first, flaws) = (argument(1, 20_000), argument(2, 0), argument(3, 20));
    let (mut violated, mut undecided, mut slowest) = (0, 0, (0.0, 0));
    for seed in first..first + count {
        let history = shapes::legal_forgotten(seed);
        let begun = Instant::now();
        let verdicts = Judge::new(&history).run();
        let took_ms = begun.elapsed().as_secs_f64() * 1e3;
        if took_ms > slowest.0 {
            slowest = (took_ms, seed);
        }
        if let Some((name, verdict)) = verdicts.violations().next() {
            violated += 1;
            println!("seed {seed}: {name}: {verdict}");
        } else if let Some((name, why)) = unknown(&verdicts) {
            undecided += 1;
            println!("seed {seed}: {name}: undecided: {why}");
        }
    }
    println!(
        "{count} legal histories: {violated} violated, {undecided} undecided; the slowest took {:.0} ms (seed {})",
        slowest.0, slowest.1
    );
    let (mut placed, mut missed, mut open) = (0, 0, 0);
    for (flaw, seed) in shapes::flaws(first, flaws) {
        let Some(history) = shapes::flawed_forgotten(flaw, seed) else { continue };
        placed += 1;
        let verdicts = Judge::new(&history).run();
        if !verdicts.any_violated() {
            missed += 1;
            open += u64::from(unknown(&verdicts).is_some());
            println!("{flaw}, seed {seed}: not rejected ({:?})", unknown(&verdicts));
        }
    }
    println!("{placed} flawed histories: {missed} not rejected, of which {open} undecided");
    std::process::exit(i32::from(violated > 0));
}

fn unknown(verdicts: &Verdicts) -> Option<(&str, String)> {
    verdicts.iter().find_map(|(name, verdict)| match verdict {
        Verdict::Unknown { why } => Some((name, why.clone())),
        _ => None,
    })
}
