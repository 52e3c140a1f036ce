//! Test suites: random scripts by their seeds, and the mistakes that are refused.

use revline::TestError;
use revline::prelude::*;
use std::sync::Mutex;

#[test]
fn random_scripts_differ_by_seed_and_keep_every_guarantee() {
    let (scripts, seeds) = (Mutex::new(Vec::new()), 16);
    let noted = &scripts;
    revline::test("random-scripts").members(3).seeds(0..seeds).run(|world| async move {
        let mut generator = world.generator("script");
        let script: Vec<u64> = (0..8).map(|_| generator.gen_range(0..100)).collect();
        let client = world.client("a").await?;
        for &pause_ms in &script {
            let power = world.fault(Crash::member(1 + pause_ms % 3)).await;
            world.sleep(Duration::from_millis(pause_ms)).await;
            world.heal_one(power);
            let _ = client.put("k", pause_ms.to_string()).await;
        }
        noted.lock().expect("no test panicked").push(script);
        Ok(())
    });
    let mut scripts = scripts.into_inner().expect("no test panicked");
    assert_eq!(scripts[0], scripts[1], "the first seed runs twice");
    scripts.sort();
    scripts.dedup();
    assert_eq!(scripts.len() as u64, seeds);
}

#[test]
#[should_panic(expected = "cannot strike: there is no member 9 in a cluster of 3")]
fn a_fault_on_a_member_that_does_not_exist_is_an_error() {
    revline::test("no-such-member").members(3).seeds(0..1).run(|world| async move {
        world.fault(Crash::member(9)).await;
        Ok(())
    });
}

#[test]
#[should_panic(expected = "`nothing` has no seeds, 3..3: nothing would be tested")]
fn a_test_without_seeds_is_an_error() {
    revline::test("nothing").seeds(3..3).run(|_| async move { Ok(()) });
}

#[test]
fn a_test_that_hangs_fails_with_the_calls_that_it_waits_for() {
    let limit = Duration::from_millis(4_500);
    let test = revline::test("hangs").members(3).seeds(4..5).time_limit(limit);
    let failure = test.try_run(|world| async move {
        let client = world.client("a").await?;
        client.put("k", "1").await?;
        world.fault(Crash::everyone()).await;
        while client.get("k").await.is_err() {}
        Ok(())
    });
    let said = failure.expect_err("nobody answers").to_string();
    assert!(said.contains("it had not ended after 4.5s of simulated time; open calls: range k"), "{said}");
    assert!(said.contains("REVLINE_SEED=4"), "{said}");
}

#[test]
fn a_test_that_never_sees_what_it_means_to_see_fails() {
    let program = |world: World| async move {
        sometimes!(world, world.seed() == 1, "the second seed");
        sometimes!(world, world.seed() > 100);
        Ok(())
    };
    let test = |seeds| revline::test("sometimes").members(1).seeds(seeds);
    let said = test(0..3).try_run(program).expect_err("no seed is so high").to_string();
    assert!(said.contains("no seed reached world.seed() > 100: more seeds"), "{said}");
    // One seed, as it is run again, says nothing of the others.
    let passed = test(0..1).try_run(program).expect("one seed need not see everything");
    assert_eq!(
        passed.marks.into_iter().collect::<Vec<_>>(),
        [("the second seed".to_owned(), 0), ("world.seed() > 100".to_owned(), 0),]
    );
}

#[test]
#[should_panic(expected = "this chaos cannot be: ")]
fn chaos_that_no_world_can_have_is_an_error() {
    revline::test("too-many").members(1).seeds(0..1).run(|world| async move {
        let mut chaos = Chaos::default();
        chaos.workload.keys = 0;
        world.chaos(chaos).await?;
        Ok(())
    });
}

/// A program of one's own beside chaos, in a cluster that splits the batches of watches.
async fn splits_in_chaos(world: World) -> Result<(), TestError> {
    let mut chaos = Chaos { duration: Duration::from_secs(4), ..Chaos::default() };
    chaos.workload.writes.put_several = 5;
    chaos.workload.watch_all_percent = 100;
    world.chaos(chaos).await?;
    Ok(())
}

#[test]
fn a_test_that_fails_in_chaos_is_shrunk_to_the_parts_that_it_needs() {
    let test = || revline::test("splits-in-chaos").seeds(2..3).defect(Defect::WatchBatchSplit);
    let failure = test().try_run(splits_in_chaos).expect_err("it splits them");
    let said = failure.to_string();
    assert!(
        failure
            .verdicts()
            .is_some_and(|verdicts| verdicts.get("watch-atomic").is_some_and(|own| own.is_violated()))
    );
    let needed = failure.needed_parts();
    assert!((1..=4).contains(&needed.len()), "{said}");
    assert!(needed.iter().any(|part| part.contains("put-several")), "{said}");
    assert!(said.contains("random parts it needs these") && said.contains("REVLINE_PARTS="), "{said}");
    assert_eq!(test().try_run(splits_in_chaos).expect_err("it does again").to_string(), said);
}

#[test]
fn a_failure_that_needs_no_chaos_is_shrunk_to_none() {
    let failure = revline::test("fails-anyhow").seeds(0..1).try_run(|world| async move {
        let chaos = world.chaos(Chaos { duration: Duration::from_secs(1), ..Chaos::default() });
        chaos.await?;
        let client = world.client("own").await?;
        client.put("", "no key may be empty").await?;
        Ok(())
    });
    let failure = failure.expect_err("it is refused");
    assert!(failure.needed_parts().is_empty());
    assert!(failure.to_string().contains("random parts it needs these 0"), "{failure}");
}

#[test]
#[ignore = "the child of the test below: the environment is that of a whole process"]
fn splits_in_chaos_as_the_environment_says() {
    revline::test("as-the-environment-says").defect(Defect::WatchBatchSplit).run(splits_in_chaos);
}

#[test]
fn the_parts_that_a_failure_names_are_all_that_runs_again() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("parts");
    let said_with = |parts: &std::path::Path| {
        let child = std::process::Command::new(std::env::current_exe().expect("it runs"))
            .args(["--exact", "splits_in_chaos_as_the_environment_says", "--ignored", "--nocapture"])
            .env("REVLINE_SEED", "2")
            .env("REVLINE_PARTS", parts)
            .output()
            .expect("it runs again");
        let said = [child.stdout, child.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (!child.status.success(), said.concat())
    };
    let failure = revline::test("splits-in-chaos").seeds(2..3).defect(Defect::WatchBatchSplit);
    let failure = failure.try_run(splits_in_chaos).expect_err("it splits them");
    let needed = failure.needed_parts();
    std::fs::write(&file, needed.join("\n")).expect("there is room");
    let (fails_again, said) = said_with(&file);
    let count = needed.len();
    assert!(
        fails_again && said.contains(&format!("of {count} random parts it needs these {count}")),
        "{said}"
    );
    let (fails, said) = said_with(&folder.path().join("none"));
    assert!(fails && said.contains("REVLINE_PARTS: ") && said.contains("none: No such file"), "{said}");
}
