//! `revline hunt`: defects switched on, one at a time; every one must be found.

use super::arguments::HuntArguments;
use super::print::print;
use super::run::keep;
use super::scenario_argument;
use super::status::{Status, Unusable};
use revline_reports::progress::Progress;
use revline_reports::{hunt, json};
use revline_scenarios::hunt::Hunt;
use revline_store::defect::Defect;
use std::num::NonZero;
use std::time::Instant;

/// Hunts what the arguments ask for.
pub fn hunt(arguments: &HuntArguments) -> Result<Status, Unusable> {
    let scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    let wanted = |defect: &Defect| arguments.defects.is_empty() || arguments.defects.contains(defect);
    if arguments.first_seed.checked_add(arguments.seeds).is_none() {
        return Err(Unusable::new(format!(
            "--first-seed: there are no {} seeds from there",
            arguments.seeds
        )));
    }
    let cores = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let began = Instant::now();
    let mut all = Vec::new();
    for defect in Defect::ALL.into_iter().filter(wanted) {
        let hunt = Hunt {
            defect,
            scenarios: scenarios.clone(),
            first_seed: arguments.first_seed,
            seeds: arguments.seeds,
            jobs: arguments.jobs.unwrap_or_else(cores),
        };
        let mut progress = Progress::new(hunt.run_count());
        let (hunted, bundle) =
            hunt.run(&|| began.elapsed(), &mut |finished| progress.finished(finished.report.failed()));
        progress.done();
        if let Some(bundle) = &bundle {
            keep(bundle, &arguments.out);
        }
        all.push(hunted);
    }
    print(&match (arguments.json, arguments.markdown) {
        (true, _) => json::document(&all),
        (_, true) => hunt::markdown(&all),
        _ => hunt::text(&all),
    })?;
    let missed = all.iter().any(|hunted| hunted.found.is_none());
    Ok(if missed { Status::Violated } else { Status::Holds })
}
