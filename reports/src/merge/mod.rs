//! One report of many parts of a sweep: that of the whole sweep but for real times.
//!
//! Parts belong together if they are of one build and one plan, and each is there once. What a part did not run passes
//! nowhere: a merged report has all runs of the plan, or says which parts are missing.

mod part;

pub use part::{MergeError, Part};

use crate::sweep::SweepReport;
use crate::sweep::plan::{Ended, PlannedScenario, SweepPlan};
use revline_scenarios::shard::Shard;
use std::collections::BTreeMap;

/// Merges parts, which `version` of revline wrote. With `partial`, parts may be missing, or may have been interrupted.
pub fn merge(parts: Vec<Part>, version: &str, partial: bool) -> Result<SweepReport, MergeError> {
    let mut by_index: BTreeMap<u64, Part> = BTreeMap::new();
    let mut first: Option<(String, SweepPlan)> = None;
    for part in parts {
        if part.report.version != version {
            let found = &part.report.version;
            let what = format!(
                "`{found}`, and this is revline {version}: parts are merged by the build that made them"
            );
            return Err(part.refuse("version", what));
        }
        match &first {
            None => first = Some((part.file.display().to_string(), part.report.plan.clone())),
            Some((file, plan)) => check_is_of(plan, file, &part)?,
        }
        if part.report.ended == Ended::Interrupted && !partial {
            let what = "`interrupted`: it does not have all its runs; run it again, or give --partial";
            return Err(part.refuse("ended", what.to_owned()));
        }
        let shard = part.report.plan.shard;
        if let Some(other) = by_index.get(&shard.index()) {
            let place = other.file.display();
            return Err(
                part.refuse("plan.shard", format!("part {shard} is that of {place}, too: leave one out"))
            );
        }
        by_index.insert(shard.index(), part);
    }
    let Some((file, plan)) = first else { return Err(MergeError::new("there is nothing to merge")) };
    let of = plan.shard.of();
    // There may be more parts than anybody has, if a document says so.
    let missing = of - by_index.len() as u64;
    if missing > 0 && !partial {
        let mut absent = (1..=of).filter(|index| !by_index.contains_key(index));
        let named: Vec<String> =
            absent.by_ref().take(MISSING_SHOWN).map(|index| format!("{index}/{of}")).collect();
        let more = if missing as usize > MISSING_SHOWN { ", ..." } else { "" };
        return Err(MergeError::new(format!(
            "{file}: it is one of {of} parts, and others are missing: {}{more}; give all of them, or --partial",
            named.join(", ")
        )));
    }
    if missing > MISSING_KEPT {
        return Err(MergeError::new(format!(
            "{file}: field `plan.shard`: {missing} of {of} parts are missing"
        )));
    }
    Ok(whole(plan, by_index))
}

/// The missing parts that a message names.
const MISSING_SHOWN: usize = 8;

/// The most parts that may be missing in a report: it names all of them.
const MISSING_KEPT: u64 = 100_000;

/// Refuses a part of another sweep than that of the first.
fn check_is_of(plan: &SweepPlan, file: &str, part: &Part) -> Result<(), MergeError> {
    let own = &part.report.plan;
    let differs = [
        ("plan.command", own.command != plan.command),
        ("plan.scenarios", own.scenarios.len() != plan.scenarios.len()),
        ("plan.first_seed", own.first_seed != plan.first_seed),
        ("plan.seeds", own.seeds != plan.seeds),
        ("plan.shard.of", own.shard.of() != plan.shard.of()),
        ("plan.defects", own.defects != plan.defects),
        ("plan.behind_proxies", own.behind_proxies != plan.behind_proxies),
        ("plan.known", own.known != plan.known),
    ];
    let field = differs.into_iter().find(|(_, differs)| *differs).map(|(field, _)| field.to_owned());
    let scenario = || own.scenarios.iter().zip(&plan.scenarios).position(|(one, other)| !same(one, other));
    match field.or_else(|| scenario().map(|at| format!("plan.scenarios[{at}]"))) {
        Some(field) => {
            Err(part.refuse(&field, format!("another one than in {file}: it is a part of another sweep")))
        }
        None => Ok(()),
    }
}

/// Two scenarios are the same whatever their files are called.
fn same(one: &PlannedScenario, other: &PlannedScenario) -> bool {
    (&one.name, &one.checksum) == (&other.name, &other.checksum)
}

/// The report of all parts.
fn whole(mut plan: SweepPlan, parts: BTreeMap<u64, Part>) -> SweepReport {
    let of = plan.shard.of();
    plan.shard = Shard::WHOLE;
    plan.runs = plan.run_count();
    let mut whole = SweepReport {
        missing_shards: (1..=of).filter(|index| !parts.contains_key(index)).collect(),
        ..SweepReport::default()
    };
    for Part { report, .. } in parts.into_values() {
        whole.version = report.version;
        whole.ended = whole.ended.max(report.ended);
        whole.runs.extend(report.runs);
        whole.marks.merge(&report.marks);
        whole.latencies.merge(report.latencies);
        whole.wall += report.wall;
    }
    let place: BTreeMap<&str, usize> =
        plan.scenarios.iter().enumerate().map(|(at, scenario)| (scenario.name.as_str(), at)).collect();
    whole.runs.sort_by_key(|run| (run.seed, place.get(run.scenario.as_str()).copied()));
    whole.plan = plan;
    whole
}
