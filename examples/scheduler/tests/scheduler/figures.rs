//! One seed is one trace, and the number of seeds until a mistake is found.

use crate::FOUND_BY;
use crate::world::program;
use revline::sim::{SimulationConfig, simulate};
use std::process::Command;

/// The runs of a seed in each process.
const RUNS: usize = 20;

/// The ranges of seeds that are searched.
const RANGES: u64 = 20;

/// The seeds of a range, at most.
const SEEDS: u64 = 1_000;

/// Set in the process that a test starts.
const SECOND: &str = "SCHEDULER_SECOND_PROCESS";

/// The hash of the trace under a seed, or the words of the failure.
fn run(seed: u64) -> Result<u64, String> {
    let config = SimulationConfig { seed, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world| async move {
        let result = program(world.clone()).await;
        world.end_processes();
        result.map_err(|error| error.to_string())
    });
    let run = run.map_err(|panicked| panicked.message)?;
    run.value.map(|()| run.trace.hash())
}

#[test]
fn one_seed_is_one_trace_in_two_processes() {
    const SEED: u64 = 1;
    let first = run(SEED);
    assert!(first.is_ok() || FOUND_BY.is_some(), "{first:?}");
    for _ in 1..RUNS {
        assert_eq!(run(SEED), first);
    }
    let told = format!("the trace of seed {SEED}: {first:x?}");
    println!("{told}");
    if std::env::var_os(SECOND).is_none() {
        let own = std::env::current_exe().expect("this program has a file");
        let test = "figures::one_seed_is_one_trace_in_two_processes";
        let second = Command::new(own).args(["--exact", test, "--nocapture"]).env(SECOND, "1").output();
        let said = String::from_utf8_lossy(&second.expect("it runs").stdout).into_owned();
        assert!(said.contains(&told), "{told}, and in another process: {said}");
    }
}

#[test]
#[ignore = "takes minutes"]
fn seeds_until_the_mistake_is_found() {
    let Some(expected) = FOUND_BY else { return };
    let mut counts = Vec::new();
    for range in 0..RANGES {
        let first = 1_000_000 + range * SEEDS;
        let found = (first..first + SEEDS).find_map(|seed| Some((seed, run(seed).err()?)));
        let (seed, words) = found.unwrap_or_else(|| panic!("{SEEDS} seeds from {first} on find nothing"));
        assert!(words.contains(expected), "seed {seed} fails by other words: {words}");
        counts.push(seed - first + 1);
    }
    counts.sort_unstable();
    println!("found after so many seeds: {counts:?}, median {}", counts[counts.len() / 2]);
}
