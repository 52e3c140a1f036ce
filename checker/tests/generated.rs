//! Generated histories: legal ones are accepted, and each flaw is rejected by a guarantee that fits it.
//! For large counts: `cargo run --release -p revline-checker --example generated`.

use revline_checker::generate::{Flaw, Shape, flawed, legal, stream};
use revline_checker::guarantee::{GUARANTEES, judge, judge_proven};
use revline_checker::history::jsonl::{self, Checked, Record, Writer};
use revline_checker::history::{EventKind, History, Outcome, Request};
use revline_checker::stream::Judge;
use revline_checker::verdict::{Verdict, Verdicts};

/// A different shape for each seed.
fn shape(operations: usize, seed: u64) -> Shape {
    Shape {
        operations,
        clients: 2 + (seed % 7) as u32,
        keys: 3 + seed % 11,
        values: if seed % 5 == 4 { 4 } else { u64::MAX },
        unknown_percent: seed % 3 * 5,
        watchers: 4 + (seed % 3) as u32 * 3,
        frames_per_watch: 5 + seed % 60,
        ..Shape::default()
    }
}

#[test]
fn legal_histories_are_accepted() {
    for seed in 0..300 {
        let verdicts = judge(&legal(&shape(200, seed), seed));
        for (name, verdict) in verdicts.iter() {
            assert!(
                matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous),
                "seed {seed}: {name}: {verdict}"
            );
        }
    }
}

#[test]
fn flaws_are_rejected_by_a_guarantee_that_fits() {
    let is_known = |name: &&&str| GUARANTEES.iter().any(|guarantee| guarantee.name == **name);
    let mut judged = 0;
    for flaw in Flaw::ALL {
        let fitting: Vec<&str> = flaw.guarantees().iter().filter(is_known).copied().collect();
        if fitting.is_empty() {
            continue;
        }
        let mut placed = 0;
        for seed in 0..40 {
            let Some(history) = flawed(&shape(200, seed), seed, *flaw) else { continue };
            placed += 1;
            let verdicts = judge(&history);
            let found: Vec<&str> = verdicts.violations().map(|(name, _)| name).collect();
            assert!(
                found.iter().any(|name| fitting.contains(name)),
                "{flaw}, seed {seed}: found {found:?}, not one of {fitting:?}"
            );
        }
        assert!(placed >= 8, "{flaw} found a place only {placed} times");
        judged += placed;
    }
    assert!(judged > 500, "only {judged} flaws were judged");
}

#[test]
fn a_seed_is_a_history_and_a_flaw_changes_nothing_before_it() {
    let shape = Shape { operations: 400, ..Shape::default() };
    let history = legal(&shape, 7);
    assert_eq!(history, legal(&shape, 7));
    assert_ne!(history, legal(&shape, 8));
    let flawed = flawed(&shape, 7, Flaw::StaleRead).expect("there is something to miss");
    assert_ne!(history, flawed);
    assert_eq!(history.operations[..150], flawed.operations[..150]);
    for flaw in Flaw::ALL {
        assert_eq!(Flaw::named(flaw.name()), Some(*flaw));
        assert!(!flaw.guarantees().is_empty());
    }
    assert_eq!(Flaw::named("dance"), None);
}

#[test]
fn a_history_exercises_what_it_should() {
    let history = legal(&Shape { operations: 2000, watchers: 9, ..Shape::default() }, 1);
    let operations = &history.operations;
    let count = |wanted: &dyn Fn(&Request, &Outcome) -> bool| {
        operations.iter().filter(|operation| wanted(&operation.request, &operation.outcome)).count()
    };
    assert_eq!(operations.len(), 2000);
    assert!(count(&|_, outcome| matches!(outcome, Outcome::Unknown(_))) > 50);
    assert!(count(&|_, outcome| matches!(outcome, Outcome::Failed(_))) > 5);
    assert!(count(&|request, _| request.is_serializable()) > 100);
    assert!(count(&|request, _| matches!(request, Request::Compact(_))) > 5);
    assert!(count(&|request, _| matches!(request, Request::Txn(txn) if txn.success.len() > 2)) > 50);
    assert!(count(&|request, _| matches!(request, Request::Range(range) if range.revision > 0)) > 50);
    let events = || history.watches.iter().flat_map(|watch| watch.events());
    assert!(events().any(|(.., event)| event.prev_kv.is_some()));
    assert!(events().any(|(.., event)| event.kind == EventKind::Delete));
    let frames = || history.watches.iter().flat_map(|watch| &watch.frames);
    assert!(frames().any(|frame| frame.is_progress()) && frames().any(|frame| frame.fragment));
    assert!(history.watches.iter().any(|watch| watch.resumes.is_some()));
    let cut_off = |seed| {
        let shape = Shape { operations: 3000, frames_per_watch: 3, compact_every: 20, ..Shape::default() };
        let history = legal(&shape, seed);
        history.watches.iter().flat_map(|watch| &watch.frames).any(|frame| frame.compact_revision > 0)
    };
    assert!((0..5).any(cut_off), "no watch came too late for a compaction");
}

#[test]
fn what_is_streamed_is_what_is_collected() {
    let shape = Shape { operations: 500, ..Shape::default() };
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut lines = Vec::new();
    let is_flawed = stream(&shape, 3, None, |record| {
        lines.push(matches!(record, Record::Operation(_)));
        writer.record(&record)
    });
    assert!(is_flawed.unwrap());
    assert_eq!(lines.iter().filter(|is_operation| **is_operation).count(), 500);
    let error: Result<bool, &str> = stream(&shape, 3, None, |_| Err("full"));
    assert_eq!(error, Err("full"));

    let mut text = Vec::new();
    jsonl::write(&legal(&shape, 3), &mut text).unwrap();
    let read = jsonl::read("generated", text.as_slice()).unwrap();
    assert_eq!(sorted(read), sorted(legal(&shape, 3)), "what is generated keeps to the rules of the form");
    let read = jsonl::read("generated", writer.into_inner().as_slice()).unwrap();
    assert_eq!(sorted(read), sorted(legal(&shape, 3)), "what is streamed is in order as well");
}

fn sorted(mut history: History) -> History {
    history.operations.sort_by_key(|operation| (operation.invoke_ns, operation.client));
    history.watches.sort_by_key(|watch| watch.id);
    history
}

/// What comes of judging a text while it is read; nothing where it is in doubt or not in order.
fn judged_while_read(text: &[u8]) -> Option<Verdicts> {
    let mut records = Checked::new("told", text);
    let mut judge = Judge::default();
    for record in records.by_ref() {
        judge.record(record.expect("it is of the form")).ok()?;
    }
    let verdicts = judge.finish().ok().filter(|_| records.is_sure())?;
    Some(judge_proven(&verdicts))
}

#[test]
fn judged_while_it_is_read_a_history_gets_the_same_verdicts() {
    let mut proven = 0;
    for seed in 0..60 {
        let shape = Shape {
            operations: 300,
            keys: 3 + seed % 20,
            watchers: (seed % 7) as u32,
            unknown_percent: [0, 5, 20][seed as usize % 3],
            frames_per_watch: 8,
            ..Shape::default()
        };
        let history = legal(&shape, seed);
        let (mut written, mut told) = (Vec::new(), Writer::new(Vec::new()).unwrap());
        jsonl::write(&history, &mut written).unwrap();
        stream(&shape, seed, None, |record| told.record(&record)).unwrap();
        let (written, told) = (judged_while_read(&written), judged_while_read(&told.into_inner()));
        assert_eq!(written.is_some(), revline_checker::stream::judge(&history).is_ok(), "seed {seed}");
        for verdicts in [written, told].into_iter().flatten() {
            assert_eq!(verdicts, judge(&history), "seed {seed}");
            proven += 1;
        }
        for flaw in Flaw::ALL.iter().skip(seed as usize % 4).step_by(4) {
            let mut told = Writer::new(Vec::new()).unwrap();
            if stream(&shape, seed, Some(*flaw), |record| told.record(&record)).unwrap() {
                let verdicts = judged_while_read(&told.into_inner());
                assert!(verdicts.is_none(), "seed {seed}: {} was not noticed", flaw.name());
            }
        }
    }
    assert!(proven > 60, "only {proven} were proven");
}
