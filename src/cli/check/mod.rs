//! `revline check`: histories that were recorded elsewhere.

mod judge;

use super::arguments::{CheckArguments, ModelName};
use super::print::print;
use super::status::{Status, Unusable};
use revline_checker::import::{self, Imported};
use revline_checker::verdict::{Verdict, Verdicts};
use revline_reports::json::{VERSION, document};
use revline_reports::terminal;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is said of one history.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    model: &'static str,
    operations: usize,
    verdict: &'static str,
    wall_ms: f64,
    guarantees: Verdicts,
}

/// What is said of all.
#[derive(Debug, Serialize)]
struct CheckDocument {
    revline: &'static str,
    histories: Vec<Checked>,
}

/// Judges what the arguments name. Histories that cannot be read are told, and the others judged.
pub fn check(arguments: &CheckArguments) -> Result<Status, Unusable> {
    let mut histories = Vec::new();
    let mut unusable = Vec::new();
    for path in &arguments.paths {
        match check_one(path, arguments) {
            Ok(checked) => {
                if !arguments.json {
                    print(&line(&checked))?;
                }
                histories.push(checked);
            }
            Err(error) => unusable.push(error.to_string()),
        }
    }
    let status = histories.iter().map(|checked| status(&checked.guarantees)).max().unwrap_or(Status::Holds);
    if arguments.json && unusable.is_empty() {
        print(&document(&CheckDocument { revline: VERSION, histories }))?;
    }
    if unusable.is_empty() { Ok(status) } else { Err(Unusable::new(unusable.join("\nerror: "))) }
}

fn check_one(path: &Path, arguments: &CheckArguments) -> Result<Checked, Unusable> {
    let format = arguments.format.map(Into::into);
    let file = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
    let imported = if is_stdin(path) {
        import::read(std::io::stdin().lock(), &file, format)?
    } else {
        import::read_path(path, format)?
    };
    let model = model_of(&imported);
    if arguments.model.is_some_and(|wanted| wanted != model) {
        let wanted = arguments.model.map_or("", ModelName::name);
        return Err(Unusable::new(format!(
            "{file}: this is a history of `{}`; it cannot be judged by the model `{wanted}`",
            model.name()
        )));
    }
    let began = Instant::now();
    let budget = Duration::from_secs(arguments.budget);
    let (operations, guarantees) = judge::judge(&imported, &|| began.elapsed() > budget);
    Ok(Checked {
        file,
        model: model.name(),
        operations,
        verdict: word(&guarantees),
        wall_ms: began.elapsed().as_secs_f64() * 1e3,
        guarantees,
    })
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn model_of(imported: &Imported) -> ModelName {
    match imported {
        Imported::Register(_) => ModelName::Register,
        Imported::AppendKv(_) => ModelName::AppendKv,
        Imported::Etcd(_) => ModelName::Etcd,
    }
}

/// The verdict on a history. One in which there is nothing to examine is undecided: it did not pass.
fn status(guarantees: &Verdicts) -> Status {
    match Status::of(guarantees) {
        Status::Holds if guarantees.iter().all(|(_, verdict)| *verdict == Verdict::Vacuous) => {
            Status::Undecided
        }
        status => status,
    }
}

fn word(guarantees: &Verdicts) -> &'static str {
    match status(guarantees) {
        Status::Holds => "holds",
        Status::Violated => "violated",
        Status::Undecided if guarantees.any_unknown() => "unknown",
        Status::Undecided => "vacuous",
    }
}

/// A line for the history, and lines for what was not in order.
fn line(checked: &Checked) -> String {
    let Checked { file, model, operations, verdict, wall_ms, guarantees } = checked;
    let judged = guarantees.iter().filter(|(_, verdict)| **verdict != Verdict::Vacuous).count();
    let guarantee = if judged == 1 { "guarantee" } else { "guarantees" };
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{file}: {verdict} ({model}, {operations} operations, {judged} {guarantee} judged, {wall_ms:.0} ms)"
    );
    let mut shown = guarantees.clone();
    let holds = |name: &str| guarantees.get(name).is_some_and(|v| v.holds() || *v == Verdict::Vacuous);
    shown.retain(|name| !holds(name));
    text.push_str(&terminal::verdicts(&shown));
    text
}
