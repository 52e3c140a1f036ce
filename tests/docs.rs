//! Every command that the documents show works, and ends as they say.
//!
//! What is no error is for the reader, but the output of README.md is what is printed, up to ` ...`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: a panic is its message, and PATH is where shells look"
)]

mod shown;

use shown::{Shown, commands};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// The document whose commands build a package of their own: tests/new_suite.rs runs it.
const OF_A_NEW_SUITE: &str = "docs/testing-your-service.md";

/// Every other document that shows a command.
fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let guide = guide.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let name = |path: std::path::PathBuf| path.strip_prefix(root).unwrap().display().to_string();
    let mut names: Vec<String> = guide.map(name).chain(["README.md".to_owned()]).collect();
    names.retain(|name| fs::read_to_string(root.join(name)).unwrap().contains("```console"));
    names.retain(|name| name != OF_A_NEW_SUITE);
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
