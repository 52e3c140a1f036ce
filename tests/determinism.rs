//! One plan has one trace: alone, in a sweep, on any number of threads, in another process, in another
//! build. And another plan has another.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test: a panic is its message, and it looks for the other build in its environment"
)]

use revline::scenarios::crew::Proceed;
use revline::scenarios::operation::Put;
use revline::scenarios::plan::{Action, Plan, Work, draw};
use revline::scenarios::shard::Shard;
use revline::scenarios::sweep::{Finished, Sweep};
use revline::scenarios::{catalogue, execute};
use revline::store::defect::Defects;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::process::Command;
use std::time::Duration;

const SCENARIOS: [&str; 4] = ["steady", "election-storm", "crash-restart", "slow-follower-snapshot"];
const SEEDS: u64 = 2;

type Hashes = BTreeMap<(String, u64), String>;

fn sweep(jobs: usize) -> Hashes {
    let sweep = Sweep {
        scenarios: SCENARIOS.iter().map(|name| catalogue::find(name).unwrap()).collect(),
        first_seed: 0,
        seeds: SEEDS,
        defects: Defects::NONE,
        shard: Shard::WHOLE,
        jobs: NonZero::new(jobs).unwrap(),
        time_limit: None,
    };
    let mut hashes = Hashes::new();
    let examine = |finished: Finished| {
        let hash = finished.outcome.unwrap().trace.hash();
        ((finished.plan.scenario, finished.plan.seed), format!("{hash:016x}"))
    };
    sweep.run(&|| Duration::ZERO, &examine, &mut |_, (run, hash)| {
        hashes.insert(run, hash);
        Proceed::On
    });
    hashes
}

fn plan(scenario: &str, seed: u64) -> Plan {
    draw(&catalogue::find(scenario).unwrap(), seed, Defects::NONE)
}

fn hash(plan: &Plan) -> String {
    format!("{:016x}", execute(plan, false).unwrap().trace.hash())
}

#[test]
fn a_seed_has_one_trace_alone_and_in_a_sweep_on_one_thread_or_two() {
    let one = sweep(1);
    assert_eq!(one.len(), SCENARIOS.len() * SEEDS as usize);
    assert_eq!(one, sweep(2));
    for ((scenario, seed), expected) in &one {
        assert_eq!(&hash(&plan(scenario, *seed)), expected, "{scenario}@{seed}");
    }
    let different: std::collections::BTreeSet<_> = one.values().collect();
    assert_eq!(different.len(), one.len(), "every run has a trace of its own");
}

/// Runs the sweep in another process.
fn sweep_by(program: &str) -> Hashes {
    let output = Command::new(program)
        .arg("run")
        .args(SCENARIOS)
        .args(["--seeds", &SEEDS.to_string(), "--json"])
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = json["runs"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    runs.map(|run| ((text(&run["scenario"]), run["seed"].as_u64().unwrap()), text(&run["trace_hash"])))
        .collect()
}

#[test]
fn a_seed_has_one_trace_in_two_processes_one_after_the_other() {
    let program = env!("CARGO_BIN_EXE_revline");
    let first = sweep_by(program);
    assert_eq!(first, sweep(1));
    assert_eq!(first, sweep_by(program));
}

#[test]
fn a_seed_has_one_trace_in_debug_and_in_release() {
    match std::env::var("REVLINE_OTHER_BUILD") {
        Ok(program) => assert_eq!(sweep_by(&program), sweep(1)),
        Err(_) => {
            eprintln!("skipped: REVLINE_OTHER_BUILD does not name a revline of the other profile");
        }
    }
}

#[test]
fn changing_one_operation_changes_the_trace() {
    let original = plan("steady", 0);
    let expected = hash(&original);
    let mut removed = original.clone();
    let mut changed = original.clone();
    let mut later = original.clone();
    let Work::Operations(operations) = &mut removed.clients[0].work else { panic!("a writer") };
    operations.pop();
    let Work::Operations(operations) = &mut changed.clients[0].work else { panic!("a writer") };
    let value = operations.iter_mut().rev().find_map(|operation| match &mut operation.action {
        Action::Put(Put { value, .. }) => Some(value),
        _ => None,
    });
    value.expect("a writer puts").push('!');
    let Work::Operations(operations) = &mut later.clients[0].work else { panic!("a writer") };
    operations.last_mut().expect("a writer writes").at_us += 1_500;
    for (what, plan) in [("removed", removed), ("changed", changed), ("later", later)] {
        assert_ne!(hash(&plan), expected, "{what}");
    }
}

#[test]
fn changing_one_fault_changes_the_trace() {
    let original = plan("crash-restart", 0);
    let expected = hash(&original);
    let mut removed = original.clone();
    removed.faults.pop().expect("the plan has a fault");
    let mut longer = original.clone();
    longer.faults[0].for_ms += 1;
    let mut sooner = original.clone();
    sooner.faults[0].at_ms -= 1;
    for (what, plan) in [("removed", removed), ("longer", longer), ("sooner", sooner)] {
        assert_ne!(hash(&plan), expected, "{what}");
    }
}

#[test]
fn looking_does_not_change_what_happens() {
    let plan = plan("election-storm", 1);
    let (quiet, kept) = (execute(&plan, false).unwrap(), execute(&plan, true).unwrap());
    assert_eq!(quiet.trace.hash(), kept.trace.hash());
    assert!(quiet.trace.records().is_none());
    assert_eq!(kept.trace.records().map(|records| records.len() as u64), Some(kept.trace.count()));
}
