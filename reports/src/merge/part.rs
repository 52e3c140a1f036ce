//! A part of a sweep, read from the document that it left.

use crate::RunReport;
use crate::json::FORMAT;
use crate::latency::{KindForm, Latencies};
use crate::sweep::SweepReport;
use crate::sweep::marks::MarkTally;
use crate::sweep::plan::{Ended, SweepCommand, SweepPlan};
use revline_scenarios::limited_file;
use revline_scenarios::placed_json::{self, Misread, head};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The largest document that is read: that of a million runs.
const MOST_BYTES: u64 = 8 << 30;

/// A part of a sweep.
#[derive(Debug)]
pub struct Part {
    /// The file of its document.
    pub file: PathBuf,
    /// Its report.
    pub report: SweepReport,
}

/// The error of parts that cannot be merged: names the file and the field.
#[derive(Debug)]
pub struct MergeError(String);

impl MergeError {
    pub(super) fn new(message: impl Into<String>) -> MergeError {
        MergeError(message.into())
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MergeError {}

/// The fields that every form of the document has.
#[derive(Deserialize)]
struct Head {
    revline: String,
    format: u32,
}

/// The fields that are read; the others follow from them.
#[derive(Deserialize)]
struct Document {
    version: String,
    plan: SweepPlan,
    ended: Ended,
    missing_shards: Vec<u64>,
    runs: Vec<RunReport>,
    totals: Totals,
    marks: Marks,
    latencies: Vec<KindForm>,
}

#[derive(Deserialize)]
struct Totals {
    wall_ms: f64,
    violated: u64,
}

#[derive(Deserialize)]
struct Marks {
    runs: BTreeMap<String, u64>,
}

impl Part {
    /// Reads the document of a part, and holds it against its own plan.
    pub fn read(file: &Path) -> Result<Part, MergeError> {
        let place = file.display();
        let text =
            limited_file::read(file, MOST_BYTES).map_err(|error| MergeError(format!("{place}: {error}")))?;
        let misread = |Misread { line, column, field, what }| {
            let hint = match field.trim_end_matches('?') {
                "." | "" => "; expected the `report.json` of `revline run --out`",
                _ => "",
            };
            MergeError(format!("{place}:{line}:{column}: {}{what}{hint}", head(&field)))
        };
        let Head { revline, format } = placed_json::read(&text, "report").map_err(misread)?;
        if format != FORMAT {
            return Err(MergeError(format!(
                "{place}: field `format`: {format} where {FORMAT} was expected; it was written by revline {revline}"
            )));
        }
        let document: Document = placed_json::read(&text, "report").map_err(misread)?;
        let refuse =
            |(field, what): (String, String)| MergeError(format!("{place}: field `{field}`: {what}"));
        document.objection().map_or(Ok(()), |objection| Err(refuse(objection)))?;
        let mut marks = MarkTally::default();
        marks.add_runs(&document.marks.runs).map_err(|mark| {
            refuse((format!("marks.runs.{mark}"), "there is no such mark in this version".to_owned()))
        })?;
        let report = SweepReport {
            version: document.version,
            plan: document.plan,
            ended: document.ended,
            missing_shards: Vec::new(),
            runs: document.runs,
            marks,
            latencies: Latencies::read(document.latencies).map_err(refuse)?,
            wall: Duration::try_from_secs_f64(document.totals.wall_ms / 1e3)
                .map_err(|error| refuse(("totals.wall_ms".to_owned(), error.to_string())))?,
            explored: None,
        };
        Ok(Part { file: file.to_owned(), report })
    }

    /// The error for a field of this part.
    pub(super) fn refuse(&self, field: &str, what: String) -> MergeError {
        MergeError(format!("{}: field `{field}`: {what}", self.file.display()))
    }
}

impl Document {
    /// The first field that contradicts the others, and why.
    fn objection(&self) -> Option<(String, String)> {
        if self.plan.command != SweepCommand::Run {
            let what = "`explore`: an exploration has no parts; only those of `revline run` are merged";
            return Some(("plan.command".to_owned(), what.to_owned()));
        }
        if !self.missing_shards.is_empty() {
            let what = "it is merged itself, and parts are missing: merge the parts";
            return Some(("missing_shards".to_owned(), what.to_owned()));
        }
        let expected = self.plan.run_count();
        if self.plan.runs != expected {
            let expected = expected.map_or("null".to_owned(), |runs| runs.to_string());
            return Some(("plan.runs".to_owned(), format!("the plan has {expected} runs in this part")));
        }
        let mut seen = BTreeSet::new();
        for (at, run) in self.runs.iter().enumerate() {
            let name = run.name();
            if !self.plan.has(&run.scenario, run.seed) || run.variant.is_some() {
                return Some((
                    format!("runs[{at}]"),
                    format!("{name} is no run of part {}", self.plan.shard),
                ));
            }
            if !seen.insert((run.scenario.as_str(), run.seed)) {
                return Some((format!("runs[{at}]"), format!("{name} is there twice")));
            }
            for (field, file, ending) in
                [("bundle", &run.bundle, ".bundle.json"), ("page", &run.page, ".html")]
            {
                if file.as_deref().is_some_and(|file| !is_name(file) || !file.ends_with(ending)) {
                    let what = format!("expected the name of a file `*{ending}` in the folder of the report");
                    return Some((format!("runs[{at}].{field}"), what));
                }
            }
            if let Some(field) = beyond_all_counting(run) {
                let what = format!("no run has more than {MOST_COUNTED}");
                return Some((format!("runs[{at}].{field}"), what));
            }
        }
        let violated = self.runs.iter().filter(|run| run.guarantees.any_violated()).count() as u64;
        if violated != self.totals.violated {
            return Some((
                "totals.violated".to_owned(),
                format!("{violated} of the runs violate a guarantee"),
            ));
        }
        let count = self.runs.len() as u64;
        match self.plan.runs {
            Some(planned) if self.ended == Ended::Complete && planned != count => {
                Some(("runs".to_owned(), format!("there are {count}, where the plan has {planned}")))
            }
            _ => None,
        }
    }
}

/// The highest count of anything in a run: so that the sum over all runs fits.
const MOST_COUNTED: u64 = 1_000_000_000_000;

/// The first count of a run that is too high to be one.
fn beyond_all_counting(run: &RunReport) -> Option<String> {
    let own = [
        ("operations", run.operations),
        ("unknown_operations", run.unknown_operations),
        ("watch_events", run.watch_events),
        ("simulated_ms", run.simulated_ms),
        ("believed.holds", run.believed.map_or(0, |own| own.holds)),
        ("believed.pairs", run.believed.map_or(0, |own| own.pairs)),
    ];
    let own = own.into_iter().map(|(field, count)| (field.to_owned(), count));
    let counters = serde_json::to_value(run.counters).unwrap_or_default();
    let counters = counters.as_object().into_iter().flatten();
    let counters = counters.filter_map(|(name, count)| Some((format!("counters.{name}"), count.as_u64()?)));
    let examined =
        run.guarantees.iter().map(|(name, verdict)| (format!("guarantees.{name}"), verdict.examined()));
    let mut all = own.chain(counters).chain(examined);
    all.find(|(_, count)| *count > MOST_COUNTED).map(|(field, _)| field)
}

/// Returns `true` for a name without a folder.
fn is_name(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}
