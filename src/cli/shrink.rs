//! `revline shrink`: the smallest plan that still fails the same way.

use super::arguments::{ShrinkArguments, WorkOptions};
use super::failing_bundle;
use super::interrupt::Interrupt;
use super::print::{complain, print, status_after};
use super::status::{Status, Unusable};
use revline_checker::verdict::Fingerprint;
use revline_reports::progress::Spinner;
use revline_reports::shrink::ShrinkReport;
use revline_scenarios::bundle::Bundle;
use revline_scenarios::shrink::{self as shrinking, Shrunk};
use revline_scenarios::whole_file;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Shrinks what the arguments name.
pub fn shrink(arguments: &ShrinkArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let (bundle, violation) = failing_bundle::read(&arguments.bundle, arguments.guarantee.as_deref())?;
    let out = arguments.out.clone().unwrap_or_else(|| small_file(&arguments.bundle));
    check_out(&out, &arguments.bundle)?;
    let limit =
        Limit { jobs: arguments.work.jobs(), time: arguments.time_limit, is_quiet: arguments.work.quiet };
    let (shrunk, wall) = limit.shrink(&bundle, &violation, interrupt)?;
    interrupt.end();
    if shrunk.is_cut_short {
        complain("ended early: the smallest plan until then");
    }
    let report = keep(&shrunk, &out, wall)?;
    let text = if arguments.json { revline_reports::json::document(&report) } else { report.to_string() };
    status_after(print(&text), Status::Holds)
}

/// Refuses a file for the small bundle that it cannot have: sooner than after minutes of work.
fn check_out(out: &Path, bundle: &Path) -> Result<(), Unusable> {
    let refused = |what: &str| Err(Unusable::new(format!("--out: {}: {what}", out.display())));
    if out.extension().is_some_and(|end| end == "rs") {
        return refused(
            "the test is written to the file of this name: give the bundle another end, as .json",
        );
    }
    if out.is_dir() || out.file_name().is_none() {
        return refused("is a folder: give the file for the small bundle");
    }
    let is_same = |out: PathBuf| bundle.canonicalize().is_ok_and(|bundle| bundle == out);
    if out.canonicalize().is_ok_and(is_same) {
        return refused("is the bundle that is shrunk: give another file");
    }
    make_folder(out)
}

fn make_folder(file: &Path) -> Result<(), Unusable> {
    let Some(folder) = file.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| Unusable::new(format!("{}: {error}", folder.display())))
}

/// Writes the small bundle, and beside it the test that does the same.
pub(super) fn keep(shrunk: &Shrunk, out: &Path, wall: Duration) -> Result<ShrinkReport, Unusable> {
    make_folder(out)?;
    shrunk.bundle.write(out)?;
    let script = out.with_extension("rs");
    let text = shrinking::script(&shrunk.bundle.plan, &shrunk.violation, out)?;
    whole_file::write(&script, |file| file.write_all(text.as_bytes()))
        .map_err(|error| Unusable::new(format!("{}: {error}", script.display())))?;
    Ok(ShrinkReport::new(shrunk, out, &script, wall))
}

/// The file of the small bundle beside that of the large one.
pub(super) fn small_file(bundle: &Path) -> PathBuf {
    let name = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let stem = stem.strip_suffix(".bundle").unwrap_or(stem);
    bundle.with_file_name(format!("{stem}.small.json"))
}

/// The limits of one shrinking.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub jobs: NonZero<usize>,
    pub time: Option<Duration>,
    /// True if nothing is said of progress.
    pub is_quiet: bool,
}

impl Limit {
    /// The limits for each of several bundles.
    pub fn of_each(work: &WorkOptions) -> Limit {
        const TIME: Duration = Duration::from_secs(300);
        Limit { jobs: work.jobs(), time: Some(TIME), is_quiet: work.quiet }
    }

    /// Shrinks a bundle within the limits; returns the real time it took, too.
    pub fn shrink(
        self,
        bundle: &Bundle,
        violation: &Fingerprint,
        interrupt: &Interrupt,
    ) -> Result<(Shrunk, Duration), Unusable> {
        let began = Instant::now();
        let mut progress = Spinner::new(self.is_quiet);
        let shrunk = shrinking::shrink(&bundle.plan, violation, self.jobs, &mut |step| {
            progress.say(format!("{} runs, {} events left", step.runs, step.size.events()));
            !interrupt.came() && self.time.is_none_or(|limit| began.elapsed() < limit)
        });
        progress.done();
        Ok((shrunk?, began.elapsed()))
    }
}
