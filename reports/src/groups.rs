//! Failures in groups: the same guarantee violated in the same way, with evidence of the same shape, is one failure.

use crate::RunReport;
use crate::sweep::SweepReport;
use revline_checker::evidence::{Evidence, Place};
use revline_checker::verdict::Fingerprint;
use revline_scenarios::known::KnownFailure;
use revline_scenarios::plan::PlanName;
use serde::Serialize;
use std::collections::BTreeMap;

/// Runs that fail alike.
#[derive(Clone, Debug, Serialize)]
pub struct FailureGroup<'a> {
    /// The guarantee and the kind of its evidence.
    #[serde(flatten)]
    pub fingerprint: Fingerprint,
    /// The kinds of exhibits of the evidence, each with its number: what contradicts what.
    pub shape: String,
    /// The number of runs.
    pub runs: u64,
    /// The run with the fewest operations and faults.
    pub smallest: SmallestRun<'a>,
    /// The entry that says that it is known; null if it is not.
    pub known: Option<&'a KnownFailure>,
}

/// The smallest run of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SmallestRun<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The seed.
    pub seed: u64,
    /// The variant of what that seed draws; absent if it is as it was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<u32>,
    /// Its operations.
    pub operations: u64,
    /// Its faults.
    pub faults: u64,
    /// The command that runs it again.
    pub replay: &'a str,
}

/// Groups the violations of all runs: the unknown first, then by how many runs they have.
pub fn groups(report: &SweepReport) -> Vec<FailureGroup<'_>> {
    let mut members: BTreeMap<(Fingerprint, String), Vec<&RunReport>> = BTreeMap::new();
    for run in &report.runs {
        for (guarantee, evidence) in run.guarantees.violations() {
            let fingerprint = Fingerprint { guarantee: guarantee.to_owned(), kind: evidence.kind.clone() };
            members.entry((fingerprint, shape(evidence))).or_default().push(run);
        }
    }
    let group = |((fingerprint, shape), runs): ((Fingerprint, String), Vec<&'_ RunReport>)| {
        let size = |run: &&&RunReport| (run.operations + run.faults, run.operations);
        let smallest = runs.iter().min_by_key(size)?;
        let place = report.runs.iter().position(|run| std::ptr::eq(run, *smallest))?;
        let smallest = SmallestRun::of(&report.runs[place]);
        let known = report.plan.known.of(&fingerprint);
        Some(FailureGroup { runs: runs.len() as u64, smallest, known, fingerprint, shape })
    };
    let mut groups: Vec<FailureGroup<'_>> = members.into_iter().filter_map(group).collect();
    groups.sort_by_key(|group| (group.known.is_some(), std::cmp::Reverse(group.runs)));
    groups
}

impl<'a> SmallestRun<'a> {
    /// The name of the plan that was run.
    pub fn name(&self) -> PlanName {
        PlanName { scenario: self.scenario.to_owned(), seed: self.seed, variant: self.variant }
    }

    fn of(run: &'a RunReport) -> SmallestRun<'a> {
        let RunReport { scenario, seed, variant, operations, faults, replay, .. } = run;
        SmallestRun {
            scenario,
            seed: *seed,
            variant: *variant,
            operations: *operations,
            faults: *faults,
            replay: replay.as_deref().unwrap_or_default(),
        }
    }
}

/// The kinds of exhibits of some evidence, each with its number.
fn shape(evidence: &Evidence) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for exhibit in &evidence.exhibits {
        *counts.entry(word(&exhibit.place)).or_default() += 1;
    }
    let words: Vec<String> = counts
        .into_iter()
        .map(|(word, count)| match count {
            1 => format!("1 {word}"),
            // How many there are beyond two is chance.
            _ if word.ends_with("ch") => format!("several {word}es"),
            _ => format!("several {word}s"),
        })
        .collect();
    words.join(", ")
}

fn word(place: &Place) -> &'static str {
    match place {
        Place::Operation { .. } => "operation",
        Place::Watch { frame: None, .. } => "watch",
        Place::Watch { .. } => "watch frame",
        Place::Hold { .. } => "hold",
        Place::Observer { .. } => "observer",
        Place::Observation { .. } => "observation",
        Place::AdminCall { .. } => "admin call",
    }
}
