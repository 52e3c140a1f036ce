//! Test suites: random scripts by their seeds, and the mistakes that are refused.

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
