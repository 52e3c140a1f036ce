//! The fast path and the search, held against each other on generated histories.

use super::{Case, judge, linearizable};
use crate::history::generate::{Shape, legal};
use crate::history::{History, Outcome, Response};
use crate::linearizability::{Budget, Decision, Search};
use crate::spec::etcd::{Calls, Etcd};
use crate::verdict::Verdict;

fn by_search(history: &History) -> Option<bool> {
    let calls = Calls::of(history).calls;
    match Search::new(Etcd::default(), &calls).reads(Etcd::is_read).decide(&Budget::steps(200_000)) {
        Decision::Linearizable { .. } => Some(true),
        Decision::Illegal(_) => Some(false),
        Decision::Unknown { .. } => None,
    }
}

fn small(seed: u64) -> Shape {
    Shape {
        clients: 2 + (seed % 3) as u32,
        operations: 6 + (seed % 20) as usize,
        keys: 1 + seed % 3,
        values: if seed.is_multiple_of(2) { 2 } else { u64::MAX },
        unknown_percent: [0, 10, 40][(seed % 3) as usize],
        watchers: 0,
    }
}

/// Changes something that was answered; which and how is up to the seed.
fn flawed(mut history: History, seed: u64) -> History {
    let answered: Vec<usize> =
        (0..history.operations.len()).filter(|at| history.operations[*at].response().is_some()).collect();
    let Some(at) = answered.get(seed as usize % answered.len().max(1)).copied() else { return history };
    let Outcome::Ok(response) = &mut history.operations[at].outcome else { return history };
    match (seed / 7 % 6, response) {
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

#[test]
fn both_paths_agree_on_small_histories() {
    let (mut accepted, mut rejected, mut undecided) = (0, 0, 0);
    for seed in 0..6000 {
        let clean = legal(&small(seed), seed);
        let history = if seed % 4 == 0 { clean } else { flawed(clean, seed / 4) };
        let verdict = linearizable::by_line(&Case::new(&history));
        match (by_search(&history), &verdict) {
            (Some(true), Verdict::Holds { .. } | Verdict::Vacuous) => accepted += 1,
            (Some(false), Verdict::Violated { .. }) => rejected += 1,
            (None, _) | (_, Verdict::Unknown { .. }) => undecided += 1,
            (searched, verdict) => {
                panic!("seed {seed}: the search says {searched:?}, the line {verdict}\n{}", shown(&history))
            }
        }
    }
    assert!(accepted > 2000 && rejected > 1500 && undecided < 100, "{accepted} {rejected} {undecided}");
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

#[test]
fn nothing_is_found_in_legal_histories() {
    for seed in 0..300 {
        let values = if seed % 2 == 0 { 3 } else { u64::MAX };
        let unknown_percent = [0, 3, 15][(seed % 3) as usize];
        let watchers = (seed % 4) as u32;
        let shape = Shape { operations: 400, values, unknown_percent, watchers, ..Shape::default() };
        let verdicts = judge(&legal(&shape, seed));
        for (name, verdict) in verdicts.iter() {
            assert!(!verdict.is_violated(), "seed {seed} {shape:?}: {name} {verdict}");
            let open = matches!(verdict, Verdict::Unknown { .. });
            assert!(!open || watchers == 0, "seed {seed} {shape:?}: {name} {verdict}");
        }
    }
}
