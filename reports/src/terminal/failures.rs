//! The failed runs, with their evidence and the commands that replay them.

use super::look::Look;
use crate::RunReport;
use crate::groups::{FailureGroup, groups};
use crate::number::grouped;
use crate::sweep::SweepReport;
use crate::verdicts::indented;
use revline_checker::verdict::{Fingerprint, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The head of a run that failed.
const FAILED: &str = "FAILED";

/// The place below a head, such as `FAILED   `.
const INDENT: &str = "         ";

/// Every run that failed or stayed undecided. The first that violates a guarantee in one way shows its
/// evidence in full; the others take a line each.
pub fn failures(report: &SweepReport, look: Look) -> String {
    let (mut text, mut others) = (String::new(), String::new());
    let mut shown = BTreeSet::new();
    for run in report.failures() {
        let fingerprints: BTreeSet<Fingerprint> = run.guarantees.fingerprints().collect();
        let replay = run.replay.as_deref().unwrap_or_default();
        if run.panic.is_none() && fingerprints.is_subset(&shown) {
            let names: Vec<String> = fingerprints.iter().map(Fingerprint::to_string).collect();
            let _ = writeln!(others, "{INDENT}{replay}  # {}", names.join(", "));
        } else {
            in_full(&mut text, run, &shown, look);
            let _ = writeln!(text, "replay   {replay}");
            shown.extend(fingerprints);
        }
    }
    if !others.is_empty() {
        let _ = write!(text, "\n{}   in the same ways:\n{others}", look.red(FAILED));
    }
    text + &in_groups(report) + &undecided(report)
}

/// A line for each group, and below it the command for its smallest run. One run is a group of its own, and was told of.
fn in_groups(report: &SweepReport) -> String {
    let groups = groups(report);
    let mut text = String::new();
    if groups.iter().any(|group| group.runs > 1 || group.known.is_some()) {
        text.push_str("\nGROUPS   of violations alike, with the smallest run of each:\n");
    }
    for FailureGroup { fingerprint, shape, runs, smallest, known } in &groups {
        if text.is_empty() {
            break;
        }
        let count = if *runs == 1 { "1 run".to_owned() } else { format!("{} runs", grouped(*runs)) };
        let shape = if shape.is_empty() { String::new() } else { format!(" ({shape})") };
        let _ = writeln!(text, "{INDENT}{fingerprint}{shape}: {count}");
        match known {
            Some(known) => {
                let _ = writeln!(text, "{INDENT}  known since {}: {}", known.date, known.reason);
            }
            None => {
                let (operations, faults) = (grouped(smallest.operations), grouped(smallest.faults));
                let _ =
                    writeln!(text, "{INDENT}  {operations} operations, {faults} faults: {}", smallest.replay);
            }
        }
    }
    let known = report.runs.iter().filter(|run| report.is_known(run)).count() as u64;
    if known > 0 {
        let _ = writeln!(
            text,
            "KNOWN    {} of the failing runs have known violations alone: they do not count",
            grouped(known)
        );
    }
    text
}

fn in_full(text: &mut String, run: &RunReport, shown: &BTreeSet<Fingerprint>, look: Look) {
    let _ = writeln!(text, "\n{}   {}  trace {}", look.red(FAILED), run.name(), run.trace_hash);
    if let Some(panic) = &run.panic {
        let _ = writeln!(text, "{INDENT}it panicked, which is a bug of revline: {}", indented(panic, INDENT));
    }
    for (name, evidence) in run.guarantees.violations() {
        let fingerprint = Fingerprint { guarantee: name.to_owned(), kind: evidence.kind.clone() };
        let _ = match shown.contains(&fingerprint) {
            true => writeln!(text, "{INDENT}{name}: {} ({})", evidence.message, evidence.kind),
            false => writeln!(text, "{INDENT}{name}: {}", indented(&evidence.to_string(), INDENT)),
        };
    }
}

fn undecided(report: &SweepReport) -> String {
    let mut text = String::new();
    for run in report.runs.iter().filter(|run| !run.failed() && run.guarantees.any_unknown()) {
        let _ = writeln!(text, "\nUNDECIDED {}  trace {}", run.name(), run.trace_hash);
        for (name, verdict) in run.guarantees.iter() {
            if let Verdict::Unknown { why } = verdict {
                let _ = writeln!(text, "{INDENT}{name}: {why}");
            }
        }
        let _ = writeln!(text, "replay   {}", run.replay.as_deref().unwrap_or_default());
    }
    text
}
