//! `revline replay`: a bundle, a kept regression, or one seed of a scenario, run again.

use super::arguments::ReplayArguments;
use super::distinct_files;
use super::interrupt::Interrupt;
use super::other_file::{self, Wanted};
use super::perfetto_file;
use super::print::{complain, print, status_after};
use super::scenario_argument;
use super::status::{Status, Unusable};
use super::trace_file;
use revline_reports::RunReport;
use revline_reports::json::document;
use revline_reports::replay::{Comparison, ReplayReport};
use revline_scenarios::bundle::{Bundle, Replay};
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::regression::{Recorded, Regression};
use revline_scenarios::sweep::Finished;
use revline_scenarios::{Outcome, execute};
use std::path::Path;
use std::time::Instant;

/// Runs again what the arguments ask for.
pub fn replay(arguments: &ReplayArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    trace_file::check(&arguments.trace)?;
    if arguments.json && trace_file::is_stdout(&arguments.trace) {
        return Err(Unusable::new(
            "--json --trace -: stdout is one or the other; write the trace into a file",
        ));
    }
    let bundle = Path::new(&arguments.what);
    let trace = arguments.trace.trace.as_deref().filter(|_| !trace_file::is_stdout(&arguments.trace));
    distinct_files::check(&[
        ("the bundle", bundle.is_file().then_some(bundle)),
        ("--trace", trace),
        ("--perfetto", arguments.perfetto.as_deref()),
    ])?;
    let (report, outcome) = match target(&arguments.what)? {
        Target::File => match read(Path::new(&arguments.what))? {
            Recorded::Regression(kept) => replay_regression(arguments, &kept)?,
            Recorded::Bundle(bundle) => replay_bundle(arguments, &bundle)?,
        },
        Target::Seed { scenario, seed } => replay_seed(arguments, scenario, seed)?,
    };
    if let Some(outcome) = &outcome {
        trace_file::write(&outcome.trace, &arguments.trace, interrupt)?;
        if let Some(file) = &arguments.perfetto {
            perfetto_file::write(&outcome.trace, &arguments.what, file, interrupt)?;
        }
    }
    let text = if arguments.json { document(&report) } else { report.to_string() };
    if trace_file::is_stdout(&arguments.trace) {
        complain(text.trim_end());
        return Ok(status(&report));
    }
    status_after(print(&text), status(&report))
}

fn read(file: &Path) -> Result<Recorded, Unusable> {
    Recorded::read(file).map_err(|error| other_file::unusable(&error, file, Wanted::Bundle))
}

/// The run that the argument names.
enum Target<'a> {
    File,
    Seed { scenario: &'a str, seed: u64 },
}

fn target(what: &str) -> Result<Target<'_>, Unusable> {
    if Path::new(what).is_file() {
        return Ok(Target::File);
    }
    if let Some((scenario, seed)) = scenario_argument::and_seed(what)? {
        return Ok(Target::Seed { scenario, seed });
    }
    if scenario_argument::is_path(what) {
        return Ok(Target::File);
    }
    Err(Unusable::new(format!(
        "`{what}` is neither the file of a bundle nor SCENARIO@SEED, as in `steady@7`"
    )))
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
    let replay = bundle.replay(true);
    let wall = began.elapsed();
    let mut comparison = Comparison {
        bundle: arguments.what.clone(),
        written_by: bundle.revline.clone(),
        trace_hash: bundle.trace_hash,
        violations: bundle.violations.clone(),
        diverged_at: None,
        diverged_with: None,
        same_violations: false,
    };
    let outcome = replay.map(|Replay { outcome, diverged_at, same_violations }| {
        let at = diverged_at.and_then(|at| usize::try_from(at).ok());
        comparison.diverged_with = at.and_then(|at| outcome.trace.records()?.get(at)).map(|record| {
            let text = outcome.trace.show(record).to_string();
            text.trim_start().to_owned()
        });
        comparison.diverged_at = diverged_at;
        comparison.same_violations = same_violations;
        outcome
    });
    let finished = Finished { plan: bundle.plan.clone(), outcome, wall };
    Ok((ReplayReport::new(RunReport::of(&finished), Some(comparison)), finished.outcome.ok()))
}

fn replay_regression(
    arguments: &ReplayArguments,
    kept: &Regression,
) -> Result<(ReplayReport, Option<Outcome>), Unusable> {
    if !arguments.defects.is_empty() {
        return Err(Unusable::new("--defect: a regression is run with all rules on; leave it out"));
    }
    Ok(replay_plan(arguments, kept.plan.clone()))
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
    Ok(replay_plan(arguments, plan))
}

fn replay_plan(arguments: &ReplayArguments, plan: Plan) -> (ReplayReport, Option<Outcome>) {
    let began = Instant::now();
    let outcome = execute(&plan, arguments.trace.trace.is_some() || arguments.perfetto.is_some());
    let finished = Finished { plan, outcome, wall: began.elapsed() };
    (ReplayReport::new(RunReport::of(&finished), None), finished.outcome.ok())
}

fn status(report: &ReplayReport) -> Status {
    if report.run.failed() || !report.is_same() {
        Status::Violated
    } else {
        Status::of(&report.run.guarantees)
    }
}
