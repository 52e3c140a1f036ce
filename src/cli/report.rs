//! `revline report`: the page of a bundle, of one seed of a scenario, or of a history that was recorded elsewhere.

use super::arguments::ReportArguments;
use super::page_file::{subject_of, write};
use super::print::print;
use super::scenario_argument;
use super::status::{Status, Unusable};
use revline_checker::history::History;
use revline_checker::import::{Imported, Reading};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;
use revline_checker::verdict::Verdicts;
use revline_reports::page::Subject;
use revline_scenarios::Outcome;
use revline_scenarios::execute;
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::regression::Recorded;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Writes the page of what the arguments name, and prints its place.
pub fn report(arguments: &ReportArguments) -> Result<Status, Unusable> {
    let what = &arguments.what;
    let path = Path::new(what);
    let file = if !path.exists()
        && let Some((scenario, seed)) = seed_of(what)?
    {
        let plan =
            draw(&scenario_argument::find(scenario)?, seed, arguments.defects.iter().copied().collect());
        let stem = format!("{}-{seed}", plan.scenario);
        of_run(arguments, &plan, run(&plan)?, &stem, replay_line(what, arguments))?
    } else if !arguments.defects.is_empty() {
        return Err(Unusable::new("--defect: only a run of SCENARIO@SEED takes it; leave it out"));
    } else {
        match recorded(path) {
            Some(plan) => {
                let outcome = run(&plan)?;
                of_run(arguments, &plan, outcome, &stem(path), format!("revline replay {what}"))?
            }
            None => of_history(arguments, path)?,
        }
    };
    print(&format!("{}\n", file.display()))?;
    Ok(Status::Holds)
}

fn seed_of(what: &str) -> Result<Option<(&str, u64)>, Unusable> {
    let Some((scenario, seed)) = what.rsplit_once('@') else { return Ok(None) };
    let wrong =
        |_| Unusable::new(format!("`{what}`: `{seed}` is no seed: expected a number, as in `steady@7`"));
    Ok(Some((scenario, seed.parse().map_err(wrong)?)))
}

fn replay_line(what: &str, arguments: &ReportArguments) -> String {
    let defects: String = arguments.defects.iter().map(|defect| format!(" --defect {defect}")).collect();
    format!("revline replay {what}{defects}")
}

/// The plan of a bundle or a kept regression; `None` if the file is neither, so a history.
fn recorded(path: &Path) -> Option<Plan> {
    match Recorded::read(path).ok()? {
        Recorded::Bundle(bundle) => Some(bundle.plan.clone()),
        Recorded::Regression(kept) => Some(kept.plan.clone()),
    }
}

fn run(plan: &Plan) -> Result<Outcome, Unusable> {
    execute(plan, false).map_err(|panicked| {
        Unusable::new(format!("the run panicked, a bug of revline: {}", panicked.message))
    })
}

fn of_run(
    arguments: &ReportArguments,
    plan: &Plan,
    outcome: Outcome,
    stem: &str,
    replay: String,
) -> Result<PathBuf, Unusable> {
    let file = arguments.out.join(format!("{stem}.html"));
    write(&file, &subject_of(plan, &outcome, replay), &outcome.history, &outcome.verdicts)?;
    Ok(file)
}

fn of_history(arguments: &ReportArguments, path: &Path) -> Result<PathBuf, Unusable> {
    let read = Reading::default().path(path)?;
    let Imported::Etcd(history) = &read.history else {
        return Err(Unusable::new(format!(
            "{}: a page shows the history of a store of etcd's kind; this one is of another model (`revline check` judges it)",
            path.display()
        )));
    };
    let until = Instant::now() + Duration::from_secs(arguments.budget);
    let verdicts = Judge::new(history).budget(Budget::until(&|| Instant::now() >= until)).run();
    page_of_history(path, history, &verdicts, &arguments.out, &mut BTreeSet::new())
}

/// Writes the page of a history in a file, with these verdicts, into a folder, beside the pages that were written before.
fn page_of_history(
    path: &Path,
    history: &History,
    verdicts: &Verdicts,
    out: &Path,
    pages: &mut BTreeSet<PathBuf>,
) -> Result<PathBuf, Unusable> {
    let subject = Subject {
        title: path.display().to_string(),
        replay: Some(format!("revline check {}", path.display())),
        facts: vec![("operations".to_owned(), history.operations.len().to_string())],
        ..Subject::default()
    };
    let stem = stem(path);
    // Histories in several folders may have one name.
    let numbered = (2..).map(|number| out.join(format!("{stem}-{number}.html")));
    let mut names = std::iter::once(out.join(format!("{stem}.html"))).chain(numbered);
    let file = names.find(|file| !pages.contains(file)).expect("there is a number for each");
    write(&file, &subject, history, verdicts)?;
    pages.insert(file.clone());
    Ok(file)
}

/// Writes the page of a history that was judged, which it reads once more: `None` if it is of a model that has no page.
pub(super) fn page_of_judged(
    path: &Path,
    reading: Reading,
    verdicts: &Verdicts,
    out: &Path,
    pages: &mut BTreeSet<PathBuf>,
) -> Result<Option<PathBuf>, Unusable> {
    match &reading.path(path)?.history {
        Imported::Etcd(history) => page_of_history(path, history, verdicts, out, pages).map(Some),
        _ => Ok(None),
    }
}

/// The name of a file without its folder and its endings.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".bundle.json", ".history.jsonl", ".jsonl", ".json", ".edn", ".log"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).to_owned()
}
