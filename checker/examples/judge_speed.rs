//! The time and memory of judging, and their growth: `judge_speed [--memory] [OPERATIONS...]`, by default a
//! doubling series.
//!
//! `cargo run --release -p revline-checker --example judge_speed -- 1000000 10000000`
//!
//! The streaming judge is measured while the history is made, some thousand records at a time: only judging counts.
//! With `--memory` the history is in memory before the clock starts. The peak of memory is that of the process, so
//! one size at a time says most.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::generate::{Shape, legal, stream};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::history::History;
use revline_checker::history::jsonl::Record;
use revline_checker::judge::{Judge, OnlineJudge, Unproven};
use revline_checker::verdict::Verdicts;
use std::time::{Duration, Instant};

/// The number of records made before they are judged.
const BATCH: usize = 128;

fn main() {
    let in_memory = std::env::args().any(|argument| argument == "--memory");
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let detailed = in_memory && sizes.len() == 1;
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
        if in_memory {
            let history = legal(&shape, 1);
            let events = history.watches.iter().flat_map(|watch| watch.events()).count();
            let begun = Instant::now();
            let verdicts = Judge::new(&history).run();
            show(operations, events, history.watches.len(), begun.elapsed(), Ok(verdicts));
            if detailed {
                each(&history);
            }
        } else {
            let (events, watches, time, verdicts) = streamed(&shape);
            show(operations, events, watches, time, verdicts);
        }
    }
}

fn show(
    operations: usize,
    events: usize,
    watches: usize,
    time: Duration,
    verdicts: Result<Verdicts, Unproven>,
) {
    let seconds = time.as_secs_f64();
    let said = match verdicts {
        Err(doubt) => format!("in doubt: {doubt}"),
        Ok(verdicts) => {
            let open: Vec<_> =
                verdicts.iter().filter(|(_, verdict)| !verdict.holds()).map(|(name, _)| name).collect();
            format!("not held: {}", open.join(", "))
        }
    };
    println!(
        "{operations:>9} operations, {events:>9} events, {watches} watches: {:>9.1} ms, {:.2} us an operation; peak {} MB; {said}",
        seconds * 1e3,
        seconds * 1e6 / operations as f64,
        peak_kb() / 1024,
    );
}

/// Judges a history while it is made: how many events and watches there were, how long it took, and what came of it.
fn streamed(shape: &Shape) -> (usize, usize, Duration, Result<Verdicts, Unproven>) {
    let (mut events, mut watches, mut time) = (0, 0, Duration::ZERO);
    let mut judge = Judge::online();
    let mut batch: Vec<Record> = Vec::with_capacity(BATCH);
    let mut take = |batch: &mut Vec<Record>, judge: &mut OnlineJudge| {
        let begun = Instant::now();
        let taken = batch.drain(..).try_for_each(|record| judge.record(record));
        time += begun.elapsed();
        taken
    };
    let told = stream(shape, 1, None, |record| {
        match &record {
            Record::Watch(_) => watches += 1,
            Record::Frame { frame, .. } => events += frame.events.len(),
            _ => {}
        }
        batch.push(record);
        if batch.len() == BATCH { take(&mut batch, &mut judge) } else { Ok(()) }
    });
    let told = told.and_then(|_| take(&mut batch, &mut judge));
    let begun = Instant::now();
    let verdicts = told.and_then(|()| judge.finish());
    (events, watches, time + begun.elapsed(), verdicts)
}

/// The time of each guarantee alone, with what it needs.
fn each(history: &History) {
    for guarantee in GUARANTEES {
        let begun = Instant::now();
        let verdict = Judge::new(history).only(|name| name == guarantee.name).run();
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
