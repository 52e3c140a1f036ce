//! How long judging takes, and how that grows: `judge_speed [OPERATIONS...]`, by default a doubling series.
//!
//! `cargo run --release -p revline-checker --example judge_speed -- 1000000`
//!
//! The history is in memory before the clock starts. The peak of memory is that of the process, so it is
//! shown before and after judging.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::generate::{Shape, legal};
use revline_checker::guarantee::{GUARANTEES, judge, judge_only};
use revline_checker::history::History;
use std::time::Instant;

fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let detailed = sizes.len() == 1;
    if sizes.is_empty() {
        sizes = (0..8).map(|double| 8_000 << double).collect();
    }
    for operations in sizes {
        let shape = Shape {
            operations,
            clients: 20,
            keys: 100,
            watchers: 20,
            unknown_percent: 5,
            compact_every: 10_000,
            ..Shape::default()
        };
        let history = legal(&shape, 1);
        let events = history.watches.iter().flat_map(|watch| watch.events()).count();
        let before_kb = peak_kb();
        let begun = Instant::now();
        let verdicts = judge(&history);
        let seconds = begun.elapsed().as_secs_f64();
        let open = verdicts.iter().filter(|(_, verdict)| !verdict.holds()).map(|(name, _)| name);
        println!(
            "{operations:>9} operations, {events:>9} events, {} watches: {:>9.1} ms, {:.2} us an operation; peak {} MB, {} MB with judging; not held: {:?}",
            history.watches.len(),
            seconds * 1e3,
            seconds * 1e6 / operations as f64,
            before_kb / 1024,
            peak_kb() / 1024,
            open.collect::<Vec<_>>(),
        );
        if detailed {
            each(&history);
        }
    }
}

/// The time of each guarantee alone, with what it needs.
fn each(history: &History) {
    for guarantee in GUARANTEES {
        let begun = Instant::now();
        let verdict = judge_only(history, |name| name == guarantee.name);
        let word = verdict.get(guarantee.name).map_or("", |verdict| verdict.word());
        println!("  {:20} {:>9.1} ms  {word}", guarantee.name, begun.elapsed().as_secs_f64() * 1e3);
    }
}

/// The most memory that the process has had so far; 0 where the system does not say.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
