//! `--json`: one document on stdout.

use crate::RunReport;
use crate::groups::{FailureGroup, groups};
use crate::sweep::believed::BelievedTally;
use crate::sweep::marks::MarksDocument;
use crate::sweep::{SweepReport, Tally};
use revline_checker::verdict::Verdicts;
use revline_scenarios::Counters;
use revline_scenarios::explore::{Explored, Goal, Reach};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of revline, as documents carry it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The document of a sweep.
#[derive(Debug, Serialize)]
struct SweepDocument<'a> {
    revline: &'static str,
    runs: &'a [RunReport],
    totals: Totals,
    marks: MarksDocument,
    guarantees: Verdicts,
    groups: Vec<FailureGroup<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explored: Option<ExploredDocument>,
}

/// The way of an exploration.
#[derive(Debug, Serialize)]
struct ExploredDocument {
    runs: u64,
    kept: u64,
    /// By the words of a goal.
    reached: BTreeMap<String, ReachDocument>,
}

/// The runs that reached a goal: their number, and the first of them.
#[derive(Debug, Serialize)]
struct ReachDocument {
    runs: u64,
    first: u64,
}

impl ExploredDocument {
    fn of(explored: &Explored) -> ExploredDocument {
        let reach = |(goal, &Reach { runs, first }): (&Goal, &Reach)| {
            (goal.to_string(), ReachDocument { runs, first })
        };
        let Explored { runs, kept, reached } = explored;
        ExploredDocument { runs: *runs, kept: *kept, reached: reached.iter().map(reach).collect() }
    }
}

/// The totals over all runs.
#[derive(Debug, Serialize)]
struct Totals {
    runs: u64,
    violated: u64,
    panicked: u64,
    operations: u64,
    unknown_operations: u64,
    watch_events: u64,
    simulated_ms: u64,
    wall_ms: f64,
    counters: Counters,
    #[serde(skip_serializing_if = "BelievedTally::is_empty")]
    believed: BelievedTally,
}

/// A sweep.
pub fn sweep(report: &SweepReport) -> String {
    let Tally {
        runs,
        violated,
        panicked,
        operations,
        unknown_operations,
        watch_events,
        simulated_ms,
        counters,
        believed,
        marks,
        ..
    } = report.total();
    document(&SweepDocument {
        revline: VERSION,
        runs: &report.runs,
        totals: Totals {
            runs,
            violated,
            panicked,
            operations,
            unknown_operations,
            watch_events,
            simulated_ms,
            wall_ms: report.wall.as_secs_f64() * 1e3,
            counters,
            believed,
        },
        marks: marks.document(),
        guarantees: report.verdicts(),
        groups: groups(report),
        explored: report.explored.as_ref().map(ExploredDocument::of),
    })
}

/// Any document, in the form all of them have: indented, with a newline at the end.
pub fn document<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("documents have text keys alone");
    text.push('\n');
    text
}
