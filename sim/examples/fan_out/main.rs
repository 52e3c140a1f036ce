//! Shows what proxies spare the members where very many watch one key:
//! `cargo run --release -p revline-sim --example fan_out [WATCHERS...]`, by default 100, 1 000 and 10 000.
//!
//! The load is the one of etcd's announcement of its watch proxy (etcd 3.2, "massive watch scaling"): one key, so
//! many writes a second, so many watchers, once behind proxies and once at the members. Members and proxies
//! have one core each, and pay for every message ([`COSTS`](measure::COSTS)).

#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a program: what it is for is what it prints, also of real time"
)]

mod measure;

use measure::{COSTS, LOAD_MS, Measured, PROXIES, WRITES_PER_S, measure};
use revline_checker::judge::Judge;
use std::time::{Duration, Instant};

fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![100, 1_000, 10_000];
    }
    println!("one key, {WRITES_PER_S} writes a second for {LOAD_MS} ms of simulated time; 3 members");
    println!(
        "work: {} us a message taken, {} us a message sent, {} us a watch response sent",
        COSTS.per_message_us, COSTS.per_reply_us, COSTS.per_watch_response_us
    );
    println!();
    println!(
        "watchers  proxies  members send  writes  latency of a write  events behind  latency of an event  \
         events a second of one core"
    );
    println!(
        "                      per write     /s    mean      99 %    at the end     mean      99 %      \
         simulated     judged"
    );
    for watchers in sizes {
        for proxies in [PROXIES, 0] {
            let began = Instant::now();
            let (measured, history) = measure(watchers, proxies);
            let simulated = began.elapsed();
            let began = Instant::now();
            let verdicts = Judge::new(&history).run();
            let judged = began.elapsed();
            show(watchers, proxies, &measured, simulated, judged);
            assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
        }
    }
    println!();
    println!("Every guarantee held in every run. Peak memory {} MiB.", peak_memory_mib());
}

fn show(watchers: usize, proxies: usize, measured: &Measured, simulated: Duration, judged: Duration) {
    let per_second = |took: Duration| measured.events as f64 / took.as_secs_f64();
    println!(
        "{watchers:>8}  {proxies:>7}  {:>12.1}  {:>6.0}  {:>4.1} ms  {:>5.1} ms  {:>12}  {:>5.1} ms  {:>5.1} ms  \
         {:>13.0}  {:>9.0}",
        measured.sent_per_write,
        measured.writes_per_s,
        measured.write.mean_ms,
        measured.write.p99_ms,
        measured.behind,
        measured.event.mean_ms,
        measured.event.p99_ms,
        per_second(simulated),
        per_second(judged),
    );
}

/// The most memory this process had; 0 where the system does not say.
fn peak_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
