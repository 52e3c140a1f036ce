//! Runs the conformance fixtures: text files with requests and the answers etcd gives, side by side.
//!
//! A fixture is named after the line of the specification it covers. Lines that begin with `#` explain,
//! lines that begin with `>` are the answer to the command above them, everything else is a command (see
//! `parse.rs` and `script.rs`). Each file begins with an empty store.
//!
//! `REVLINE_REWRITE_FIXTURES=1 cargo test -p revline-store --test conformance` writes the present answers
//! into the files that differ, and fails; its changes are to be judged by reading the difference.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops where it goes wrong, and is told to rewrite its fixtures by the environment"
)]

#[path = "../harness/mod.rs"]
mod harness;

mod auth;
#[path = "../proxy/behind.rs"]
mod behind;
mod cluster_script;
mod coordination;
mod maintenance;
mod parse;
mod proxy_script;
mod script;
mod show;

use std::fs;
use std::path::{Path, PathBuf};

use revline_store::error::Error;
use script::Script;

#[test]
fn every_fixture_gets_the_answers_written_in_it() {
    let mut differing = Vec::new();
    for path in fixtures() {
        let written = fs::read_to_string(&path).unwrap();
        let actual = answer(&path, &written);
        if let Some(difference) = first_difference(&written, &actual) {
            differing.push(format!("{}:{difference}", path.display()));
            if std::env::var("REVLINE_REWRITE_FIXTURES").is_ok() {
                fs::write(&path, actual).unwrap();
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_line_of_the_specification_that_is_built_has_a_fixture() {
    let names: Vec<String> =
        fixtures().iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for line in 1..=25 {
        let prefix = format!("line-{line:02}-");
        assert!(names.iter().any(|name| name.starts_with(&prefix)), "no fixture for line {line}");
    }
}

/// Errors that no request can be answered with here, and why.
const OUT_OF_REACH: [Error; 0] = [];

#[test]
fn every_error_is_the_answer_to_something() {
    let texts: Vec<String> = fixtures()
        .iter()
        .filter(|path| !path.ends_with("errors.txt"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let answered = |error: &Error| {
        let (shown, text) = (show::error(error), error.to_string());
        texts.iter().flat_map(|text| text.lines()).any(|line| line.ends_with(&shown) || line.ends_with(&text))
    };
    let without: Vec<Error> = Error::ALL.iter().copied().filter(|error| !answered(error)).collect();
    assert_eq!(without, OUT_OF_REACH);
}

fn fixtures() -> Vec<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The fixture with the answers that this build gives.
fn answer(path: &Path, fixture: &str) -> String {
    let mut script = Script::new();
    let mut actual = String::new();
    let mut lines = fixture.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        if line.starts_with('>') {
            continue;
        }
        actual.push_str(line);
        actual.push('\n');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut command = vec![line];
        while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with(' ')) {
            actual.push_str(line);
            actual.push('\n');
            command.push(line);
        }
        let answers =
            script.run(&command).unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), number + 1));
        for answer in answers {
            actual.push_str(&format!("> {answer}\n"));
        }
    }
    actual
}

fn first_difference(written: &str, actual: &str) -> Option<String> {
    let mut written = written.lines();
    let mut actual = actual.lines();
    for number in 1.. {
        match (written.next(), actual.next()) {
            (None, None) => break,
            (w, a) if w == a => {}
            (w, a) => {
                let shown = |line: Option<&str>| line.unwrap_or("(end of file)").to_owned();
                return Some(format!("{number}:\n  written {}\n  actual  {}", shown(w), shown(a)));
            }
        }
    }
    None
}
