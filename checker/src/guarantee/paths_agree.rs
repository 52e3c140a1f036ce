//! The fast path and the search, held against each other on generated histories.

use super::{Case, judge, linearizable};
use crate::history::generate::{Shape, legal};
use crate::history::{History, Outcome, Response, Watch};
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

/// A watch of all keys with at least four frames, and the second of those with events.
fn busy_watch(history: &mut History) -> Option<(&mut Watch, usize)> {
    let watch = history
        .watches
        .iter_mut()
        .find(|watch| watch.frames.len() > 5 && !watch.request.range_end.is_empty())?;
    let frame = watch.frames.iter().enumerate().filter(|(_, frame)| !frame.events.is_empty()).nth(1)?.0;
    Some((watch, frame))
}

#[test]
fn each_flaw_of_a_watch_is_found_by_its_guarantee() {
    type Edit = fn(&mut Watch, usize);
    let edits: [(&str, Edit); 6] = [
        ("watch-reliable", |watch, at| drop(watch.frames.remove(at))),
        ("watch-reliable", |watch, at| watch.frames[at].events[0].kv.value = "other".into()),
        ("watch-unique", |watch, at| {
            let again = watch.frames[at].events[0].clone();
            watch.frames[at].events.insert(0, again);
        }),
        ("watch-ordered", |watch, at| watch.frames.swap(at, at + 1)),
        ("revision", |watch, at| watch.frames[at].events[0].kv.create_revision -= 1),
        ("watch-resumable", |watch, _| {
            watch.frames.retain(|frame| frame.events.is_empty());
            watch.request.start_revision += 3;
        }),
    ];
    for (at, (guarantee, edit)) in edits.into_iter().enumerate() {
        let mut found = 0;
        for seed in 0..40 {
            let shape = Shape { operations: 300, watchers: 4, ..Shape::default() };
            let mut history = legal(&shape, seed);
            let watch = match guarantee {
                "watch-resumable" => {
                    history.watches.iter_mut().find(|watch| watch.resumes.is_some()).map(|watch| (watch, 0))
                }
                _ => busy_watch(&mut history),
            };
            let Some((watch, frame)) = watch else { continue };
            if guarantee == "revision" && watch.frames[frame].events[0].kv.create_revision == 0 {
                continue;
            }
            edit(watch, frame);
            let verdicts = judge(&history);
            match verdicts.get(guarantee) {
                Some(Verdict::Violated { .. }) => found += 1,
                // A resumed watch may have had nothing to deliver in what was cut away.
                verdict => assert_eq!(guarantee, "watch-resumable", "seed {seed}, edit {at}: {verdict:?}"),
            }
        }
        assert!(found > 5, "edit {at}: found {found} times");
    }
}
