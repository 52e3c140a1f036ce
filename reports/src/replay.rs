//! One run, run again, and compared with what was recorded of it.

use crate::RunReport;
use crate::json::VERSION;
use crate::sweep::believed;
use crate::verdicts;
use revline_checker::verdict::Fingerprint;
use revline_scenarios::TraceHash;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// The report of a replay.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayReport {
    revline: &'static str,
    /// The comparison with the record; `None` if there is no record.
    pub recorded: Option<Comparison>,
    /// This run.
    pub run: RunReport,
}

/// The record in a bundle, and how far this run equals it.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The file of the bundle.
    pub bundle: String,
    /// The version of revline that wrote it.
    pub written_by: String,
    /// The trace hash it recorded.
    pub trace_hash: TraceHash,
    /// The violations it recorded.
    pub violations: BTreeSet<Fingerprint>,
    /// The first event that was not the same, counted from 0, if any was not.
    pub diverged_at: Option<u64>,
    /// The event at that place this time; `None` if this run had ended before.
    pub diverged_with: Option<String>,
    /// True if the same guarantees were violated in the same way.
    pub same_violations: bool,
}

impl ReplayReport {
    /// The report of a run.
    pub fn new(run: RunReport, recorded: Option<Comparison>) -> ReplayReport {
        ReplayReport { revline: VERSION, recorded, run }
    }

    /// Returns `true` if this run equals its record, or has none.
    pub fn is_same(&self) -> bool {
        let same = |recorded: &Comparison| recorded.diverged_at.is_none() && recorded.same_violations;
        self.recorded.as_ref().is_none_or(same)
    }
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = &self.run;
        writeln!(
            f,
            "{}  {} members, {} operations, {} faults, {} ms simulated",
            run.name(),
            run.members,
            run.operations,
            run.faults,
            run.simulated_ms
        )?;
        if let Some(panic) = &run.panic {
            return writeln!(f, "it panicked, which is a bug of revline: {panic}");
        }
        writeln!(f, "trace {}  {} events", run.trace_hash, run.trace_events)?;
        if let Some(recorded) = &self.recorded {
            recorded.explain(f, run)?;
        }
        if let Some(believed) = &run.believed {
            writeln!(f, "{}", believed::of_run(believed))?;
        }
        f.write_str(&verdicts::text(&run.guarantees))
    }
}

impl Comparison {
    fn explain(&self, f: &mut fmt::Formatter<'_>, run: &RunReport) -> fmt::Result {
        match self.diverged_at {
            None => writeln!(f, "reproduced: the same {} events as in {}", run.trace_events, self.bundle)?,
            Some(at) => {
                writeln!(f, "DIVERGED at event {at}: {} recorded trace {}", self.bundle, self.trace_hash)?;
                match &self.diverged_with {
                    Some(record) => writeln!(f, "  this time it was: {record}")?,
                    None => writeln!(f, "  this time the run had ended by then")?,
                }
            }
        }
        if self.written_by != VERSION {
            writeln!(
                f,
                "  the bundle was written by revline {}, this is {VERSION}: another version may run the same \
                 plan another way",
                self.written_by
            )?;
        }
        if !self.same_violations {
            writeln!(f, "OTHER VERDICT: recorded {}, now {}", list(&self.violations), {
                list(&run.guarantees.fingerprints().collect())
            })?;
        }
        Ok(())
    }
}

fn list(violations: &BTreeSet<Fingerprint>) -> String {
    if violations.is_empty() {
        return "no violation".to_owned();
    }
    let names: Vec<String> = violations.iter().map(Fingerprint::to_string).collect();
    names.join(", ")
}
