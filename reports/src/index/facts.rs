//! The facts of a sweep, for the head of its page.

use crate::number::grouped;
use crate::sweep::plan::{Ended, SweepCommand, SweepPlan};
use crate::sweep::{SweepReport, Tally};
use crate::terminal::duration;

/// The title: what was run.
pub(super) fn title(report: &SweepReport) -> String {
    let SweepPlan { command, scenarios, first_seed, seeds, .. } = &report.plan;
    let scenarios = match scenarios.as_slice() {
        [one] => one.name.clone(),
        many => format!("{} scenarios", many.len()),
    };
    match (command, seeds) {
        (SweepCommand::Explore, _) => format!("{scenarios} explored from seed {first_seed}"),
        (SweepCommand::Run, Some(1)) => format!("{scenarios} under seed {first_seed}"),
        (SweepCommand::Run, Some(seeds)) => {
            format!("{scenarios} under seeds {first_seed} to {}", first_seed.saturating_add(seeds - 1))
        }
        (SweepCommand::Run, None) => format!("{scenarios} under seeds from {first_seed} on"),
    }
}

/// The facts, each with its name.
pub(super) fn facts(report: &SweepReport, total: &Tally) -> Vec<(&'static str, String)> {
    let SweepPlan { scenarios, shard, defects, behind_proxies, known, runs, .. } = &report.plan;
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let planned = runs.map(|runs| format!(" of {}", grouped(runs))).unwrap_or_default();
    let mut facts = vec![
        ("revline", report.version.clone()),
        ("scenarios", names.join(", ")),
        ("runs", format!("{}{planned}", grouped(total.runs))),
    ];
    if shard.of() > 1 {
        facts.push(("part", shard.to_string()));
    }
    if !defects.is_empty() {
        facts.push(("rules switched off", defects.join(", ")));
    }
    if *behind_proxies {
        facts.push(("clients", "each behind a proxy".to_owned()));
    }
    let known = report.runs.iter().filter(|run| run.is_known(known)).count() as u64;
    if known > 0 {
        facts.push(("known", format!("{} of the failing runs have known violations alone", grouped(known))));
    }
    let unknown = grouped(total.unknown_operations);
    facts.extend([
        ("operations", format!("{} ({unknown} of unknown outcome)", grouped(total.operations))),
        ("watch events", grouped(total.watch_events)),
        ("simulated time", duration(total.simulated_ms)),
        ("wall time", format!("{:.1} s", report.wall.as_secs_f64())),
    ]);
    facts
}

/// The runs that are not in the report, and why.
pub(super) fn warnings(report: &SweepReport) -> Vec<String> {
    let mut warnings = Vec::new();
    match report.ended {
        Ended::Complete => {}
        Ended::Time => warnings.push("Its time was up: the report is of the runs until then.".to_owned()),
        Ended::Failures => {
            warnings.push("It stopped after failing runs: the report is of the runs until then.".to_owned());
        }
        Ended::Interrupted => {
            warnings.push("It was interrupted: the report is of the runs until then.".to_owned());
        }
    }
    if !report.missing_shards.is_empty() {
        let missing: Vec<String> = report.missing_shards.iter().map(u64::to_string).collect();
        warnings.push(format!("Parts are missing: {}. Nobody knows what they hold.", missing.join(", ")));
    }
    warnings
}
