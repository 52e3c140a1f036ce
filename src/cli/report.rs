//! `revline report`: the page of a bundle, of one seed of a scenario, or of a history that was recorded elsewhere.

use super::arguments::ReportArguments;
use super::other_file;
use super::page_file::{Pages, stem};
use super::print::print;
use super::scenario_argument::{self, replay_line};
use super::shell;
use super::status::{Status, Unusable};
use revline_checker::import::{Imported, Reading};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::regression::Recorded;
use revline_scenarios::{Outcome, execute};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Writes the page of what the arguments name, and prints its place.
pub fn report(arguments: &ReportArguments) -> Result<Status, Unusable> {
    let ReportArguments { what, out, defects, budget } = arguments;
    let (path, mut pages) = (Path::new(what), Pages::new(out));
    let file = if !path.exists()
        && let Some((scenario, seed)) = scenario_argument::and_seed(what)?
    {
        let plan = draw(&scenario_argument::find(scenario)?, seed, defects.iter().copied().collect());
        let replay = replay_line(scenario, seed, false, defects);
        pages.of_run(&format!("{}-{seed}", plan.scenario), &plan, &run(&plan)?, replay)?
    } else if !defects.is_empty() {
        return Err(Unusable::new("--defect: only a run of SCENARIO@SEED takes it; leave it out"));
    } else if let Some(plan) = recorded(path)? {
        pages.of_run(&stem(path), &plan, &run(&plan)?, format!("revline replay {}", shell::word(path)))?
    } else {
        of_history(path, Duration::from_secs(*budget), &mut pages)?
    };
    print(&format!("{}\n", file.display()))?;
    Ok(Status::Holds)
}

/// The plan of a bundle or a kept regression; `None` if the file is neither, so a history.
fn recorded(path: &Path) -> Result<Option<Plan>, Unusable> {
    match Recorded::read(path) {
        Ok(Recorded::Bundle(bundle)) => Ok(Some(bundle.plan)),
        Ok(Recorded::Regression(kept)) => Ok(Some(kept.plan)),
        // One that is not whole, or that another version wrote.
        Err(error) if other_file::is_bundle(path) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn run(plan: &Plan) -> Result<Outcome, Unusable> {
    execute(plan, false).map_err(|panicked| {
        Unusable::new(format!("the run panicked, a bug of revline: {}", panicked.message))
    })
}

fn of_history(path: &Path, budget: Duration, pages: &mut Pages<'_>) -> Result<PathBuf, Unusable> {
    let read = Reading::default().path(path)?;
    let Imported::Etcd(history) = &read.history else {
        return Err(Unusable::new(format!(
            "{}: a page shows the history of a store of etcd's kind; this one is of another model (`revline check` judges it)",
            path.display()
        )));
    };
    let until = Instant::now() + budget;
    let verdicts = Judge::new(history).budget(Budget::until(&|| Instant::now() >= until)).run();
    pages.of_history(path, history, &verdicts)
}
