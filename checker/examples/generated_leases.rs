//! Judges generated histories of leases, locks and elections: how many legal ones are accused, and how many flawed ones are
//! not.
//!
//! ```console
//! $ cargo run --release -p revline-checker --example generated_leases -- 5000
//! ```

#![allow(clippy::disallowed_macros, reason = "tells people what it found")]

use revline_checker::generate::{LeaseFlaw, flawed_leases, legal_leases};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdict;

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1000);
    let (mut accused, mut undecided) = (0, 0);
    for seed in 0..count {
        let verdicts = Judge::new(&legal_leases(40 + (seed % 160) as usize, seed)).run();
        if let Some((name, evidence)) = verdicts.violations().next() {
            accused += 1;
            println!("legal, seed {seed}: {name}: {evidence}");
        }
        for (name, verdict) in
            verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unknown { .. }))
        {
            println!("legal, seed {seed}: {name}: {verdict}");
        }
        undecided += u64::from(verdicts.any_unknown());
    }
    println!("{count} legal: {accused} accused, {undecided} undecided");
    let (mut placed, mut missed) = (0, 0);
    for flaw in LeaseFlaw::ALL {
        let (mut of_flaw, mut missed_of_flaw) = (0, 0);
        for seed in 0..count / LeaseFlaw::ALL.len() as u64 {
            let Some(history) = flawed_leases(40 + (seed % 160) as usize, seed, *flaw) else { continue };
            of_flaw += 1;
            if !Judge::new(&history).run().any_violated() {
                missed_of_flaw += 1;
                println!("{flaw}, seed {seed}: missed");
            }
        }
        println!("{flaw}: {of_flaw} placed, {missed_of_flaw} missed");
        placed += of_flaw;
        missed += missed_of_flaw;
    }
    println!("{placed} flawed: {missed} missed");
}
