//! How long the search takes on recorded logs: `cargo run --release -p revline-checker --example search_speed -- LOG...`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "measures real time, for people"
)]

use revline_checker::import::{Imported, read_file};
use revline_checker::linearizability::{Budget, Decision, Search};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use std::path::Path;
use std::time::Instant;

fn main() {
    let mut logs = 0;
    let (mut total_us, mut sum_of_logs) = (0.0, 0.0);
    for path in std::env::args().skip(1) {
        let imported = match read_file(Path::new(&path), None) {
            Ok(imported) => imported,
            Err(error) => {
                println!("{error}");
                continue;
            }
        };
        let mut best_us = f64::MAX;
        let mut word = "";
        for _ in 0..5 {
            let begun = Instant::now();
            let decision = decide(&imported);
            best_us = best_us.min(begun.elapsed().as_secs_f64() * 1e6);
            word = match decision {
                Some(Decision::Linearizable { .. }) => "linearizable",
                Some(Decision::Illegal(_)) => "illegal",
                Some(Decision::Unknown { .. }) => "unknown",
                None => "for the guarantees",
            };
        }
        println!("{path}: {best_us:.1} us, {word}");
        logs += 1;
        total_us += best_us;
        sum_of_logs += best_us.ln();
    }
    let mean_us = (sum_of_logs / f64::from(logs.max(1))).exp();
    println!("{logs} logs: {total_us:.0} us together, {mean_us:.1} us in the geometric mean");
}

fn decide(imported: &Imported) -> Option<Decision> {
    let budget = Budget::steps(50_000_000);
    match imported {
        Imported::Register(calls) => {
            Some(Search::new(Register::default(), calls).reads(Register::is_read).decide(&budget))
        }
        Imported::AppendKv(calls) => {
            let search =
                Search::new(AppendKv::default(), calls).reads(AppendKv::is_read).outlook(AppendKv::may_lead);
            Some(search.parts(|op: &AppendKvOp| op.key().clone()).decide(&budget))
        }
        Imported::Etcd(_) => None,
    }
}
