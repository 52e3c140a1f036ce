//! The ways out of a sweep's report: stdout, the folder of the report, and the marks of a CI system.

use super::arguments::Annotations;
use super::findings::VERSION;
use super::print::{complain, print};
use super::status::Unusable;
use revline_reports::sweep::SweepReport;
use revline_reports::terminal::Look;
use revline_reports::{annotations, index, json, junit, terminal};
use revline_scenarios::hunt::Hunted;
use revline_scenarios::whole_file;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The ways that the command line asks for.
#[derive(Clone)]
pub(super) struct Outlet {
    as_json: bool,
    folder: PathBuf,
    annotations: Option<Annotations>,
}

impl Outlet {
    /// The ways into a folder, to stdout as JSON or not, and to a CI system if there is one.
    pub fn new(folder: &Path, as_json: bool, annotations: Option<Annotations>) -> Outlet {
        Outlet { as_json, folder: folder.to_owned(), annotations }
    }

    /// Writes the folder of a report, and prints it.
    pub fn hand_out(&self, report: &SweepReport) -> Result<(), Unusable> {
        let written = write_folder(report, &self.folder);
        let shown = show(report, self.as_json);
        if let Some(Annotations::Github) = self.annotations {
            annotations::github(report).iter().for_each(|line| complain(line));
        }
        written.and(shown)
    }
}

/// Prints the report of all runs, and in JSON says on stderr which failed.
fn show(report: &SweepReport, as_json: bool) -> Result<(), Unusable> {
    if !as_json {
        return print(&terminal::sweep(report, Look::of_stdout()));
    }
    for run in report.failures() {
        complain(&format!("{} failed: {}", run.name(), run.replay.as_deref().unwrap_or_default()));
    }
    print(&json::sweep(report))
}

/// Writes JUnit's XML of a hunt into a folder.
pub(super) fn write_hunt(hunted: &[Hunted], folder: &Path) -> Result<(), Unusable> {
    let text = junit::hunt(VERSION, hunted);
    write_file(folder, "junit.xml", &|out| out.write_all(text.as_bytes()))
}

/// Writes the files of a report.
fn write_folder(report: &SweepReport, folder: &Path) -> Result<(), Unusable> {
    let (junit, page) = (junit::junit(report), index::index(report));
    write_file(folder, "report.json", &|out| json::write_sweep(report, out))?;
    write_file(folder, "junit.xml", &|out| out.write_all(junit.as_bytes()))?;
    write_file(folder, "index.html", &|out| out.write_all(page.as_bytes()))
}

/// Writes a file into a folder, which is made if it is not there.
fn write_file(
    folder: &Path,
    name: &str,
    fill: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Unusable> {
    let made = std::fs::create_dir_all(folder);
    made.and_then(|()| whole_file::write(&folder.join(name), fill)).map_err(|error| {
        Unusable::new(format!("--out: {}: cannot write the report: {error}", folder.display()))
    })
}
