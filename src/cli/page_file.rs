//! The file of a page: what a run or a history was, for people.

use super::print::complain;
use super::status::Unusable;
use revline_checker::history::History;
use revline_checker::verdict::Verdicts;
use revline_reports::json::VERSION;
use revline_reports::page::{Subject, page};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::plan::Plan;
use revline_scenarios::{Outcome, TraceHash, whole_file};
use revline_sim::proxy_names;
use std::path::Path;

/// The subject of the page of a run. `replay` is the command that runs it again.
pub(super) fn subject_of(plan: &Plan, outcome: &Outcome, replay: String) -> Subject {
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
    Subject { title: plan.name().to_string(), replay: Some(replay), failure: None, facts, servers }
}

/// Writes the page of a bundle beside it, under its name with the ending `html`. A page that cannot be written is
/// complained of: the bundle is what counts.
pub(super) fn beside(bundle: &Bundle, file: &Path) {
    let Ok(replay) = bundle.replay(false) else { return };
    let outcome = &replay.outcome;
    let subject = subject_of(&bundle.plan, outcome, format!("revline replay {}", file.display()));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".bundle.json").or(name.strip_suffix(".json")).unwrap_or(&name);
    let page = file.with_file_name(format!("{stem}.html"));
    if let Err(error) = write(&page, &subject, &outcome.history, &outcome.verdicts) {
        complain(&format!("error: {error}"));
    }
}

/// Writes the page of a history.
pub(super) fn write(
    file: &Path,
    subject: &Subject,
    history: &History,
    verdicts: &Verdicts,
) -> Result<(), Unusable> {
    let cannot = |error| Unusable::new(format!("{}: cannot write the page: {error}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let text = page(subject, history, verdicts);
    whole_file::write(file, |out| out.write_all(text.as_bytes())).map_err(cannot)
}
