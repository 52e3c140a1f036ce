//! A report of etcd's robustness tests, as it was recorded: every guarantee is decided, and each flaw that is
//! put in is found by a guarantee that fits. Where the report is absent, these tests say so and pass.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]

use revline_checker::history::{History, Outcome, Request, Response, Revision};
use revline_checker::import::{Imported, read_path};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdict;
use std::path::Path;

fn report() -> Option<History> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/etcd-robustness/2023-06");
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return None;
    }
    match read_path(&folder, None).unwrap_or_else(|error| panic!("{error}")) {
        Imported::Etcd(history) => Some(history),
        other => panic!("{other:?} is no history of etcd"),
    }
}

#[test]
fn it_is_read_whole() {
    let Some(history) = report() else { return };
    let unknown = |outcome: &Outcome| matches!(outcome, Outcome::Unknown(_));
    assert_eq!(history.operations.len(), 1144);
    assert_eq!(history.operations.iter().filter(|operation| unknown(&operation.outcome)).count(), 61);
    assert_eq!(history.watches.iter().map(|watch| watch.events().count()).sum::<usize>(), 6461);
}

#[test]
fn every_guarantee_is_decided_and_none_is_broken() {
    let Some(history) = report() else { return };
    let verdicts = Judge::new(&history).run();
    for (name, verdict) in verdicts.iter() {
        println!("{name}: {verdict}");
        assert!(matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous), "{name}: {verdict}");
    }
    let holding = [
        "linearizable",
        "revision",
        "durable",
        "watch-ordered",
        "watch-unique",
        "watch-atomic",
        "watch-reliable",
    ];
    for name in holding {
        assert!(verdicts.get(name).is_some_and(Verdict::holds), "{name} was not exercised");
    }
}

/// Breaks the report at places that `edit` finds, `step` apart, and looks who notices.
#[track_caller]
fn broken_by(step: usize, edit: impl Fn(&mut History, usize) -> bool, fitting: &[&str]) {
    let Some(history) = report() else { return };
    let mut edits = 0;
    for at in (0..).step_by(step) {
        let mut edited = history.clone();
        if !edit(&mut edited, at) {
            break;
        }
        edits += 1;
        let verdicts = Judge::new(&edited).run();
        let found: Vec<&str> = verdicts.violations().map(|(name, _)| name).collect();
        assert!(found.iter().any(|name| fitting.contains(name)), "edit {at}: {found:?}, not {fitting:?}");
    }
    assert!(edits > 3, "only {edits} places to edit");
}

#[test]
fn a_value_that_was_changed_is_noticed() {
    let edit = |history: &mut History, at: usize| {
        let reads = history.operations.iter_mut().filter_map(|operation| match &mut operation.outcome {
            Outcome::Ok(Response::Range(range)) if !range.kvs.is_empty() => Some(range),
            _ => None,
        });
        let Some(read) = reads.into_iter().nth(at) else { return false };
        let middle = read.kvs.len() / 2;
        read.kvs[middle].value = "another".into();
        true
    };
    broken_by(37, edit, &["linearizable", "historical-read"]);
}

/// The place of the `at`-th frame that `wanted` accepts.
fn frame(
    history: &History,
    at: usize,
    wanted: impl Fn(&[revline_checker::history::WatchFrame], usize) -> bool,
) -> Option<(usize, usize)> {
    let frames = history
        .watches
        .iter()
        .enumerate()
        .flat_map(|(watch, shown)| (0..shown.frames.len()).map(move |frame| (watch, frame)));
    frames.filter(|(watch, frame)| wanted(&history.watches[*watch].frames, *frame)).nth(at)
}

#[test]
fn an_event_that_was_dropped_is_noticed() {
    let edit = |history: &mut History, at: usize| {
        let inside = |frames: &[revline_checker::history::WatchFrame], at: usize| {
            !frames[at].events.is_empty() && frames[at + 1..].iter().any(|frame| !frame.events.is_empty())
        };
        let Some((watch, frame)) = frame(history, at, inside) else { return false };
        history.watches[watch].frames[frame].events.remove(0);
        if history.watches[watch].frames[frame].events.is_empty() {
            history.watches[watch].frames.remove(frame);
        }
        true
    };
    broken_by(37, edit, &["watch-reliable"]);
}

#[test]
fn events_that_changed_places_are_noticed() {
    let edit = |history: &mut History, at: usize| {
        let two = |frames: &[revline_checker::history::WatchFrame], at: usize| {
            !frames[at].events.is_empty() && frames.get(at + 1).is_some_and(|next| !next.events.is_empty())
        };
        let Some((watch, frame)) = frame(history, at, two) else { return false };
        let frames = &mut history.watches[watch].frames;
        let (first, second) = (frames[frame].events.clone(), frames[frame + 1].events.clone());
        (frames[frame].events, frames[frame + 1].events) = (second, first);
        true
    };
    broken_by(37, edit, &["watch-ordered"]);
}

#[test]
fn an_event_that_came_twice_is_noticed() {
    let edit = |history: &mut History, at: usize| {
        let any = |frames: &[revline_checker::history::WatchFrame], at: usize| !frames[at].events.is_empty();
        let Some((watch, frame)) = frame(history, at, any) else { return false };
        let events = &mut history.watches[watch].frames[frame].events;
        events.push(events[events.len() - 1].clone());
        true
    };
    broken_by(37, edit, &["watch-unique"]);
}

#[test]
fn a_revision_that_was_lowered_is_noticed() {
    let edit = |history: &mut History, at: usize| {
        // A read that overlaps the write of its revision may as well have come before it: writes, then.
        let writes = history.operations.iter_mut().filter_map(|operation| match &mut operation.outcome {
            Outcome::Ok(Response::Txn(txn)) if txn.succeeded => Some(&mut txn.header.revision),
            _ => None,
        });
        let Some(revision) = writes.into_iter().nth(at) else { return false };
        *revision -= 1;
        true
    };
    broken_by(37, edit, &["linearizable", "revision", "durable"]);
    let edit = |history: &mut History, at: usize| {
        let newest = |operations: &[revline_checker::history::Operation], at: usize| -> Option<Revision> {
            let begins = operations[at].invoke_ns;
            let done = operations.iter().filter(|other| other.return_ns.is_some_and(|end| end < begins));
            done.filter_map(|other| Some(other.response()?.header().revision)).max()
        };
        // Reads that say that they are as new as what was answered before they began.
        let operations = &history.operations;
        let tight =
            (0..operations.len()).filter(|at| match (&operations[*at].request, operations[*at].response()) {
                (Request::Range(range), Some(response)) if range.revision == 0 => {
                    newest(operations, *at) == Some(response.header().revision)
                }
                _ => false,
            });
        let Some(read) = tight.into_iter().nth(at) else { return false };
        let Outcome::Ok(Response::Range(range)) = &mut history.operations[read].outcome else { return false };
        range.header.revision -= 1;
        true
    };
    broken_by(1, edit, &["linearizable", "revision"]);
}
