//! The failed runs, with their evidence and the commands that replay them.

use crate::RunReport;
use crate::sweep::SweepReport;
use crate::verdicts::indented;
use revline_checker::verdict::{Fingerprint, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The place below a head, such as `FAILED   `.
const INDENT: &str = "         ";

/// Every run that failed or stayed undecided. The first that violates a guarantee in one way shows its
/// evidence in full; the others take a line each.
pub fn failures(report: &SweepReport) -> String {
    let (mut text, mut others) = (String::new(), String::new());
    let mut shown = BTreeSet::new();
    for run in report.failures() {
        let fingerprints: BTreeSet<Fingerprint> = run.guarantees.fingerprints().collect();
        let replay = report.replay_of(run).unwrap_or_default();
        if run.panic.is_none() && fingerprints.is_subset(&shown) {
            let names: Vec<String> = fingerprints.iter().map(Fingerprint::to_string).collect();
            let _ = writeln!(others, "{INDENT}{replay}  # {}", names.join(", "));
        } else {
            in_full(&mut text, run, &shown);
            let _ = writeln!(text, "replay   {replay}");
            shown.extend(fingerprints);
        }
    }
    if !others.is_empty() {
        let _ = write!(text, "\nFAILED   in the same ways:\n{others}");
    }
    text + &undecided(report)
}

fn in_full(text: &mut String, run: &RunReport, shown: &BTreeSet<Fingerprint>) {
    let _ = writeln!(text, "\nFAILED   {}@{}  trace {}", run.scenario, run.seed, run.trace_hash);
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
        let _ = writeln!(text, "\nUNDECIDED {}@{}  trace {}", run.scenario, run.seed, run.trace_hash);
        for (name, verdict) in run.guarantees.iter() {
            if let Verdict::Unknown { why } = verdict {
                let _ = writeln!(text, "{INDENT}{name}: {why}");
            }
        }
        let _ = writeln!(text, "replay   {}", report.replay_of(run).unwrap_or_default());
    }
    text
}
