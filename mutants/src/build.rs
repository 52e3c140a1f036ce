//! Compiles the store with its mutants, and drops those that do not compile.

use crate::Failure;
use crate::mutant::Identity;
use crate::pool::Pool;
use crate::workshop::{Workshop, read, write};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The most rounds of compiling: each shows errors that the ones before hid.
const ROUNDS_MAX: usize = 40;

/// The store with mutants, compiled.
pub struct Built {
    /// The mutants.
    pub pool: Pool,
    /// The program that runs plans.
    pub runner: PathBuf,
}

/// Makes the copy and compiles it.
pub fn build(workshop: &Workshop) -> Result<Built, Failure> {
    workshop.set_up()?;
    let kept = workshop.place.join("dropped.json");
    let mut dropped: BTreeSet<Identity> =
        read(&kept).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for round in 1..=ROUNDS_MAX {
        let mut pool = Pool::find(workshop, &dropped)?;
        pool.write(workshop)?;
        eprintln!("compiling {} mutants, round {round}", pool.mutants.len());
        let errors = check(workshop)?;
        if errors.is_empty() {
            let runner = compile(workshop)?;
            return Ok(Built { pool, runner });
        }
        let numbers: BTreeSet<usize> = errors.iter().flat_map(|error| culprits(&pool, error)).collect();
        if numbers.is_empty() {
            return Err(Failure::at(
                "the store with mutants",
                format!("does not compile: {}", errors[0].message),
            ));
        }
        eprintln!("{} errors, {} mutants dropped", errors.len(), numbers.len());
        dropped.extend(numbers.iter().map(|number| pool.mutants[number - 1].identity.clone()));
        let text = serde_json::to_string(&dropped).map_err(|error| Failure::at(kept.display(), error))?;
        write(&kept, &text)?;
    }
    Err(Failure::at("the store with mutants", "there is no end to errors"))
}

/// A message of cargo.
#[derive(Deserialize)]
struct Message {
    message: Option<Diagnostic>,
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// A message of the compiler.
#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

/// The mutants that an error is about: those whose own text it points at; otherwise those of the innermost switch around
/// it; otherwise those of the nearest switches.
fn culprits(pool: &Pool, error: &Diagnostic) -> Vec<usize> {
    let mut spans: Vec<&Span> =
        error.spans.iter().chain(error.children.iter().flat_map(|child| &child.spans)).collect();
    spans.sort_by_key(|span| !span.is_primary);
    let places = |span: &Span| {
        span.file_name
            .strip_prefix("store/src/")
            .and_then(|file| pool.places.get(file))
            .map_or(&[][..], |places| places)
    };
    for own in [true, false] {
        for span in &spans {
            let around = places(span).iter().filter(|place| {
                place.own == own && place.range.start <= span.byte_start && span.byte_end <= place.range.end
            });
            let Some(least) = around.clone().map(|place| place.range.len()).min() else { continue };
            return around.filter(|place| place.range.len() == least).map(|place| place.number).collect();
        }
    }
    // Something is not set any more, say: what is left out lies before, or within what is pointed at.
    for span in &spans {
        let within = places(span)
            .iter()
            .filter(|place| span.byte_start <= place.range.start && place.range.end <= span.byte_end);
        let within: Vec<usize> = within.map(|place| place.number).collect();
        if !within.is_empty() {
            return within;
        }
        let before = places(span).iter().filter(|place| !place.own && place.range.end <= span.byte_start);
        if let Some(nearest) = before.max_by_key(|place| place.range.end) {
            return vec![nearest.number];
        }
    }
    Vec::new()
}

/// Cargo in the copy. What others made is shared with the build of the workspace itself.
pub fn cargo(workshop: &Workshop, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workshop.copy()).stdin(Stdio::null());
    command.arg("--target-dir").arg(workshop.root.join("target"));
    command
}

fn messages(command: &mut Command) -> Result<(bool, String, Vec<Message>), Failure> {
    let output =
        command.arg("--message-format=json").output().map_err(|error| Failure::at("cargo", error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned(), messages))
}

fn check(workshop: &Workshop) -> Result<Vec<Diagnostic>, Failure> {
    let (success, said, messages) = messages(&mut cargo(
        workshop,
        &["check", "--offline", "-p", "revline-store", "--features", "defects"],
    ))?;
    let errors: Vec<Diagnostic> = messages
        .into_iter()
        .filter_map(|message| message.message)
        .filter(|message| message.level == "error" && !message.spans.is_empty())
        .collect();
    if !success && errors.is_empty() {
        return Err(Failure::at("cargo check", said));
    }
    Ok(errors)
}

fn compile(workshop: &Workshop) -> Result<PathBuf, Failure> {
    let arguments = ["build", "--offline", "--release", "-p", "revline-mutant-runner"];
    let (success, said, messages) = messages(&mut cargo(workshop, &arguments))?;
    if !success {
        return Err(Failure::at("cargo build", said));
    }
    let built = messages.into_iter().filter_map(|message| message.executable).next_back();
    built.ok_or_else(|| Failure::at("cargo build", "made no program"))
}

/// The programs of the store's own tests, by their names.
pub fn unit_tests(workshop: &Workshop) -> Result<Vec<(String, PathBuf)>, Failure> {
    let arguments = ["test", "--offline", "--no-run", "-p", "revline-store", "--lib", "--tests"];
    let (success, said, messages) = messages(&mut cargo(workshop, &arguments))?;
    if !success {
        return Err(Failure::at("cargo test", said));
    }
    Ok(messages.into_iter().filter_map(|message| Some((message.target?.name, message.executable?))).collect())
}
