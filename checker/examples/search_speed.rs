//! The time of the search on recorded logs, each alone, exact and compact:
//! `cargo run --release -p revline-checker --example search_speed -- [--runs N] [LOG...]`
//!
//! Without logs, on those of Jepsen and porcupine where they are present. A log's time is the median of its runs;
//! it does not count reading the log.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::import::{Imported, read_file};
use revline_checker::search::{Budget, Decision, Search};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use std::path::{Path, PathBuf};
use std::time::Instant;

const STEPS_MAX: u64 = 50_000_000;

fn main() {
    let mut runs = 15;
    let mut logs: Vec<PathBuf> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => runs = arguments.next().and_then(|runs| runs.parse().ok()).unwrap_or(runs).max(1),
            log => logs.push(log.into()),
        }
    }
    if !logs.is_empty() {
        return table("the given logs", &logs, runs);
    }
    for folder in ["jepsen-etcd", "porcupine-kv"] {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
        let Ok(entries) = std::fs::read_dir(&place) else {
            println!("{folder}: skipped, there is no {}", place.display());
            continue;
        };
        let mut logs: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        logs.retain(|log| log.extension().is_some_and(|end| end == "log" || end == "txt"));
        logs.sort();
        table(folder, &logs, runs);
    }
}

/// A line for each log, and what they come to.
fn table(title: &str, logs: &[PathBuf], runs: usize) {
    println!("{title}: {:14} {:>10} {:>10}", "verdict", "exact us", "compact us");
    let (mut exact_us, mut compact_us) = (Vec::new(), Vec::new());
    for log in logs {
        let imported = match read_file(log, None) {
            Ok(imported) => imported,
            Err(error) => {
                println!("{error}");
                continue;
            }
        };
        let name = log.file_name().unwrap_or(log.as_os_str()).to_string_lossy();
        let (Some((exact, word)), Some((compact, again))) =
            (measure(&imported, runs, false), measure(&imported, runs, true))
        else {
            println!("{name}: for the guarantees, not the search");
            continue;
        };
        let agrees = if word == again { "" } else { ", but compact: unknown or another" };
        println!("{name:14} {word:14} {exact:>10.1} {compact:>10.1}{agrees}");
        exact_us.push((exact, name.clone().into_owned()));
        compact_us.push((compact, name.into_owned()));
    }
    summary("exact", exact_us);
    summary("compact", compact_us);
}

fn summary(title: &str, mut us: Vec<(f64, String)>) {
    us.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some((slowest_us, slowest)) = us.last() else { return };
    let total: f64 = us.iter().map(|(us, _)| us).sum();
    let mean = (us.iter().map(|(us, _)| us.ln()).sum::<f64>() / us.len() as f64).exp();
    let median = us[us.len() / 2].0;
    println!(
        "{title}: {} logs, {total:.0} us together, median {median:.1} us, geometric mean {mean:.1} us, slowest {slowest} {slowest_us:.1} us",
        us.len()
    );
}

/// The median time in microseconds, and the verdict; nothing if the log is not for the search.
fn measure(imported: &Imported, runs: usize, is_compact: bool) -> Option<(f64, &'static str)> {
    let mut word = "";
    let mut us = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        let decision = decide(imported, is_compact)?;
        us.push(begun.elapsed().as_secs_f64() * 1e6);
        word = match decision {
            Decision::Linearizable { .. } => "linearizable",
            Decision::Illegal(_) => "illegal",
            Decision::Unknown { .. } => "unknown",
        };
    }
    us.sort_by(f64::total_cmp);
    Some((us[runs / 2], word))
}

fn decide(imported: &Imported, is_compact: bool) -> Option<Decision> {
    let budget = Budget::steps(STEPS_MAX);
    match imported {
        Imported::Register(calls) => {
            let search = Search::new(Register::default(), calls).reads(Register::is_read);
            Some(if is_compact { search.compact() } else { search }.decide(&budget))
        }
        Imported::AppendKv(calls) => {
            let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
            let search = search.outlook(AppendKv::may_lead).heap_bytes(AppendKv::heap_bytes);
            let search = search.parts(|op: &AppendKvOp| op.key().clone());
            Some(if is_compact { search.compact() } else { search }.decide(&budget))
        }
        Imported::Registers(_) | Imported::Mutexes(_) | Imported::Etcd(_) => None,
    }
}
