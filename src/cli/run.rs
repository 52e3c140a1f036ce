//! `revline run`: scenarios under many seeds.

use super::arguments::{RunArguments, RunOptions};
use super::print::print;
use super::scenario_argument;
use super::status::{Status, Unusable};
use revline_reports::progress::Progress;
use revline_reports::sweep::SweepReport;
use revline_reports::{json, terminal};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::scenario::Scenario;
use revline_scenarios::sweep::{Proceed, Shard, Sweep};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::time::Instant;

/// Runs what the arguments ask for.
pub fn run(arguments: &RunArguments) -> Result<Status, Unusable> {
    let options = &arguments.options;
    let one = NonZero::<usize>::MIN;
    let mut scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    if options.behind_proxies {
        scenarios.iter_mut().for_each(Scenario::behind_proxies);
    }
    let sweep = Sweep {
        scenarios,
        first_seed: options.first_seed,
        seeds: options.seeds,
        defects: options.defects(),
        shard: options.shard.unwrap_or(Shard::WHOLE),
        jobs: options.jobs.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(one)),
    };
    if options.first_seed.checked_add(options.seeds).is_none() {
        return Err(Unusable::new(format!("--first-seed: there are no {} seeds from there", options.seeds)));
    }
    let sources = sources(&arguments.scenarios, &sweep);
    let began = Instant::now();
    let mut progress = Progress::new(sweep.run_count());
    let mut replays = BTreeMap::new();
    let runs = sweep.run(&|| began.elapsed(), &mut |finished| {
        progress.finished(finished.report.failed());
        let report = &finished.report;
        if report.failed() || report.guarantees.any_unknown() {
            let source = sources.get(&report.scenario).unwrap_or(&report.scenario);
            let replay = finished
                .bundle
                .as_ref()
                .and_then(|bundle| keep(bundle, &options.out))
                .unwrap_or_else(|| replay_of_seed(source, report.seed, options));
            replays.insert((report.scenario.clone(), report.seed), replay);
        }
        Proceed::On
    });
    progress.done();
    let report = SweepReport { runs, replays, wall: began.elapsed() };
    show(&report, options.json)?;
    Ok(status(&report))
}

/// What each scenario is called on the command line.
fn sources(arguments: &[String], sweep: &Sweep) -> BTreeMap<String, String> {
    let names = sweep.scenarios.iter().map(|scenario| scenario.name.clone());
    let mut sources: BTreeMap<String, String> = names.clone().zip(names).collect();
    for argument in arguments.iter().filter(|argument| scenario_argument::is_path(argument)) {
        if let Ok(scenario) = scenario_argument::find(argument) {
            sources.insert(scenario.name, argument.clone());
        }
    }
    sources
}

/// Writes the bundle of a failing run, and says how to replay it.
pub(super) fn keep(bundle: &Bundle, out: &Path) -> Option<String> {
    let file = out.join(bundle.file_name());
    if let Err(error) = std::fs::create_dir_all(out) {
        eprintln!("error: {}: cannot keep the bundle: {error}", out.display());
        return None;
    }
    match bundle.write(&file) {
        Ok(()) => Some(format!("revline replay {}", file.display())),
        Err(error) => {
            eprintln!("error: cannot keep the bundle: {error}");
            None
        }
    }
}

/// How to replay a run that has no bundle.
fn replay_of_seed(scenario: &str, seed: u64, options: &RunOptions) -> String {
    let defects: String = options.defects.iter().map(|defect| format!(" --defect {defect}")).collect();
    let behind = if options.behind_proxies { " --behind-proxies" } else { "" };
    format!("revline replay {scenario}@{seed}{behind}{defects}")
}

fn show(report: &SweepReport, as_json: bool) -> Result<(), Unusable> {
    if !as_json {
        return print(&terminal::sweep(report, terminal::width()));
    }
    for run in report.failures() {
        let replay = report.replay_of(run).unwrap_or_default();
        eprintln!("{}@{} failed: {replay}", run.scenario, run.seed);
    }
    print(&json::sweep(report))
}

fn status(report: &SweepReport) -> Status {
    if report.failures().next().is_some() { Status::Violated } else { Status::of(&report.verdicts()) }
}
