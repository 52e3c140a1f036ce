//! Clocks: madsim's, which a program may wait by as well, says what the world's says; a wall clock jumps.

use madsim::time::{Duration, TimeHandle, sleep};
use revline_sim::fault::{ClockJump, Target};
use revline_sim::{SimulationConfig, World, simulate};
use revline_store::defect::{Defect, Defects};
use std::sync::{Arc, Mutex};

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) {
    simulate(&SimulationConfig::default(), false, program).expect("the simulation does not panic");
}

/// Asserts that a time is the wanted one, but for the nanoseconds that madsim lets pass with each task.
fn assert_about(took: Duration, wanted: Duration) {
    assert!(took >= wanted && took < wanted + Duration::from_micros(1), "{took:?} for {wanted:?}");
}

#[test]
fn the_world_goes_on_while_a_program_sleeps_by_madsims_clock() {
    run(|world| async move {
        for wait_ms in [60, 3, 1, 250] {
            let (wait, began) = (Duration::from_millis(wait_ms), world.elapsed());
            sleep(wait).await;
            assert_about(world.elapsed() - began, wait);
        }
    });
}

#[test]
fn a_timeout_of_the_world_and_a_sleep_of_madsim_end_in_their_order() {
    run(|world| async move {
        for _ in 0..10 {
            let clock = TimeHandle::current();
            let began = clock.elapsed();
            let short = sleep(Duration::from_millis(10));
            assert!(world.timeout(Duration::from_millis(50), short).await.is_ok());
            assert_about(clock.elapsed() - began, Duration::from_millis(10));
            let long = sleep(Duration::from_millis(50));
            assert!(world.timeout(Duration::from_millis(10), long).await.is_err());
            assert_about(clock.elapsed() - began, Duration::from_millis(20));
        }
    });
}

#[test]
fn a_task_of_the_world_may_sleep_by_madsims_clock() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        world.spawn(async { sleep(Duration::from_millis(20)).await }).await.expect("it ends by itself");
    });
    let simulated_ns = run.expect("the simulation does not panic").simulated_ns;
    assert_about(Duration::from_nanos(simulated_ns), Duration::from_millis(20));
}

/// The remaining time of a lease of 60 s, in seconds, after the wall clocks of all members were set by `ms`.
fn remaining_after_a_jump(defects: Defects, ms: i64) -> i64 {
    let remaining = Arc::new(Mutex::new(None));
    let found = Arc::clone(&remaining);
    let config = SimulationConfig { members: 1, defects, ..SimulationConfig::default() };
    simulate(&config, false, |world| async move {
        let client = world.client("a").await.expect("there is no other");
        let lease = client.grant(60).await.expect("nothing is wrong");
        world.fault(ClockJump { target: Target::Member(1), ms }).await;
        let left = client.time_to_live(lease.id, false).await.expect("nothing is wrong");
        *found.lock().expect("one thread") = Some(left.ttl_s);
    })
    .expect("the simulation does not panic");
    let remaining = remaining.lock().expect("one thread").take();
    remaining.expect("it was asked for")
}

#[test]
fn a_jump_of_the_wall_clock_takes_nothing_of_a_lease_unless_leases_run_by_it() {
    let wrong = Defects::from(Defect::ClockJumpExpiresLeases);
    for (ms, with_defect_s) in [(30_000, 29), (-30_000, 89)] {
        assert_eq!(remaining_after_a_jump(Defects::NONE, ms), 59, "{ms}");
        assert_eq!(remaining_after_a_jump(wrong, ms), with_defect_s, "{ms}");
    }
}
