//! `revline list`: what there is.

use super::arguments::{ListArguments, Listed};
use super::print::print;
use super::status::{Status, Unusable};
use revline::figure::FIGURES;
use revline_checker::guarantee::GUARANTEES;
use revline_reports::json::document;
use revline_scenarios::{catalogue, scenario};
use revline_sim::fault;
use revline_store::defect::Defect;
use serde::Serialize;
use std::fmt::Write;

/// One thing in a list.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    about: String,
    /// Of a defect: the guarantees that are violated when it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    violates: Option<&'static [&'static str]>,
    /// Of a fault: its cause in the real world.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Of a scenario: the sizes of cluster it draws from.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<u64>>,
}

/// Shows what the arguments ask for.
pub fn list(arguments: &ListArguments) -> Result<Status, Unusable> {
    let entries = match arguments.what {
        Listed::Schema => {
            print(&document(&scenario::schema()))?;
            return Ok(Status::Holds);
        }
        Listed::Scenarios => scenarios(),
        Listed::Guarantees => guarantees(),
        Listed::Faults => faults(),
        Listed::Defects => defects(),
        Listed::Figures => figures(),
    };
    print(&if arguments.json { document(&entries) } else { table(&entries) })?;
    Ok(Status::Holds)
}

fn entry(name: &str, about: &str) -> Entry {
    Entry { name: name.to_owned(), about: about.to_owned(), violates: None, cause: None, members: None }
}

fn scenarios() -> Vec<Entry> {
    let all = catalogue::all().into_iter();
    all.map(|scenario| Entry { members: Some(scenario.members), ..entry(&scenario.name, &scenario.about) })
        .collect()
}

fn guarantees() -> Vec<Entry> {
    GUARANTEES.iter().map(|guarantee| entry(guarantee.name, guarantee.about)).collect()
}

fn faults() -> Vec<Entry> {
    let kinds = fault::kinds().into_iter();
    kinds.map(|kind| Entry { cause: Some(kind.cause), ..entry(&kind.name, &in_lists(&kind.about)) }).collect()
}

/// A first line of documentation as the other lists have it: without a capital, and without a full stop.
fn in_lists(line: &str) -> String {
    let mut letters = line.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn defects() -> Vec<Entry> {
    let all = Defect::ALL.iter().map(|defect| defect.description());
    all.map(|defect| Entry { violates: Some(defect.guarantees), ..entry(defect.name, defect.rule) }).collect()
}

fn figures() -> Vec<Entry> {
    FIGURES.iter().map(|figure| entry(figure.name, figure.about)).collect()
}

fn table(entries: &[Entry]) -> String {
    let widest = entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Entry { name, about, violates, cause, .. } in entries {
        let violates = violates.map(|names| format!(" (violates {})", names.join(", "))).unwrap_or_default();
        let cause = cause.as_ref().map(|cause| format!(" (cause: {})", in_lists(cause))).unwrap_or_default();
        let _ = writeln!(text, "{name:widest$}  {about}{violates}{cause}");
    }
    text
}
