//! The file of a page: what a run or a history was, for people.

use super::print::complain_of;
use super::shell;
use super::status::Unusable;
use revline_checker::history::History;
use revline_checker::verdict::Verdicts;
use revline_reports::json::VERSION;
use revline_reports::page::{Subject, page};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::plan::Plan;
use revline_scenarios::{Outcome, TraceHash, whole_file};
use revline_sim::proxy_names;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The pages that one command writes into a folder: each has a file of its own.
pub(super) struct Pages<'a> {
    folder: &'a Path,
    written: BTreeSet<PathBuf>,
}

impl<'a> Pages<'a> {
    /// None yet. The folder is made with the first.
    pub fn new(folder: &'a Path) -> Pages<'a> {
        Pages { folder, written: BTreeSet::new() }
    }

    /// Writes the page of a run, under a name without ending. `replay` is the command that runs it again.
    pub fn of_run(
        &mut self,
        name: &str,
        plan: &Plan,
        outcome: &Outcome,
        replay: String,
    ) -> Result<PathBuf, Unusable> {
        self.add(name, &subject_of(plan, outcome, replay), &outcome.history, &outcome.verdicts)
    }

    /// Writes the page of the history in a file, with the verdicts on it.
    pub fn of_history(
        &mut self,
        file: &Path,
        history: &History,
        verdicts: &Verdicts,
    ) -> Result<PathBuf, Unusable> {
        let subject = Subject {
            title: file.display().to_string(),
            replay: Some(format!("revline check {}", shell::word(file))),
            facts: vec![("operations".to_owned(), history.operations.len().to_string())],
            ..Subject::default()
        };
        self.add(&stem(file), &subject, history, verdicts)
    }

    fn add(
        &mut self,
        name: &str,
        subject: &Subject,
        history: &History,
        verdicts: &Verdicts,
    ) -> Result<PathBuf, Unusable> {
        // Histories in several folders may have one name.
        let numbered = (2..).map(|number| self.folder.join(format!("{name}-{number}.html")));
        let mut names = std::iter::once(self.folder.join(format!("{name}.html"))).chain(numbered);
        let file = names.find(|file| !self.written.contains(file)).expect("there is a number for each");
        write(&file, subject, history, verdicts)?;
        self.written.insert(file.clone());
        Ok(file)
    }
}

/// Writes the page of a bundle beside it, under its name with the ending `html`: what its plan does when it is run. Returns
/// the name of its file. A page that cannot be written is complained of: the bundle is what counts.
pub(super) fn beside(bundle: &Bundle, file: &Path) -> Option<String> {
    let replay = bundle.replay(false).ok()?;
    let outcome = &replay.outcome;
    let subject = subject_of(&bundle.plan, outcome, format!("revline replay {}", shell::word(file)));
    let name = format!("{}.html", stem(file));
    let written = write(&file.with_file_name(&name), &subject, &outcome.history, &outcome.verdicts);
    written.map_err(|error| complain_of(&error)).ok().map(|()| name)
}

fn subject_of(plan: &Plan, outcome: &Outcome, replay: String) -> Subject {
    let simulation = &plan.simulation;
    let defects: Vec<String> = simulation.defects.iter().map(|defect| defect.to_string()).collect();
    let mut facts = vec![
        ("revline".to_owned(), VERSION.to_owned()),
        ("scenario".to_owned(), plan.scenario.clone()),
        ("seed".to_owned(), plan.seed.to_string()),
        ("members".to_owned(), simulation.members.to_string()),
        ("trace".to_owned(), TraceHash(outcome.trace.hash()).to_string()),
        ("operations".to_owned(), outcome.history.operations.len().to_string()),
        ("simulated time".to_owned(), format!("{:.3} s", outcome.simulated_ns as f64 / 1e9)),
    ];
    if !defects.is_empty() {
        facts.push(("rules switched off".to_owned(), defects.join(", ")));
    }
    let servers = proxy_names(&simulation.proxies);
    Subject {
        title: plan.name().to_string(),
        replay: Some(replay),
        facts,
        servers,
        clients: outcome.clients.iter().map(|(id, name)| (id.0, name.clone())).collect(),
        ..Subject::default()
    }
}

/// The name of a file without its folder and its endings.
pub(super) fn stem(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".bundle.json", ".history.jsonl", ".jsonl", ".json", ".edn", ".log"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).to_owned()
}

fn write(file: &Path, subject: &Subject, history: &History, verdicts: &Verdicts) -> Result<(), Unusable> {
    let cannot = |error| Unusable::new(format!("{}: cannot write the page: {error}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let text = page(subject, history, verdicts);
    whole_file::write(file, |out| out.write_all(text.as_bytes())).map_err(cannot)
}
