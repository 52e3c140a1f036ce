//! Generated histories: legal ones are accepted, and each flaw is rejected by a guarantee that fits it.
//! For large counts: `cargo run --release -p revline-checker --example generated`.

use revline_checker::generate::{Flaw, Oddity, Shape, flawed, legal, stream};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::history::jsonl::{self, Checked, Record, Writer};
use revline_checker::history::{EventKind, History, Outcome, Request};
use revline_checker::judge::Judge;
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
        let verdicts = Judge::new(&legal(&shape(200, seed), seed)).run();
        for (name, verdict) in verdicts.iter() {
            assert!(
                matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous),
                "seed {seed}: {name}: {verdict}"
            );
        }
    }
}

/// A legal history with some of the oddities; which, the seed says.
fn odd(operations: usize, seed: u64) -> History {
    let mut history = legal(&shape(operations, seed), seed);
    for (at, oddity) in Oddity::ALL.iter().enumerate() {
        if (seed % 63 + 1) >> at & 1 == 1 {
            oddity.put_into(&mut history, seed);
        }
    }
    history
}

#[test]
fn legal_oddities_are_not_held_against_anybody() {
    let mut undecided = 0;
    for seed in 0..200 {
        let verdicts = Judge::new(&odd(150, seed)).run();
        for (name, verdict) in verdicts.iter() {
            assert!(!verdict.is_violated(), "seed {seed}: {name}: {verdict}");
        }
        // Those that begin in the middle cannot be decided as a whole.
        let begins = (seed % 63 + 1) >> 4 & 1 == 0;
        assert!(!begins || !verdicts.any_unknown(), "seed {seed}");
        undecided += usize::from(verdicts.any_unknown());
    }
    assert!(undecided > 20, "only {undecided} began in the middle");
}

#[test]
fn an_oddity_is_what_its_name_says() {
    let plain = legal(&Shape { operations: 600, compact_every: 40, ..Shape::default() }, 4);
    for oddity in Oddity::ALL {
        let mut history = plain.clone();
        oddity.put_into(&mut history, 4);
        assert_ne!(history, plain, "{oddity}");
        let mut again = plain.clone();
        oddity.put_into(&mut again, 4);
        assert_eq!(history, again, "{oddity}");
        let mut text = Vec::new();
        jsonl::write(&history, &mut text).unwrap();
        jsonl::read(oddity.name(), text.as_slice()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn flaws_in_odd_histories_are_rejected_as_well() {
    for flaw in [Flaw::StaleRead, Flaw::RevisionGoesBack, Flaw::ReorderedWatch, Flaw::RepeatedEvent] {
        let (mut judged, mut missed) = (0, 0);
        for seed in 0..40 {
            let Some(mut history) = flawed(&shape(200, seed), seed, flaw) else { continue };
            for oddity in [Oddity::SerializableRefusals, Oddity::NothingFound] {
                oddity.put_into(&mut history, seed);
            }
            judged += 1;
            let verdicts = Judge::new(&history).run();
            let found: Vec<&str> = verdicts.violations().map(|(name, _)| name).collect();
            missed += usize::from(!found.iter().any(|name| flaw.guarantees().contains(name)));
        }
        assert!(judged >= 8 && missed == 0, "{flaw}: {missed} of {judged} missed");
    }
}

/// The words of all verdicts.
fn words(history: &History) -> Vec<(String, &'static str)> {
    Judge::new(history).run().iter().map(|(name, verdict)| (name.to_owned(), verdict.word())).collect()
}

/// The same history, its parts in another order.
fn shuffled(history: &History, seed: u64) -> History {
    let mut history = history.clone();
    let by = |id: u64| {
        (id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (seed + 1).wrapping_mul(0x94d0_49bb_1331_11eb))
    };
    let mut number = 0;
    history.operations.sort_by_cached_key(|_| {
        number += 1;
        by(number)
    });
    history.watches.sort_by_cached_key(|watch| by(watch.id));
    history
}

#[test]
fn one_history_has_one_verdict_in_whatever_order_it_is_told() {
    let mut violated = 0;
    for seed in 0..120 {
        let flaw = Flaw::ALL[seed as usize % Flaw::ALL.len()];
        let shape = Shape { unknown_percent: [0, 5, 20][seed as usize % 3], ..shape(120, seed) };
        for history in [Some(odd(120, seed)), flawed(&shape, seed, flaw)].into_iter().flatten() {
            let whole = words(&history);
            violated += usize::from(whole.iter().any(|(_, word)| *word == "violated"));
            for other in 0..2 {
                assert_eq!(words(&shuffled(&history, other)), whole, "seed {seed}, {flaw}, order {other}");
            }
            // In the order in which things were over, and as it is read from a file.
            let mut text = Vec::new();
            jsonl::write(&history, &mut text).unwrap();
            let read = jsonl::read("told", text.as_slice()).unwrap();
            assert_eq!(words(&read), whole, "seed {seed}, {flaw}");
            if let Some(verdicts) = judged_while_read(&text) {
                let told: Vec<_> = verdicts.iter().map(|(name, it)| (name.to_owned(), it.word())).collect();
                assert_eq!(told, whole, "seed {seed}, {flaw}");
            }
        }
    }
    assert!(violated > 60, "only {violated} were violated");
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
            let verdicts = Judge::new(&history).run();
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
    let mut writer = Writer::of_new_store(Vec::new()).unwrap();
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

/// Judges a text while it is read; `None` where it is not proven or not in order.
fn judged_while_read(text: &[u8]) -> Option<Verdicts> {
    let mut records = Checked::new("told", text);
    let mut judge = Judge::online();
    for record in records.by_ref() {
        judge.record(record.expect("it is of the form")).ok()?;
    }
    let verdicts = judge.finish().ok().filter(|_| records.is_sure())?;
    Some(verdicts)
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
        let (mut written, mut told) = (Vec::new(), Writer::of_new_store(Vec::new()).unwrap());
        jsonl::write(&history, &mut written).unwrap();
        stream(&shape, seed, None, |record| told.record(&record)).unwrap();
        let (written, told) = (judged_while_read(&written), judged_while_read(&told.into_inner()));
        assert_eq!(written.is_some(), revline_checker::testing::prove(&history).is_ok(), "seed {seed}");
        for verdicts in [written, told].into_iter().flatten() {
            assert_eq!(verdicts, Judge::new(&history).run(), "seed {seed}");
            proven += 1;
        }
        for flaw in Flaw::ALL.iter().skip(seed as usize % 4).step_by(4) {
            let mut told = Writer::of_new_store(Vec::new()).unwrap();
            if stream(&shape, seed, Some(*flaw), |record| told.record(&record)).unwrap() {
                let verdicts = judged_while_read(&told.into_inner());
                assert!(verdicts.is_none(), "seed {seed}: {} was not noticed", flaw.name());
            }
        }
    }
    assert!(proven > 60, "only {proven} were proven");
}
