//! The share of undecided histories among those with gaps: unknown operations and no watches.
//!
//! `cargo run --release -p revline-checker --example unknown_gaps -- [SECONDS [OPERATIONS...]]`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::generate::{Shape, legal};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;
use revline_checker::verdict::Verdict;
use std::time::{Duration, Instant};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|number| number.parse::<u64>().ok());
    let limit = Duration::from_secs(numbers.next().unwrap_or(5));
    let mut sizes: Vec<u64> = numbers.collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    for operations in sizes {
        for (values, name) in [(u64::MAX, "unique values"), (4, "four values")] {
            let seeds = (20_000 / operations).clamp(2, 10);
            let (mut undecided, mut slowest_ms, mut slowest_stop_ms) = (0, 0.0f64, 0.0f64);
            let mut why = String::new();
            for seed in 0..seeds {
                let shape = Shape {
                    operations: operations as usize,
                    clients: 10,
                    keys: 20,
                    values,
                    unknown_percent: 10,
                    watchers: 0,
                    ..Shape::default()
                };
                let history = legal(&shape, seed);
                let begun = Instant::now();
                let stop = || begun.elapsed() > limit;
                let verdicts =
                    Judge::new(&history).budget(Budget { steps: 2_000_000, ..Budget::until(&stop) }).run();
                let took = begun.elapsed();
                slowest_ms = slowest_ms.max(took.as_secs_f64() * 1e3);
                slowest_stop_ms = slowest_stop_ms.max(took.saturating_sub(limit).as_secs_f64() * 1e3);
                if let Some(Verdict::Unknown { why: reason }) = verdicts.get("linearizable") {
                    undecided += 1;
                    why.clone_from(reason);
                }
            }
            println!(
                "{operations:>7} operations, {name:13}: {undecided} of {seeds} undecided, slowest {slowest_ms:.0} ms, stopped {slowest_stop_ms:.1} ms late {why}"
            );
        }
    }
}
