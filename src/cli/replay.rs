//! `revline replay`: a bundle, a kept regression, or one seed of a scenario, run again.

use super::arguments::ReplayArguments;
use super::interrupt::Interrupt;
use super::print::{print, status_after};
use super::scenario_argument;
use super::status::{Status, Unusable};
use super::trace_file;
use revline_reports::json::document;
use revline_reports::replay::{Comparison, ReplayReport};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::regression::{Recorded, Regression};
use revline_scenarios::{Outcome, RunReport, execute};
use revline_sim::Panicked;
use std::path::Path;
use std::time::Instant;

/// Runs again what the arguments ask for.
pub fn replay(arguments: &ReplayArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let (report, outcome) = match target(&arguments.what)? {
        Target::File => match Recorded::read(Path::new(&arguments.what))? {
            Recorded::Regression(kept) => replay_regression(arguments, &kept)?,
            Recorded::Bundle(bundle) => replay_bundle(arguments, &bundle)?,
        },
        Target::Seed { scenario, seed } => replay_seed(arguments, scenario, seed)?,
    };
    if let (Some(file), Some(outcome)) = (&arguments.trace, &outcome) {
        trace_file::write(&outcome.trace, file, interrupt)?;
    }
    let text = if arguments.json { document(&report) } else { report.to_string() };
    status_after(print(&text), status(&report))
}

/// What the argument names.
enum Target<'a> {
    File,
    Seed { scenario: &'a str, seed: u64 },
}

fn target(what: &str) -> Result<Target<'_>, Unusable> {
    if Path::new(what).is_file() {
        return Ok(Target::File);
    }
    let Some((scenario, seed)) = what.rsplit_once('@') else {
        if scenario_argument::is_path(what) {
            return Ok(Target::File);
        }
        return Err(Unusable::new(format!(
            "`{what}` is neither the file of a bundle nor SCENARIO@SEED, as in `steady@7`"
        )));
    };
    match seed.parse() {
        Ok(seed) => Ok(Target::Seed { scenario, seed }),
        Err(_) => {
            Err(Unusable::new(format!("`{what}`: `{seed}` is no seed: expected a number, as in `steady@7`")))
        }
    }
}

fn replay_bundle(
    arguments: &ReplayArguments,
    bundle: &Bundle,
) -> Result<(ReplayReport, Option<Outcome>), Unusable> {
    if !arguments.defects.is_empty() {
        return Err(Unusable::new(
            "--defect: a bundle says for itself which rules are switched off; leave it out",
        ));
    }
    if arguments.behind_proxies {
        return Err(Unusable::new(
            "--behind-proxies: a bundle says for itself where clients stand; leave it out",
        ));
    }
    let began = Instant::now();
    let result = bundle.replay(true);
    let wall = began.elapsed();
    let comparison = |diverged_at, diverged_with, same_violations| Comparison {
        bundle: arguments.what.clone(),
        written_by: bundle.revline.clone(),
        trace_hash: bundle.trace_hash,
        violations: bundle.violations.clone(),
        diverged_at,
        diverged_with,
        same_violations,
    };
    Ok(match result {
        Ok(replay) => {
            let run = RunReport::new(&bundle.plan, &replay.outcome, wall);
            let at = replay.diverged_at.and_then(|at| usize::try_from(at).ok());
            let record = at.and_then(|at| replay.outcome.trace.records()?.get(at)).map(|record| {
                let text = record.to_string();
                text.trim_start().to_owned()
            });
            let comparison = comparison(replay.diverged_at, record, replay.same_violations);
            (ReplayReport::new(run, Some(comparison)), Some(replay.outcome))
        }
        Err(panicked) => {
            let run = RunReport::panicked(&bundle.plan, &panicked, wall);
            (ReplayReport::new(run, Some(comparison(None, None, false))), None)
        }
    })
}

fn replay_regression(
    arguments: &ReplayArguments,
    kept: &Regression,
) -> Result<(ReplayReport, Option<Outcome>), Unusable> {
    if !arguments.defects.is_empty() {
        return Err(Unusable::new("--defect: a regression is run with all rules on; leave it out"));
    }
    Ok(replay_plan(arguments, &kept.plan))
}

fn replay_seed(
    arguments: &ReplayArguments,
    scenario: &str,
    seed: u64,
) -> Result<(ReplayReport, Option<Outcome>), Unusable> {
    let mut scenario = scenario_argument::find(scenario)?;
    if arguments.behind_proxies {
        scenario.behind_proxies();
    }
    let plan = draw(&scenario, seed, arguments.defects.iter().copied().collect());
    Ok(replay_plan(arguments, &plan))
}

fn replay_plan(arguments: &ReplayArguments, plan: &Plan) -> (ReplayReport, Option<Outcome>) {
    let began = Instant::now();
    let result: Result<Outcome, Panicked> = execute(plan, arguments.trace.is_some());
    let wall = began.elapsed();
    match result {
        Ok(outcome) => (ReplayReport::new(RunReport::new(plan, &outcome, wall), None), Some(outcome)),
        Err(panicked) => (ReplayReport::new(RunReport::panicked(plan, &panicked, wall), None), None),
    }
}

fn status(report: &ReplayReport) -> Status {
    if report.run.failed() || !report.is_same() {
        Status::Violated
    } else {
        Status::of(&report.run.guarantees)
    }
}
