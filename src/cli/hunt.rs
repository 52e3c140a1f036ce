//! `revline hunt`: defects switched on, one at a time; every one must be found.

use super::arguments::HuntArguments;
use super::findings::keep;
use super::interrupt::Interrupt;
use super::outlet::write_hunt;
use super::print::{print, status_after};
use super::run::check_seeds;
use super::scenario_argument;
use super::shrink::{Limit, keep as keep_small, small_file};
use super::status::{Status, Unusable};
use revline_reports::progress::Progress;
use revline_reports::{hunt, json};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::crew::Proceed;
use revline_scenarios::hunt::{Found, Hunt, Hunted, Reduction};
use revline_store::defect::Defect;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Hunts what the arguments ask for.
pub fn hunt(arguments: &HuntArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    let wanted = |defect: &Defect| arguments.defects.is_empty() || arguments.defects.contains(defect);
    check_seeds(arguments.first_seed, arguments.seeds)?;
    let began = Instant::now();
    let all = Arc::new(Mutex::new(Vec::new()));
    let (so_far, form) = (all.clone(), Form::of(arguments));
    interrupt.keep_words(move || {
        let _ = print(&form.show(&so_far.lock().unwrap_or_else(PoisonError::into_inner)));
    });
    let defects: Vec<Defect> = Defect::ALL.iter().copied().filter(wanted).collect();
    let mut progress = Progress::new(arguments.work.quiet);
    for (at, defect) in defects.iter().copied().enumerate() {
        let hunt = Hunt {
            defect,
            scenarios: scenarios.clone(),
            first_seed: arguments.first_seed,
            seeds: arguments.seeds,
            jobs: arguments.work.jobs(),
        };
        progress.begin(&format!("{defect}, {} of {}", at + 1, defects.len()), hunt.run_count());
        let (hunted, bundle) = hunt.run(&|| began.elapsed(), &mut |failed| {
            progress.finished(failed);
            if interrupt.came() { Proceed::Stop } else { Proceed::On }
        });
        progress.rest();
        // A hunt that was cut short missed nothing.
        if interrupt.came() && hunted.found.is_none() {
            break;
        }
        let found = hunted.found.clone();
        all.lock().unwrap_or_else(PoisonError::into_inner).push(hunted);
        let (Some(bundle), Some(found)) = (bundle, found) else { continue };
        // Several defects may be found in runs of one scenario and seed.
        let file = arguments.out.join(format!("{defect}-{}", bundle.file_name()));
        keep(&bundle, &file, !arguments.no_page);
        if arguments.shrink && !interrupt.came() {
            let shrunk = shrink(&bundle, &file, &found, arguments, interrupt)?;
            if let Some(last) = all.lock().unwrap_or_else(PoisonError::into_inner).last_mut() {
                last.shrunk = shrunk;
            }
        }
    }
    progress.done();
    interrupt.end();
    let all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let missed = all.iter().any(|hunted| hunted.found.is_none());
    let written = if interrupt.came() { Ok(()) } else { write_hunt(&all, &arguments.out) };
    let shown = print(&form.show(&all));
    status_after(written.and(shown), if missed { Status::Violated } else { Status::Holds })
}

/// Shrinks the run in which a defect was found, by the first guarantee that it had to violate.
fn shrink(
    bundle: &Bundle,
    file: &Path,
    found: &Found,
    arguments: &HuntArguments,
    interrupt: &Interrupt,
) -> Result<Option<Reduction>, Unusable> {
    let limit = Limit::of_each(&arguments.work);
    let is_wanted = |guarantee: &String| found.guarantees.first() == Some(guarantee);
    let Some(violation) = bundle.violations.iter().find(|own| is_wanted(&own.guarantee)) else {
        return Ok(None);
    };
    let (shrunk, wall) = limit.shrink(bundle, violation, interrupt)?;
    keep_small(&shrunk, &small_file(file), wall)?;
    let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
    Ok(Some(Reduction { before: shrunk.before, after: shrunk.after, wall_ms }))
}

/// The form of the report.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Markdown,
    Text,
}

impl Form {
    fn of(arguments: &HuntArguments) -> Form {
        match (arguments.json, arguments.markdown) {
            (true, _) => Form::Json,
            (_, true) => Form::Markdown,
            _ => Form::Text,
        }
    }

    fn show(self, all: &Vec<Hunted>) -> String {
        match self {
            Form::Json => json::document(all),
            Form::Markdown => hunt::markdown(all),
            Form::Text => hunt::text(all),
        }
    }
}
