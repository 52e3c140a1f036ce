//! `revline check`: histories that were recorded elsewhere.

mod effort;
mod source;
mod stream;
mod time;

use super::arguments::{CheckArguments, ModelName};
use super::interrupt::Interrupt;
use super::page_file::Pages;
use super::print::{complain, complain_of, print, status_after};
use super::status::{Status, Unusable};
use effort::Clock;
use revline_checker::import::{Format, Ignored, ImportError, Imported, Read, Reading};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;
use revline_checker::verdict::{Verdict, Verdicts};
use revline_reports::json::{VERSION, document};
use revline_reports::verdicts;
use serde::Serialize;
use source::Source;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use stream::Told;
use time::Time;

/// The result of checking one history.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    model: &'static str,
    operations: usize,
    verdict: &'static str,
    wall_ms: f64,
    /// Fields that are not known, by how often they were passed over.
    ignored_fields: Ignored,
    guarantees: Verdicts,
}

/// A history that could not be read.
#[derive(Debug, Serialize)]
struct Unread {
    file: String,
    error: String,
}

/// The results of all histories.
#[derive(Debug, Serialize)]
struct CheckDocument {
    revline: &'static str,
    histories: Vec<Checked>,
    errors: Vec<Unread>,
}

/// Judges what the arguments name. Histories that cannot be read are told, and the others judged.
pub fn check(arguments: &CheckArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let mut histories = Vec::new();
    let mut unusable = Vec::new();
    let mut pages = Pages::new(&arguments.out);
    let mut printed = Ok(());
    for path in arguments.paths.iter().take_while(|_| !interrupt.came()) {
        match check_one(path, arguments) {
            Ok(checked) => {
                if !arguments.json {
                    printed = printed.and_then(|()| print(&line(&checked)));
                }
                write_page(path, &checked, arguments, &mut pages);
                histories.push(checked);
            }
            Err(error) => {
                unusable.push(Unread { file: path.display().to_string(), error: error.to_string() });
            }
        }
    }
    let said: Vec<String> = unusable.iter().map(|unread| unread.error.clone()).collect();
    let status = histories.iter().map(|checked| status(&checked.guarantees)).max().unwrap_or(Status::Holds);
    if arguments.json && !histories.is_empty() {
        printed = print(&document(&CheckDocument { revline: VERSION, histories, errors: unusable }));
    }
    if said.is_empty() { status_after(printed, status) } else { Err(Unusable::new(said.join("\nerror: "))) }
}

/// Writes the page of a history that violates a guarantee, unless it cannot be read again. One that cannot be written is
/// complained of: the verdict is what counts.
fn write_page(path: &Path, checked: &Checked, arguments: &CheckArguments, pages: &mut Pages<'_>) {
    // A pipe is read once.
    let is_there = path.is_file() || path.is_dir();
    if arguments.no_page || !checked.guarantees.any_violated() || !is_there {
        return;
    }
    let written = match reading(arguments).path(path) {
        // Other models have no page.
        Ok(Read { history: Imported::Etcd(history), .. }) => {
            pages.of_history(path, &history, &checked.guarantees)
        }
        Ok(_) => return,
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(page) => complain(&format!("page     {}", page.display())),
        Err(error) => complain_of(&error),
    }
}

fn reading(arguments: &CheckArguments) -> Reading {
    let format = arguments.format.map(Into::into);
    Reading { format, ignore_unknown_fields: arguments.ignore_unknown_fields }
}

fn check_one(path: &Path, arguments: &CheckArguments) -> Result<Checked, Unusable> {
    let mut time = Time::of(Duration::from_secs(arguments.budget));
    let reading = reading(arguments);
    let format = reading.format;
    let is_stdin = path == Path::new("-");
    if !is_stdin && path.is_dir() {
        let read = reading.path(path)?;
        return judged(&path.display().to_string(), read, arguments, &mut time);
    }
    let mut source = Source::open((!is_stdin).then_some(path))?;
    let file = source.name().to_owned();
    let format = format.map_or_else(|| source.format(), Ok)?;
    let mut is_slow = false;
    let input = if format == Format::Jsonl {
        refuse_other(ModelName::Etcd, &file, arguments)?;
        let told = stream::judge(&file, source.first()?, &mut time).map_err(ImportError::from)?;
        if let Told::Judged(operations, guarantees) = told {
            return Ok(checked(file, ModelName::Etcd, operations, guarantees, &time));
        }
        is_slow = matches!(told, Told::Slow);
        source.again()?
    } else {
        source.once()?
    };
    let read = Reading { format: Some(format), ..reading }.reader(input, &file)?;
    match &read.history {
        Imported::Etcd(history) if is_slow => {
            let judge = Judge::new(history).unproven();
            let guarantees = time.spend_within(|stop| judge.budget(Budget::until(stop)).run());
            Ok(checked(file, ModelName::Etcd, history.operations.len(), guarantees, &time))
        }
        _ => judged(&file, read, arguments, &mut time),
    }
}

/// Judges a history in memory.
fn judged(file: &str, read: Read, arguments: &CheckArguments, time: &mut Time) -> Result<Checked, Unusable> {
    let model = model_of(&read.history);
    refuse_other(model, file, arguments)?;
    let clock = Clock::start(arguments.explain);
    let explain = || clock.is_over();
    let judge = Judge::new(&read.history).threads(threads()).explain(clock.effort(&explain));
    let guarantees = time.spend_within(|stop| judge.budget(Budget::until(stop)).run());
    let operations = read.history.operations();
    let checked = checked(file.to_owned(), model, operations, guarantees, time);
    Ok(Checked { ignored_fields: read.ignored, ..checked })
}

/// The threads that the machine runs at a time.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn checked(file: String, model: ModelName, operations: usize, guarantees: Verdicts, time: &Time) -> Checked {
    let (verdict, wall_ms) = (word(&guarantees), time.spent_ms());
    let ignored_fields = Ignored::new();
    Checked { file, model: model.name(), operations, verdict, wall_ms, ignored_fields, guarantees }
}

/// Refuses a history of another model than is wanted.
fn refuse_other(model: ModelName, file: &str, arguments: &CheckArguments) -> Result<(), Unusable> {
    match arguments.model {
        Some(wanted) if wanted != model => Err(Unusable::new(format!(
            "{file}: this is a history of `{}`; it cannot be judged by the model `{}`",
            model.name(),
            wanted.name()
        ))),
        _ => Ok(()),
    }
}

fn model_of(imported: &Imported) -> ModelName {
    match imported {
        Imported::Register(_) | Imported::Registers(_) => ModelName::Register,
        Imported::Mutexes(_) => ModelName::Mutex,
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
    let Checked { file, model, operations, verdict, wall_ms, ignored_fields, guarantees } = checked;
    let judged = guarantees.iter().filter(|(_, verdict)| **verdict != Verdict::Vacuous).count();
    let guarantee = if judged == 1 { "guarantee" } else { "guarantees" };
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{file}: {verdict} ({model}, {operations} operations, {judged} {guarantee} judged, {wall_ms:.0} ms)"
    );
    if !ignored_fields.is_empty() {
        let each = |(field, count): (&String, &u64)| format!("{field} ({count})");
        let fields: Vec<String> = ignored_fields.iter().map(each).collect();
        let _ = writeln!(text, "  judged without fields that are not known: {}", fields.join(", "));
    }
    let mut shown = guarantees.clone();
    let holds = |name: &str| guarantees.get(name).is_some_and(|v| v.holds() || *v == Verdict::Vacuous);
    shown.retain(|name| !holds(name));
    text.push_str(&verdicts::text(&shown));
    text
}
