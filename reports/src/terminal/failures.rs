//! What failed, with its evidence, and how to see it again.

use super::verdicts::indented;
use crate::sweep::SweepReport;
use revline_checker::verdict::{Fingerprint, Verdict};
use revline_scenarios::RunReport;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Every run that failed or stayed undecided. The first that violates a guarantee in one way shows its
/// evidence; the others say which it is.
pub fn failures(report: &SweepReport) -> String {
    let mut text = String::new();
    let mut shown = BTreeSet::new();
    for run in report.failures() {
        let _ = writeln!(text, "\nFAILED   {}@{}  trace {}", run.scenario, run.seed, run.trace_hash);
        if let Some(panic) = &run.panic {
            let _ = writeln!(text, "         it panicked, which is a bug of revline: {panic}");
        }
        violations(&mut text, run, &mut shown);
        if let Some(replay) = report.replay_of(run) {
            let _ = writeln!(text, "replay   {replay}");
        }
    }
    for run in &report.runs {
        for (name, verdict) in run.guarantees.iter() {
            if let Verdict::Unknown { why } = verdict {
                let _ = writeln!(text, "\nUNDECIDED {}@{}  {name}: {why}", run.scenario, run.seed);
            }
        }
    }
    text
}

fn violations(text: &mut String, run: &RunReport, shown: &mut BTreeSet<Fingerprint>) {
    for (name, evidence) in run.guarantees.violations() {
        let fingerprint = Fingerprint { guarantee: name.to_owned(), kind: evidence.kind.clone() };
        if shown.insert(fingerprint) {
            let _ = writeln!(text, "         {name}: {}", indented(&evidence.to_string(), "         "));
        } else {
            let _ = writeln!(text, "         {name}: {} ({})", evidence.message, evidence.kind);
        }
    }
}
