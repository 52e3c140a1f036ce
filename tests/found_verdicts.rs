//! Small histories on which a judge may go wrong: each must end with its exit status, and name the guarantee that
//! is broken. Where they are absent, this test says so and passes.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]
#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::{Ended, Place};
use std::fs;
use std::path::Path;

/// A row of `verdicts.csv`: `file,exit,by,why`.
struct Row {
    file: String,
    exits: Vec<i32>,
    /// The guarantees of which one must be violated. Empty for a history that is not illegal.
    by: Vec<String>,
}

impl Row {
    fn parse(line: &str) -> Row {
        let fields: Vec<&str> = line.splitn(4, ',').collect();
        let [file, exits, by, _why] = fields[..] else { panic!("`{line}`: expected file,exit,by,why") };
        let either = |field: &str| -> Vec<String> {
            field.split(" or ").map(str::to_owned).filter(|one| !one.is_empty()).collect()
        };
        Row {
            file: file.to_owned(),
            exits: either(exits).iter().map(|exit| exit.parse().unwrap()).collect(),
            by: either(by),
        }
    }

    /// The objections to the verdicts on the history, if there are any.
    fn wrong(&self, ended: &Ended) -> Option<String> {
        if !self.exits.contains(&ended.status) {
            return Some(format!("exit status {}, expected {:?}: {ended:?}", ended.status, self.exits));
        }
        let is_violated = |name: &String| {
            ended.stdout.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(name.as_str()) && words.next() == Some("violated:")
            })
        };
        if !self.by.is_empty() && !self.by.iter().any(is_violated) {
            return Some(format!("none of {:?} is violated: {}", self.by, ended.stdout));
        }
        (ended.status == 2 && !ended.stderr.contains(&self.file)).then(|| format!("no place: {ended:?}"))
    }
}

#[test]
fn every_history_that_was_found_is_judged_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/found");
    let Ok(rows) = fs::read_to_string(folder.join("verdicts.csv")) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let place = Place::new();
    let histories = folder.join("histories");
    let rows: Vec<Row> = rows.lines().skip(1).map(Row::parse).collect();
    assert!(!rows.is_empty(), "{} has no rows", folder.display());
    let judged = |row: &Row| place.call(&format!("check {}", histories.join(&row.file).display()));
    let wrong = rows.iter().filter_map(|row| Some(format!("{}: {}", row.file, row.wrong(&judged(row))?)));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
