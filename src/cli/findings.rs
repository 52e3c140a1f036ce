//! The findings of many runs while they go on: what is shown of them, and the bundles of those that failed.

use super::arguments::FailureOptions;
use super::interrupt::Interrupt;
use super::page_file;
use super::print::{complain, complain_of, print};
use super::shrink::{Limit, keep as keep_small, small_file};
use super::status::{Status, Unusable};
use revline_checker::verdict::Fingerprint;
use revline_reports::RunReport;
use revline_reports::groups::groups;
use revline_reports::sweep::SweepReport;
use revline_reports::terminal::Look;
use revline_reports::{json, terminal};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::known::KnownFailures;
use revline_scenarios::plan::PlanName;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The findings so far. Clones are the same findings.
#[derive(Clone)]
pub(super) struct Findings {
    known: Arc<KnownFailures>,
    so_far: Arc<Mutex<SoFar>>,
}

#[derive(Default)]
struct SoFar {
    /// The reports, in order.
    runs: Vec<RunReport>,
    replays: BTreeMap<PlanName, String>,
    failures: u64,
}

impl Findings {
    /// None yet; those that are known do not count.
    pub fn new(known: KnownFailures) -> Findings {
        Findings { known: Arc::new(known), so_far: Arc::default() }
    }

    /// Takes the report of a run, and keeps its bundle if it has one. `replay` says how to run it without a bundle.
    /// Returns the number of failures so far that count.
    pub fn take(
        &self,
        report: RunReport,
        bundle: Option<Bundle>,
        options: &FailureOptions,
        replay: impl FnOnce(&RunReport) -> String,
    ) -> u64 {
        let counts = report.failed() && !report.is_known(&self.known);
        // The page takes a run: an interrupt that wants to say what is known does not wait for it.
        let replay = (report.failed() || report.guarantees.any_unknown()).then(|| {
            let file = |bundle: &Bundle| options.out.join(bundle.file_name());
            let bundle = bundle.filter(|_| counts);
            let kept = bundle.and_then(|bundle| keep(&bundle, &file(&bundle), !options.no_page));
            kept.unwrap_or_else(|| replay(&report))
        });
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.failures += u64::from(counts);
        so_far.replays.extend(replay.map(|replay| (report.name(), replay)));
        so_far.runs.push(report);
        so_far.failures
    }

    /// Takes the findings: none are left.
    pub fn report(&self, wall: Duration) -> SweepReport {
        let SoFar { runs, replays, .. } =
            std::mem::take(&mut *self.so_far.lock().unwrap_or_else(PoisonError::into_inner));
        SweepReport { runs, replays, known: KnownFailures::clone(&self.known), wall, explored: None }
    }
}

/// Shrinks the smallest run of each group of failures that is not known, as far as it has a bundle. What goes wrong with
/// that is said, and changes nothing of what was found.
pub(super) fn shrink_groups(report: &SweepReport, out: &Path, limit: Limit, interrupt: &Interrupt) {
    let mut small_files = BTreeSet::new();
    for group in groups(report).into_iter().filter(|group| group.known.is_none()) {
        let file = out.join(group.smallest.name().bundle_file());
        let Ok(bundle) = Bundle::read(&file) else { continue };
        if interrupt.came() {
            return;
        }
        let Fingerprint { guarantee, kind } = &group.fingerprint;
        // Several groups may have the same smallest run.
        let mut small = small_file(&file);
        if !small_files.insert(small.clone()) {
            small = small.with_extension(format!("{guarantee}-{kind}.json"));
            if !small_files.insert(small.clone()) {
                continue;
            }
        }
        let shrunk = limit.shrink(&bundle, &group.fingerprint, interrupt);
        match shrunk.and_then(|(shrunk, wall)| keep_small(&shrunk, &small, wall)) {
            Ok(small) => complain(&format!("shrunk {}: {}", group.fingerprint, small.in_a_line())),
            Err(error) => complain_of(&format!("cannot shrink {}: {error}", group.fingerprint)),
        }
    }
}

/// Writes the bundle of a failing run into a file, and its page beside it, and says how to replay it.
pub(super) fn keep(bundle: &Bundle, file: &Path, with_page: bool) -> Option<String> {
    if let Err(error) = file.parent().map_or(Ok(()), std::fs::create_dir_all) {
        complain_of(&format!("{}: cannot keep the bundle: {error}", file.display()));
        return None;
    }
    match bundle.write(file) {
        Ok(()) => {
            if with_page {
                page_file::beside(bundle, file);
            }
            Some(format!("revline replay {}", file.display()))
        }
        Err(error) => {
            complain_of(&format!("cannot keep the bundle: {error}"));
            None
        }
    }
}

/// Prints the report of all runs, and in JSON says on stderr which failed.
pub(super) fn show(report: &SweepReport, as_json: bool) -> Result<(), Unusable> {
    if !as_json {
        return print(&terminal::sweep(report, Look::of_stdout()));
    }
    for run in report.failures() {
        let replay = report.replay_of(run).unwrap_or_default();
        complain(&format!("{} failed: {replay}", run.name()));
    }
    print(&json::sweep(report))
}

/// The exit status after these runs.
pub(super) fn status(report: &SweepReport) -> Status {
    if report.failures().next().is_some() {
        Status::Violated
    } else if report.runs.iter().any(|run| run.guarantees.any_unknown()) {
        Status::Undecided
    } else {
        Status::Holds
    }
}
