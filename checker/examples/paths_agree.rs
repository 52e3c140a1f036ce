//! Holds the ways to judge linearizability, by the line of revisions, by search, and while it is told, against each
//! other on generated histories: `paths_agree [HISTORIES [FIRST_SEED]]`, by default 100 000 from 0.
//!
//! `cargo run --release -p revline-checker --example paths_agree`
//!
//! A third of the histories is legal, a third has a flaw of the generator, a third an edit of one answer,
//! which may or may not leave it legal. Two that disagree are shown, and end the run with status 1.
#![allow(clippy::disallowed_macros, reason = "shows what it found, to people")]

use revline_checker::generate::{Flaw, Shape, flawed, legal};
use revline_checker::history::{History, Outcome, Response};
use revline_checker::search::{Budget, Decision, Search};
use revline_checker::spec::etcd::{Calls, Etcd};
use revline_checker::testing::{linearizable_by_replay, prove};
use revline_checker::verdict::Verdict;
use std::fmt;
use std::process::ExitCode;

#[allow(dead_code, reason = "the test that includes this file has an entrance of its own")]
fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map_while(|number| number.parse().ok());
    let (count, first) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(0));
    match compare(first, count) {
        Ok(tally) => {
            println!("{tally}");
            ExitCode::SUCCESS
        }
        Err(difference) => {
            println!("{difference}");
            ExitCode::FAILURE
        }
    }
}

/// The outcomes of both ways, in numbers of histories.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Both accepted.
    pub accepted: u64,
    /// Both rejected.
    pub rejected: u64,
    /// The line left it open.
    pub open_by_line: u64,
    /// The search did not end within its budget.
    pub open_by_search: u64,
    /// The stream proved what the others accepted.
    pub proven: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { accepted, rejected, open_by_line, open_by_search, proven } = self;
        write!(
            f,
            "both accept {accepted}, both reject {rejected}; left open by the line {open_by_line}, by the search {open_by_search}; the stream proved {proven}; they never disagree"
        )
    }
}

/// Compares `count` histories; an error is the first on which the two disagree.
pub fn compare(first: u64, count: u64) -> Result<Tally, String> {
    let mut tally = Tally::default();
    // Not every flaw has a place in every history.
    let histories = (first..).filter_map(|seed| Some((seed, history(seed)?)));
    for (seed, history) in histories.take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let (searched, read) = (by_search(&history), linearizable_by_replay(&history));
        // Without watches it is often open who made a revision, and the stream leaves it at that.
        if prove(&history).is_ok() {
            if searched == Some(false) || read.is_violated() {
                return Err(format!("seed {seed}: the stream proved what is {read}\n{}", shown(&history)));
            }
            tally.proven += 1;
        }
        match (searched, read) {
            (_, Verdict::Unknown { .. }) => tally.open_by_line += 1,
            (None, _) => tally.open_by_search += 1,
            (Some(true), Verdict::Holds { .. } | Verdict::Vacuous) => tally.accepted += 1,
            (Some(false), Verdict::Violated { .. }) => tally.rejected += 1,
            (Some(is_legal), verdict) => {
                let search = if is_legal { "legal" } else { "illegal" };
                return Err(format!(
                    "seed {seed}: to the search it is {search}, to the line {verdict}\n{}",
                    shown(&history)
                ));
            }
        }
    }
    Ok(tally)
}

fn by_search(history: &History) -> Option<bool> {
    let calls = Calls::of(history).calls;
    match Search::new(Etcd::default(), &calls).reads(Etcd::is_read).decide(&Budget::steps(200_000)) {
        Decision::Linearizable { .. } => Some(true),
        Decision::Illegal(_) => Some(false),
        Decision::Unknown { .. } => None,
    }
}

fn history(seed: u64) -> Option<History> {
    let number = seed / 3;
    let shape = Shape {
        operations: 6 + (number % 25) as usize,
        clients: 2 + (number % 3) as u32,
        keys: 2 + number % 3,
        values: if number.is_multiple_of(2) { 2 } else { u64::MAX },
        unknown_percent: [0, 10, 40][(number % 3) as usize],
        watchers: 0,
        compact_every: 8,
        ..Shape::default()
    };
    match seed % 3 {
        0 => Some(legal(&shape, seed)),
        1 => flawed(&shape, seed, Flaw::ALL[number as usize % Flaw::ALL.len()]),
        _ => Some(edited(legal(&shape, seed), number)),
    }
}

/// Changes something that was answered; which and how is up to the number.
fn edited(mut history: History, number: u64) -> History {
    let answered: Vec<usize> =
        (0..history.operations.len()).filter(|at| history.operations[*at].response().is_some()).collect();
    let Some(at) = answered.get(number as usize % answered.len().max(1)).copied() else { return history };
    let Outcome::Ok(response) = &mut history.operations[at].outcome else { return history };
    match (number / 7 % 6, response) {
        (0, Response::Range(range)) if !range.kvs.is_empty() => range.kvs[0].value = "other".into(),
        (1, Response::Range(range)) if !range.kvs.is_empty() => drop(range.kvs.remove(0)),
        (2, Response::Range(range)) if !range.kvs.is_empty() => range.kvs[0].version += 1,
        (0..=3, Response::Range(range)) => range.header.revision = (range.header.revision - 1).max(1),
        (0..=3, Response::Put(put)) => put.header.revision = (put.header.revision - 1).max(2),
        (_, Response::Txn(txn)) => txn.header.revision += 1,
        _ => drop(history.operations.remove(at)),
    }
    history
}

fn shown(history: &History) -> String {
    let lines = history.operations.iter().enumerate().map(|(index, operation)| {
        format!(
            "#{index} {} [{}..{:?}] {operation}\n",
            operation.client, operation.invoke_ns, operation.return_ns
        )
    });
    lines.collect()
}
