//! How long judging generated histories takes: `cargo run --release -p revline-checker --example judge_speed`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::guarantee::{GUARANTEES, judge, judge_only};
use revline_checker::history::generate::{Shape, legal};
use std::time::Instant;

fn main() {
    for operations in [1_000, 10_000, 20_000, 40_000, 80_000] {
        let shape = Shape { operations, watchers: 5, unknown_percent: 3, ..Shape::default() };
        let history = legal(&shape, 1);
        let begun = Instant::now();
        let verdicts = judge(&history);
        let us = begun.elapsed().as_secs_f64() * 1e6;
        let bad = verdicts.iter().filter(|(_, verdict)| !verdict.holds()).count();
        println!(
            "{operations} operations: {us:.0} us, {:.2} us each, {bad} not decided or vacuous",
            us / operations as f64
        );
        if operations == 80_000 {
            for guarantee in GUARANTEES {
                let begun = Instant::now();
                let verdict = judge_only(&history, |name| name == guarantee.name);
                println!(
                    "  {} {:.0} us (with the line): {}",
                    guarantee.name,
                    begun.elapsed().as_secs_f64() * 1e6,
                    verdict.get(guarantee.name).map_or("", |v| v.word())
                );
            }
        }
    }
}
