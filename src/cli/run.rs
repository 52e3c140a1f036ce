//! `revline run`: scenarios under many seeds.

use super::arguments::{RunArguments, RunOptions};
use super::in_order::InOrder;
use super::interrupt::Interrupt;
use super::print::{complain, print, status_after};
use super::scenario_argument;
use super::shrink::{Limit, keep as keep_small, small_file};
use super::status::{Status, Unusable};
use revline_reports::RunReport;
use revline_reports::groups::groups;
use revline_reports::progress::Progress;
use revline_reports::sweep::SweepReport;
use revline_reports::{json, terminal};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::known::KnownFailures;
use revline_scenarios::scenario::Scenario;
use revline_scenarios::shard::Shard;
use revline_scenarios::sweep::{Finished, Proceed, Sweep};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Runs what the arguments ask for.
pub fn run(arguments: &RunArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let options = &arguments.options;
    let mut scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    if options.behind_proxies {
        scenarios.iter_mut().for_each(Scenario::behind_proxies);
    }
    check_seeds(options.first_seed, options.seeds())?;
    let known = options.known.as_deref().map(KnownFailures::read).transpose()?.unwrap_or_default();
    let sweep = Sweep {
        scenarios,
        first_seed: options.first_seed,
        seeds: options.seeds(),
        defects: options.defects(),
        shard: options.shard.unwrap_or(Shard::WHOLE),
        jobs: jobs(options.jobs),
        time_limit: options.time_limit,
    };
    let sources = sources(&arguments.scenarios, &sweep);
    let began = Instant::now();
    let so_far = Arc::new(Mutex::new(SoFar { known: known.clone(), ..SoFar::default() }));
    let (kept, as_json) = (so_far.clone(), options.json);
    interrupt.keep_words(move || {
        let _ = show(&SoFar::report(&kept, began.elapsed()), as_json);
    });
    let mut failures = 0;
    let mut finished_runs = InOrder::default();
    let mut progress = Progress::new(sweep.run_count());
    let examine = |finished: Finished| (RunReport::of(&finished), finished.bundle());
    sweep.run(&|| began.elapsed(), &examine, &mut |position, (report, bundle)| {
        progress.finished(report.failed());
        finished_runs.put(position, (report, bundle));
        let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
        // Runs beyond the last failure that counts are not reported: how many there are depends on the jobs.
        while failures < options.max_failures()
            && let Some((report, bundle)) = finished_runs.next()
        {
            let counts = report.failed() && !report.is_known(&known);
            failures += u64::from(counts);
            if report.failed() || report.guarantees.any_unknown() {
                let source = sources.get(&report.scenario).unwrap_or(&report.scenario);
                let replay = bundle
                    .filter(|_| counts)
                    .and_then(|bundle| keep(&bundle, &options.out))
                    .unwrap_or_else(|| replay_of_seed(source, report.seed, options));
                so_far.replays.insert((report.scenario.clone(), report.seed), replay);
            }
            so_far.runs.push(report);
        }
        let stops = failures >= options.max_failures() || interrupt.came();
        if stops { Proceed::Stop } else { Proceed::On }
    });
    progress.done();
    interrupt.end();
    let report = SoFar::report(&so_far, began.elapsed());
    if interrupt.came() {
        complain("interrupted: the report is of the runs until then");
    } else if failures >= options.max_failures() && sweep.run_count() != Some(report.runs.len() as u64) {
        complain(&format!("stopped after {failures} failing runs: the report is of the runs until then"));
    }
    let shown = show(&report, options.json);
    if options.shrink {
        shrink_groups(&report, options, interrupt)?;
    }
    let status = status(&report);
    let marked = if options.insist_on_marks { insist_on_marks(&report) } else { Status::Holds };
    status_after(shown, status.max(marked))
}

/// Names every mark that no run reached, of those that a run can reach.
fn insist_on_marks(report: &SweepReport) -> Status {
    let total = report.total();
    let never: Vec<&str> = total.marks.never().collect();
    if never.is_empty() {
        return Status::Holds;
    }
    complain(&format!("marks that no run reached: {}", never.len()));
    never.iter().for_each(|mark| complain(&format!("  {mark}")));
    Status::Violated
}

/// Shrinks the smallest run of each group of failures that is not known, as far as it has a bundle.
fn shrink_groups(report: &SweepReport, options: &RunOptions, interrupt: &Interrupt) -> Result<(), Unusable> {
    let limit = Limit { jobs: jobs(options.jobs), time: Some(Limit::OF_EACH) };
    let mut shrunk_files = Vec::new();
    for group in groups(report).into_iter().filter(|group| group.known.is_none()) {
        let file = options.out.join(Bundle::name_of(group.smallest.scenario, group.smallest.seed));
        if shrunk_files.contains(&file) || interrupt.came() {
            continue;
        }
        let Ok(bundle) = Bundle::read(&file) else { continue };
        let (shrunk, wall) = limit.shrink(&bundle, &group.fingerprint, interrupt)?;
        let small = keep_small(&shrunk, &small_file(&file), wall)?;
        complain(&format!("shrunk {}: {}", group.fingerprint, small.in_a_line()));
        shrunk_files.push(file);
    }
    Ok(())
}

/// The findings of a sweep that goes on.
#[derive(Default)]
struct SoFar {
    /// The reports, in the order of the sweep.
    runs: Vec<RunReport>,
    replays: BTreeMap<(String, u64), String>,
    known: KnownFailures,
}

impl SoFar {
    /// Takes the findings.
    fn report(so_far: &Mutex<SoFar>, wall: Duration) -> SweepReport {
        let SoFar { runs, replays, known } =
            std::mem::take(&mut *so_far.lock().unwrap_or_else(PoisonError::into_inner));
        SweepReport { runs, replays, known, wall }
    }
}

/// Refuses seeds that are no numbers of 64 bits any more.
pub(super) fn check_seeds(first_seed: u64, seeds: u64) -> Result<(), Unusable> {
    match first_seed.checked_add(seeds) {
        Some(_) => Ok(()),
        None => Err(Unusable::new(format!(
            "--first-seed: there are no {seeds} seeds from {first_seed}: the last is {}",
            u64::MAX - 1
        ))),
    }
}

/// The number of runs at once.
pub(super) fn jobs(wanted: Option<NonZero<usize>>) -> NonZero<usize> {
    wanted.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
}

/// Maps the name of each scenario to its name or file on the command line.
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
        complain(&format!("error: {}: cannot keep the bundle: {error}", out.display()));
        return None;
    }
    match bundle.write(&file) {
        Ok(()) => Some(format!("revline replay {}", file.display())),
        Err(error) => {
            complain(&format!("error: cannot keep the bundle: {error}"));
            None
        }
    }
}

/// The command that replays a run without a bundle.
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
        complain(&format!("{}@{} failed: {replay}", run.scenario, run.seed));
    }
    print(&json::sweep(report))
}

fn status(report: &SweepReport) -> Status {
    if report.failures().next().is_some() {
        Status::Violated
    } else if report.runs.iter().any(|run| run.guarantees.any_unknown()) {
        Status::Undecided
    } else {
        Status::Holds
    }
}
