//! Every command that the documents show works, and ends as they say.
//!
//! A `console` block holds commands after `$ `. A command ends with status 0, unless `$ echo $?` and another
//! status follow it. Lines that begin with `error: ` are what it says; other output is for the reader, but that of README.md is
//! what is printed, up to ` ...`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: a panic is its message, and PATH is where shells look"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command in a document, and how it should end.
#[derive(Debug)]
struct Shown {
    place: String,
    command: String,
    status: i32,
    errors: Vec<String>,
    output: Vec<String>,
}

/// The commands of a document.
fn commands(name: &str, text: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let (mut inside, mut asked) = (false, false);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if !inside {
        } else if line == "$ echo $?" {
            asked = true;
        } else if let Some(command) = line.strip_prefix("$ ") {
            shown.push(Shown {
                place: format!("{name}:{}", number + 1),
                command: command.to_owned(),
                status: 0,
                errors: Vec::new(),
                output: Vec::new(),
            });
        } else if let Some(last) = shown.last_mut() {
            if std::mem::take(&mut asked) {
                last.status = line.parse().unwrap();
            } else if line.starts_with("error: ") {
                last.errors.push(line.to_owned());
            } else {
                last.output.push(line.to_owned());
            }
        }
    }
    shown
}

/// The command to run for a shown one; `None` for those that would run the tests themselves, or fetch the project.
fn runnable(command: &str) -> Option<String> {
    match command.strip_prefix("cargo run --release") {
        // The whole catalogue, but not all its seeds: this is not a release build.
        Some("") => Some("revline --seeds 1".to_owned()),
        Some(arguments) => Some(format!("revline{}", arguments.strip_prefix(" --").unwrap())),
        None if command.contains("cargo ") || command.starts_with("git ") => None,
        None => Some(command.to_owned()),
    }
}

fn runs_as_shown(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("docs"), place.path().join("docs")).unwrap();
    let text = fs::read_to_string(root.join(name)).unwrap();
    let shown = commands(name, &text);
    assert!(!shown.is_empty(), "{name} shows no command");
    let program = Path::new(env!("CARGO_BIN_EXE_revline")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    for Shown { place: line, command, status, errors, output: printed } in shown {
        let Some(run) = runnable(&command) else { continue };
        let output = Command::new("sh")
            .args(["-c", &run])
            .current_dir(place.path())
            .env("PATH", &path)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{line}: `{command}`: {stderr}");
        for error in errors {
            assert!(stderr.contains(&error), "{line}: `{command}` should say `{error}`: {stderr}");
        }
        let stdout = String::from_utf8_lossy(&output.stdout);
        for printed in printed.iter().filter(|_| name == "README.md") {
            // `...` alone stands for lines that are left out.
            assert!(
                printed.trim() == "..." || stdout.contains(printed.trim_end_matches(" ...")),
                "{line}: `{command}` does not print `{printed}`: {stdout}"
            );
        }
    }
}

/// Every document that shows a command.
fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let guide = guide.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let name = |path: std::path::PathBuf| path.strip_prefix(root).unwrap().display().to_string();
    let mut names: Vec<String> = guide.map(name).chain(["README.md".to_owned()]).collect();
    names.retain(|name| fs::read_to_string(root.join(name)).unwrap().contains("```console"));
    names.sort();
    names
}

#[test]
fn every_document_shows_what_works() {
    let documents = documents();
    for expected in ["README.md", "docs/cli.md", "docs/scenarios.md", "docs/ci.md"] {
        assert!(documents.iter().any(|name| name == expected), "{expected} shows no command");
    }
    documents.iter().for_each(|name| runs_as_shown(name));
}

#[test]
fn the_scenario_that_the_guide_shows_is_the_one_that_it_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/scenarios.md")).unwrap();
    let example = "docs/examples/leader-loses-power.json";
    let text = fs::read_to_string(root.join(example)).unwrap();
    assert!(guide.contains(&format!("```json\n{text}```")));
    let is_run = |shown: &Shown| shown.command.starts_with(&format!("revline run {example}"));
    assert!(commands("docs/scenarios.md", &guide).iter().any(is_run));
}
