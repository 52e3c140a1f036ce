//! `revline run`: scenarios under many seeds.

use super::arguments::RunArguments;
use super::findings::{Findings, shrink_groups, status};
use super::in_order::InOrder;
use super::interrupt::Interrupt;
use super::outlet::Outlet;
use super::print::{complain, status_after};
use super::scenario_argument;
use super::shrink::Limit;
use super::status::{Status, Unusable};
use revline_reports::RunReport;
use revline_reports::progress::Progress;
use revline_reports::sweep::SweepReport;
use revline_reports::sweep::plan::{Ended, PlannedScenario, SweepCommand, SweepPlan};
use revline_scenarios::crew::Proceed;
use revline_scenarios::scenario::Scenario;
use revline_scenarios::shard::Shard;
use revline_scenarios::sweep::{Finished, Sweep};
use std::collections::BTreeMap;
use std::time::Instant;

/// Runs what the arguments ask for.
pub fn run(arguments: &RunArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let options = &arguments.options;
    let mut scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    if options.world.behind_proxies {
        scenarios.iter_mut().for_each(Scenario::behind_proxies);
    }
    check_seeds(options.first_seed, options.seeds())?;
    let sweep = Sweep {
        scenarios,
        first_seed: options.first_seed,
        seeds: options.seeds(),
        defects: options.world.defects(),
        shard: options.shard.unwrap_or(Shard::WHOLE),
        jobs: options.work.jobs(),
        time_limit: options.time_limit,
    };
    let sources = sources(&arguments.scenarios, &sweep.scenarios);
    let began = Instant::now();
    let findings = Findings::new(SweepPlan {
        command: SweepCommand::Run,
        scenarios: planned(&sweep.scenarios, &sources),
        first_seed: options.first_seed,
        seeds: options.has_end().then_some(sweep.seeds),
        shard: sweep.shard,
        defects: sweep.defects.iter().map(|defect| defect.to_string()).collect(),
        behind_proxies: options.world.behind_proxies,
        known: options.failures.known()?,
        runs: sweep.run_count().filter(|_| options.has_end()),
    });
    let outlet = Outlet::new(&options.failures.out, options.json, options.failures.annotations);
    let (so_far, last) = (findings.clone(), outlet.clone());
    interrupt.keep_words(move || {
        let _ = last.hand_out(&so_far.report(began.elapsed(), Ended::Interrupted));
    });
    let most = options.failures.most();
    let mut failures = 0;
    let mut finished_runs = InOrder::default();
    let mut progress = Progress::new(options.work.quiet);
    progress.begin("", sweep.run_count());
    let examine = |finished: Finished| (RunReport::of(&finished), finished.bundle());
    sweep.run(&|| began.elapsed(), &examine, &mut |position, (report, bundle)| {
        progress.finished(report.failed());
        finished_runs.put(position, (report, bundle));
        // Runs beyond the last failure that counts are not reported: how many there are depends on the jobs.
        while failures < most
            && let Some((report, bundle)) = finished_runs.next()
        {
            failures = findings.take(report, bundle, &options.failures, |report| {
                let source = sources.get(&report.scenario).unwrap_or(&report.scenario);
                scenario_argument::replay_line(
                    source,
                    report.seed,
                    options.world.behind_proxies,
                    &options.world.defects,
                )
            });
        }
        let stops = failures >= most || interrupt.came();
        if stops { Proceed::Stop } else { Proceed::On }
    });
    progress.done();
    interrupt.end();
    let mut report = findings.report(began.elapsed(), Ended::Complete);
    if interrupt.came() {
        report.ended = Ended::Interrupted;
        complain("interrupted: the report is of the runs until then");
    } else if sweep.run_count() != Some(report.runs.len() as u64) {
        report.ended = if failures >= most { Ended::Failures } else { Ended::Time };
        if failures >= most {
            complain(&format!("stopped after {failures} failing runs: the report is of the runs until then"));
        }
    }
    let shown = outlet.hand_out(&report);
    if options.failures.shrink {
        let limit = Limit::of_each(&options.work);
        shrink_groups(&report, &options.failures.out, limit, interrupt);
    }
    let status = status(&report);
    let marked = if options.insist_on_marks { insist_on_marks(&report) } else { Status::Holds };
    status_after(shown, status.max(marked))
}

/// Names every mark that no run reached, of those that a run can reach.
pub(super) fn insist_on_marks(report: &SweepReport) -> Status {
    let never: Vec<&str> = report.marks.never().collect();
    if never.is_empty() {
        return Status::Holds;
    }
    complain(&format!("marks that no run reached: {}", never.len()));
    never.iter().for_each(|mark| complain(&format!("  {mark}")));
    Status::Violated
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

/// The scenarios in the plan of a sweep.
pub(super) fn planned(scenarios: &[Scenario], sources: &BTreeMap<String, String>) -> Vec<PlannedScenario> {
    let source = |scenario: &Scenario| sources.get(&scenario.name).unwrap_or(&scenario.name).clone();
    scenarios.iter().map(|scenario| PlannedScenario::new(scenario, &source(scenario))).collect()
}

/// Maps the name of each scenario to its name or file on the command line.
pub(super) fn sources(arguments: &[String], scenarios: &[Scenario]) -> BTreeMap<String, String> {
    let names = scenarios.iter().map(|scenario| scenario.name.clone());
    let mut sources: BTreeMap<String, String> = names.clone().zip(names).collect();
    for argument in arguments.iter().filter(|argument| scenario_argument::is_path(argument)) {
        if let Ok(scenario) = scenario_argument::find(argument) {
            sources.insert(scenario.name, argument.clone());
        }
    }
    sources
}
