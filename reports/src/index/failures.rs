//! The groups of failures, and each run that failed or stayed undecided, as the page lists them.

use super::link::link;
use crate::RunReport;
use crate::groups::{FailureGroup, groups};
use crate::number::grouped;
use crate::sweep::SweepReport;
use revline_checker::verdict::Verdict;
use serde::Serialize;

/// A run and the files that it left.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    name: String,
    replay: String,
    page: Option<String>,
    bundle: Option<String>,
    /// Its operations and faults, in words.
    size: String,
    /// The violations, and what is undecided: the class, the name and the message of each.
    wrong: Vec<(&'static str, String, String)>,
}

/// A group of failures.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    fingerprint: String,
    shape: String,
    runs: String,
    message: String,
    known: Option<String>,
    smallest: Run,
}

/// The groups.
pub(super) fn groups_of(report: &SweepReport) -> Vec<Group> {
    let of = |group: FailureGroup<'_>| {
        let FailureGroup { fingerprint, shape, runs, smallest, known } = group;
        let run = report.runs.iter().find(|run| run.name() == smallest.name())?;
        let evidence = run.guarantees.get(&fingerprint.guarantee)?.evidence()?;
        Some(Group {
            fingerprint: fingerprint.to_string(),
            shape,
            runs: counted(runs, "run"),
            message: evidence.message.clone(),
            known: known.map(|known| format!("Known since {}: {}", known.date, known.reason)),
            smallest: Run::of(run),
        })
    };
    groups(report).into_iter().filter_map(of).collect()
}

/// The runs that failed or stayed undecided, in the order of the sweep.
pub(super) fn runs_of(report: &SweepReport) -> Vec<Run> {
    let is_told = |run: &&RunReport| run.failed() || run.guarantees.any_unknown();
    report.runs.iter().filter(is_told).map(Run::of).collect()
}

impl Run {
    fn of(run: &RunReport) -> Run {
        let mut wrong = Vec::new();
        if let Some(panic) = &run.panic {
            wrong.push(("violated", "panicked, a bug of revline".to_owned(), panic.clone()));
        }
        for (name, verdict) in run.guarantees.iter() {
            match verdict {
                Verdict::Violated { evidence, .. } => {
                    wrong.push(("violated", format!("{name}/{}", evidence.kind), evidence.message.clone()));
                }
                Verdict::Unknown { why } => wrong.push(("unknown", format!("{name} undecided"), why.clone())),
                Verdict::Holds { .. } | Verdict::Vacuous => {}
            }
        }
        Run {
            name: run.name().to_string(),
            replay: run.replay.clone().unwrap_or_default(),
            page: run.page.as_deref().map(link),
            bundle: run.bundle.as_deref().map(link),
            size: format!("{}, {}", counted(run.operations, "operation"), counted(run.faults, "fault")),
            wrong,
        }
    }
}

/// A count and its noun.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(count)) }
}
