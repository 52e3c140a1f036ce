//! `--json`: one document on stdout.

use crate::RunReport;
use crate::groups::{FailureGroup, groups};
use crate::latency::KindForm;
use crate::sweep::believed::BelievedTally;
use crate::sweep::marks::MarksDocument;
use crate::sweep::plan::{Ended, SweepPlan};
use crate::sweep::{GuaranteeTally, SweepReport, Tally, in_order};
use revline_checker::verdict::Verdicts;
use revline_scenarios::Counters;
use revline_scenarios::explore::{Explored, Goal, Reach};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The version of revline, as documents carry it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The form of the document of a sweep: changes when an older version could not read it any more.
pub(crate) const FORMAT: u32 = 1;

/// The document of a sweep.
#[derive(Debug, Serialize)]
struct SweepDocument<'a> {
    revline: &'static str,
    format: u32,
    version: &'a str,
    plan: &'a SweepPlan,
    ended: Ended,
    missing_shards: &'a [u64],
    runs: &'a [RunReport],
    totals: Totals,
    marks: MarksDocument,
    latencies: Vec<KindForm>,
    guarantees: Verdicts,
    by_guarantee: Vec<GuaranteeCounts>,
    by_scenario: Vec<ScenarioCounts<'a>>,
    groups: Vec<FailureGroup<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explored: Option<ExploredDocument>,
}

/// The counts of one guarantee over many runs.
#[derive(Debug, Serialize)]
struct GuaranteeCounts {
    name: String,
    #[serde(flatten)]
    counts: GuaranteeTally,
}

/// The counts of one scenario.
#[derive(Debug, Serialize)]
struct ScenarioCounts<'a> {
    name: &'a str,
    runs: u64,
    violated: u64,
    panicked: u64,
    operations: u64,
    unknown_operations: u64,
    watch_events: u64,
    simulated_ms: u64,
    guarantees: Vec<GuaranteeCounts>,
}

/// The counts of every guarantee, in the order of the catalogue.
fn by_guarantee(tally: &Tally) -> Vec<GuaranteeCounts> {
    let names = in_order(tally.guarantees.keys().map(String::as_str)).into_iter();
    names.map(|name| GuaranteeCounts { name: name.to_owned(), counts: tally.guarantees[name] }).collect()
}

impl<'a> ScenarioCounts<'a> {
    fn of((name, tally): (&'a str, Tally)) -> ScenarioCounts<'a> {
        let guarantees = by_guarantee(&tally);
        let Tally { runs, violated, panicked, operations, unknown_operations, .. } = tally;
        let Tally { watch_events, simulated_ms, .. } = tally;
        ScenarioCounts {
            name,
            runs,
            violated,
            panicked,
            operations,
            unknown_operations,
            watch_events,
            simulated_ms,
            guarantees,
        }
    }
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

/// A sweep, for people as well.
pub fn sweep(report: &SweepReport) -> String {
    document(&of(report))
}

/// Writes the same document in one line, for the folder of a report: it may be large.
pub fn write_sweep(report: &SweepReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &of(report))?;
    out.write_all(b"\n")
}

fn of(report: &SweepReport) -> SweepDocument<'_> {
    let total = report.total();
    let by_guarantee = by_guarantee(&total);
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
        ..
    } = total;
    SweepDocument {
        revline: VERSION,
        format: FORMAT,
        version: &report.version,
        plan: &report.plan,
        ended: report.ended,
        missing_shards: &report.missing_shards,
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
        marks: report.marks.document(),
        latencies: report.latencies.form(),
        guarantees: report.verdicts(),
        by_guarantee,
        by_scenario: report.by_scenario().into_iter().map(ScenarioCounts::of).collect(),
        groups: groups(report),
        explored: report.explored.as_ref().map(ExploredDocument::of),
    }
}

/// Any document, in the form all of them have: indented, with a newline at the end.
pub fn document<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("documents have text keys alone");
    text.push('\n');
    text
}
