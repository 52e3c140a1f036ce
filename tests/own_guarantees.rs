//! What a test promises of its own service, and what it leaves when that does not hold.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test: it reads what a failing test left"
)]

use revline::checker::history::{History, jsonl};
use revline::prelude::*;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// No observation has a value that another has.
#[derive(Debug)]
struct Distinct(&'static str);

impl Guarantee for Distinct {
    fn name(&self) -> &str {
        "distinct"
    }

    fn check(&self, _: &History, observations: &[Observed]) -> Result<u64, String> {
        let of_name = || observations.iter().filter(|observed| observed.name == self.0);
        for (at, one) in of_name().enumerate() {
            if let Some(other) = of_name().skip(at + 1).find(|other| other.value == one.value) {
                return Err(format!("{} by `{}` and by `{}`", one.value, one.by, other.by));
            }
        }
        Ok(of_name().count() as u64)
    }
}

/// The file whose path a message names after a word.
fn file_after(message: &str, word: &str) -> PathBuf {
    let line = message.lines().find_map(|line| line.trim().strip_prefix(word)).expect(word);
    PathBuf::from(line.trim().split(" (").next().unwrap())
}

#[test]
fn a_guarantee_of_ones_own_is_judged_of_every_run() {
    let passed =
        revline::test("distinct-holds").seeds(0..3).guarantee(Distinct("job")).run(|world| async move {
            world.observe("job", 1);
            world.observe("job", 2);
            world.observe("other", 2);
            Ok(())
        });
    assert_eq!(passed.examined["distinct"], 6);
}

#[test]
fn a_violation_leaves_a_record_of_everything() {
    let test = revline::test("distinct-violated").seeds(5..6).guarantee(Distinct("job"));
    let failure = test.try_run(|world| async move {
        let client = world.client("reader").await?;
        let crash = world.fault(Crash::member(1)).await;
        world.sleep(Duration::from_secs(1)).await;
        world.heal_one(crash);
        while client.put("k", "1").await.is_err() {}
        let workers = ["w1", "w2"].map(|name| world.process(name, |cx| async move { cx.observe("job", 7) }));
        for worker in workers {
            worker.returned().await?;
        }
        Ok(())
    });
    let message = failure.unwrap_err().to_string();
    assert!(message.contains("distinct: violated: 7 by `w1` and by `w2`"), "{message}");
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(file_after(&message, "record:")).unwrap()).unwrap();
    assert_eq!(record["seed"], 5);
    assert_eq!(record["simulation"]["members"], 3);
    assert_eq!(record["clients"]["0"], "reader");
    assert_eq!(record["faults"][0]["victims"], serde_json::json!(["m1"]));
    assert!(record["faults"][0]["healed_ns"].as_u64() > record["faults"][0]["at_ns"].as_u64());
    assert_eq!(record["observations"][1]["by"], "w2");
    assert!(record["replay"].as_str().unwrap().starts_with("REVLINE_SEED=5 cargo test"), "{record}");
}

#[test]
fn a_guarantee_that_examines_nothing_fails() {
    let test = revline::test("distinct-of-nothing").seeds(0..2).guarantee(Distinct("job"));
    let failure = test.try_run(|_| async move { Ok(()) }).unwrap_err();
    assert!(failure.to_string().contains("distinct examined nothing under any seed"), "{failure}");
}

#[test]
fn a_check_sees_the_history_and_the_observations() {
    let run = |wanted: usize| {
        revline::test("check").seeds(0..1).try_run(move |world| async move {
            world.client("a").await?.put("k", "1").await?;
            world.observe("put", "k");
            world.check(move |history, observations| {
                let puts = history.operations.iter().filter(|op| op.request.to_string().starts_with("put k"));
                match (puts.count(), observations.len()) {
                    (puts, 1) if puts == wanted => Ok(()),
                    (puts, observations) => Err(format!("{puts} puts, {observations} observations")),
                }
            });
            Ok(())
        })
    };
    run(1).unwrap();
    let failure = run(2).unwrap_err().to_string();
    assert!(failure.contains("check: violated: 1 puts, 1 observations"), "{failure}");
}

#[test]
fn a_panic_leaves_the_history_and_the_record_too() {
    let failure = revline::test("panics").seeds(0..1).try_run(|world| async move {
        let client = world.client("a").await?;
        client.put("k", "1").await?;
        world.process("service", |_cx| async move { panic!("a bug of the service") });
        world.sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let message = failure.unwrap_err().to_string();
    assert!(message.contains("a bug of the service"), "{message}");
    assert!(file_after(&message, "history:").exists() && file_after(&message, "record:").exists());
}

#[test]
fn a_test_that_is_no_function_of_its_seed_is_told_where_its_runs_part() {
    let runs = AtomicU64::new(0);
    let test = revline::test("not-deterministic").seeds(3..4);
    let failure = test.try_run(|world| {
        let run = runs.fetch_add(1, Ordering::Relaxed);
        async move {
            let client = world.client("a").await?;
            client.put("k", "1").await?;
            world.process("service", move |cx| async move { cx.observe("run", run) });
            world.sleep(Duration::from_millis(10)).await;
            Ok(())
        }
    });
    let message = failure.unwrap_err().to_string();
    assert!(message.contains("two runs differ"), "{message}");
    let lines: Vec<&str> = message.lines().filter(|line| line.contains("observes")).collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.contains("service")), "{message}");
}

#[test]
fn the_histories_of_passing_runs_are_kept_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    revline::test("kept").seeds(0..2).histories(folder.path()).run(|world| async move {
        world.client("a").await?.put("k", "1").await?;
        Ok(())
    });
    for seed in 0..2 {
        let file = folder.path().join(format!("kept-{seed}.history.jsonl"));
        let read = jsonl::read("kept", BufReader::new(File::open(&file).unwrap())).unwrap();
        assert!(read.operations.iter().any(|operation| operation.request.to_string().starts_with("put k")));
    }
}
