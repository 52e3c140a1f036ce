//! `revline merge`: one report of the parts of a sweep.

use super::arguments::MergeArguments;
use super::findings::{VERSION, replay_of, status};
use super::outlet::Outlet;
use super::print::{complain, status_after};
use super::run::insist_on_marks;
use super::scenario_argument::replay_line;
use super::status::{Status, Unusable};
use revline_reports::RunReport;
use revline_reports::merge::{Part, merge as whole_of};
use revline_reports::sweep::SweepReport;
use revline_scenarios::whole_file;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Merges what the arguments name. Bundles and pages are copied, so that the folder stands alone.
pub fn merge(arguments: &MergeArguments) -> Result<Status, Unusable> {
    let MergeArguments { reports, out, .. } = arguments;
    let files: Vec<PathBuf> = reports.iter().map(|given| file_of(given)).collect();
    check_out(&files, out)?;
    let mut parts = files.iter().map(|file| Part::read(file)).collect::<Result<Vec<Part>, _>>()?;
    let mut copies = BTreeMap::new();
    for part in &mut parts {
        let folder = part.file.parent().unwrap_or(Path::new("")).to_owned();
        part.report.runs.iter_mut().try_for_each(|run| add_copies(run, &folder, &mut copies))?;
    }
    let mut report = whole_of(parts, VERSION, arguments.partial)?;
    renew_replays(&mut report, out);
    let cannot = |error| Unusable::new(format!("--out: {}: cannot write the report: {error}", out.display()));
    std::fs::create_dir_all(out).map_err(cannot)?;
    for (name, from) in copies {
        let copy = || {
            let mut source = File::open(&from)?;
            whole_file::write(&out.join(&name), |file| std::io::copy(&mut source, file).map(drop))
        };
        copy().map_err(|error| Unusable::new(format!("{}: cannot copy it: {error}", from.display())))?;
    }
    if !report.missing_shards.is_empty() {
        let missing: Vec<String> = report.missing_shards.iter().map(u64::to_string).collect();
        complain(&format!("missing parts: {}; the report is of the others", missing.join(", ")));
    }
    let shown = Outlet::new(out, arguments.json, arguments.annotations).hand_out(&report);
    let marked = if arguments.insist_on_marks { insist_on_marks(&report) } else { Status::Holds };
    status_after(shown, status(&report).max(marked))
}

/// The document in a folder, or the one that is given.
fn file_of(given: &Path) -> PathBuf {
    if given.is_dir() { given.join("report.json") } else { given.to_owned() }
}

/// Refuses a folder whose report would be lost.
fn check_out(files: &[PathBuf], out: &Path) -> Result<(), Unusable> {
    let Ok(target) = out.join("report.json").canonicalize() else { return Ok(()) };
    match files.iter().find(|file| file.canonicalize().is_ok_and(|file| file == target)) {
        Some(file) => Err(Unusable::new(format!(
            "--out: {}: it is the folder of {}, which would be lost; give another folder",
            out.display(),
            file.display()
        ))),
        None => Ok(()),
    }
}

/// Adds the files of a run to those that are copied, by their names. A file that is not there is complained of: a report may
/// be kept without its bundles.
fn add_copies(
    run: &mut RunReport,
    folder: &Path,
    copies: &mut BTreeMap<String, PathBuf>,
) -> Result<(), Unusable> {
    for name in [&mut run.bundle, &mut run.page] {
        let Some(file) = name.as_ref().map(|name| folder.join(name)) else { continue };
        if !file.is_file() {
            complain(&format!("{}: is not there: the report goes without it", file.display()));
            *name = None;
        } else if let Some(other) = copies.insert(name.clone().unwrap_or_default(), file.clone()) {
            let told = match other == file {
                true => "its part is given twice; leave one out".to_owned(),
                false => format!("has the name of {}, which is another run's", other.display()),
            };
            return Err(Unusable::new(format!("{}: {told}", file.display())));
        }
    }
    Ok(())
}

/// Names the bundles where they are now, and where there is none, the run.
fn renew_replays(report: &mut SweepReport, out: &Path) {
    let SweepReport { plan, runs, .. } = report;
    for run in runs.iter_mut().filter(|run| run.replay.is_some()) {
        let source = plan.scenarios.iter().find(|scenario| scenario.name == run.scenario);
        let source = source.map_or(run.scenario.as_str(), |scenario| scenario.source.as_str());
        run.replay = Some(match &run.bundle {
            Some(bundle) => replay_of(&out.join(bundle)),
            None => replay_line(source, run.seed, plan.behind_proxies, &plan.defects),
        });
    }
}
