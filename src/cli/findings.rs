//! The findings of many runs while they go on, and the bundles of those that failed.

use super::arguments::FailureOptions;
use super::interrupt::Interrupt;
use super::page_file;
use super::print::{complain, complain_of};
use super::shell;
use super::shrink::{Limit, keep as keep_small, small_file};
use super::status::Status;
use revline_checker::verdict::Fingerprint;
use revline_reports::RunReport;
use revline_reports::groups::groups;
use revline_reports::sweep::SweepReport;
use revline_reports::sweep::plan::{Ended, SweepPlan};
use revline_scenarios::bundle::Bundle;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The version of revline, with its commit where that is known.
pub(super) const VERSION: &str = env!("REVLINE_VERSION");

/// The findings so far. Clones are the same findings.
#[derive(Clone)]
pub(super) struct Findings {
    plan: Arc<SweepPlan>,
    so_far: Arc<Mutex<SoFar>>,
}

#[derive(Default)]
struct SoFar {
    report: SweepReport,
    failures: u64,
}

impl Findings {
    /// None yet, of the runs that are planned; failures that are known do not count.
    pub fn new(plan: SweepPlan) -> Findings {
        Findings { plan: Arc::new(plan), so_far: Arc::default() }
    }

    /// Takes the report of a run, and keeps its bundle if it has one. `replay` says how to run it without a bundle.
    /// Returns the number of failures so far that count.
    pub fn take(
        &self,
        mut report: RunReport,
        bundle: Option<Bundle>,
        options: &FailureOptions,
        replay: impl FnOnce(&RunReport) -> String,
    ) -> u64 {
        let counts = report.failed() && !report.is_known(&self.plan.known);
        // The page takes a run: an interrupt that wants to say what is known does not wait for it.
        if let Some(bundle) = bundle.filter(|_| counts) {
            let file = options.out.join(bundle.file_name());
            let kept = keep(&bundle, &file, !options.no_page);
            report.replay = kept.is_kept.then(|| replay_of(&file));
            report.bundle = kept.is_kept.then(|| bundle.file_name());
            report.page = kept.page;
        }
        if report.replay.is_none() && (report.failed() || report.guarantees.any_unknown()) {
            report.replay = Some(replay(&report));
        }
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.failures += u64::from(counts);
        so_far.report.add(report);
        so_far.failures
    }

    /// Takes the findings: none are left.
    pub fn report(&self, wall: Duration, ended: Ended) -> SweepReport {
        let SoFar { report, .. } =
            std::mem::take(&mut *self.so_far.lock().unwrap_or_else(PoisonError::into_inner));
        let plan = SweepPlan::clone(&self.plan);
        SweepReport { version: VERSION.to_owned(), plan, ended, wall, ..report }
    }
}

/// The command that runs the bundle in a file again.
pub(super) fn replay_of(file: &Path) -> String {
    format!("revline replay {}", shell::word(file))
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

/// The files of a failing run that could be written.
#[derive(Debug, Default)]
pub(super) struct Kept {
    is_kept: bool,
    /// The name of the page.
    page: Option<String>,
}

/// Writes the bundle of a failing run into a file, and its page beside it.
pub(super) fn keep(bundle: &Bundle, file: &Path, with_page: bool) -> Kept {
    if let Err(error) = file.parent().map_or(Ok(()), std::fs::create_dir_all) {
        complain_of(&format!("{}: cannot keep the bundle: {error}", file.display()));
        return Kept::default();
    }
    match bundle.write(file) {
        Ok(()) => {
            let page = if with_page { page_file::beside(bundle, file) } else { None };
            Kept { is_kept: true, page }
        }
        Err(error) => {
            complain_of(&format!("cannot keep the bundle: {error}"));
            Kept::default()
        }
    }
}

/// The exit status after these runs.
pub(super) fn status(report: &SweepReport) -> Status {
    if report.failures().next().is_some() {
        Status::Violated
    } else if report.is_cut_short() || report.runs.iter().any(|run| run.guarantees.any_unknown()) {
        Status::Undecided
    } else {
        Status::Holds
    }
}
