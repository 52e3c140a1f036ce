//! Runs every plan in `scenarios/regressions` again, judged by every guarantee.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: a panic is its message, and the files are those of the folder"
)]

use revline::scenarios::execute;
use revline::scenarios::regression::Regression;
use std::fs;
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/regressions");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The objections to a run of a regression, and its trace hash.
fn run(kept: &Regression) -> (Vec<String>, u64) {
    match execute(&kept.plan, false) {
        Ok(outcome) => (kept.objections(&outcome.verdicts), outcome.trace.hash()),
        Err(panicked) => (vec![format!("{panicked:?}")], 0),
    }
}

#[test]
fn nothing_that_was_mended_is_wrong_again() {
    let files = files();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let kept = Regression::read(&file).unwrap_or_else(|error| panic!("{error}"));
        let ((objections, first), (_, second)) = (run(&kept), run(&kept));
        wrong.extend(objections.into_iter().map(|objection| format!("{name}: {objection}")));
        if first != second {
            wrong.push(format!("{name}: two runs have two traces, {first:016x} and {second:016x}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_regression_that_no_longer_exercises_what_it_is_kept_for_is_wrong() {
    let all = files().into_iter().map(|file| Regression::read(&file).unwrap());
    let mut kept = all.into_iter().find(|kept| kept.must_hold == ["lease-alive"]).unwrap();
    kept.plan.clients.clear();
    kept.plan.faults.clear();
    // Leases and locks are asked for in every world, once it has settled.
    kept.must_hold = vec!["compaction".to_owned()];
    let (objections, _) = run(&kept);
    assert_eq!(objections, ["compaction: vacuous"]);
}
