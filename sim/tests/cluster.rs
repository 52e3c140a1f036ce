//! A cluster in a world: it serves, it survives faults, and it does the same every time.

use revline_sim::client::CallError;
use revline_sim::fault::{Fault, Target};
use revline_sim::{Run, SimulationConfig, World, simulate};
use std::time::Duration;

fn run<F: Future<Output = ()>>(
    config: &SimulationConfig,
    program: impl FnOnce(World) -> F + Send,
) -> Run<()> {
    simulate(config, true, program).expect("the simulation does not panic")
}

#[test]
fn a_write_is_read_back_from_every_member() {
    let run = run(&SimulationConfig::default(), |world| async move {
        let client = world.client("a").await.unwrap();
        world.leader().await.unwrap();
        let put = client.put("k", "1").await.unwrap();
        assert_eq!(put.header.revision, 2);
        for member in world.members() {
            let reader = world.client_at(vec![member], None);
            assert_eq!(reader.get("k").await.unwrap().value_str(), Some("1"), "member {member}");
        }
    });
    assert_eq!(run.history.operations.len(), 4);
    assert_eq!(run.counters.elections, 1);
}

#[test]
fn a_seed_has_one_trace_and_another_seed_another() {
    let hash = |seed| {
        let config = SimulationConfig { seed, ..SimulationConfig::default() };
        run(&config, |world| async move {
            let client = world.client("a").await.unwrap();
            for round in 0..20 {
                let _ = client.put("k", format!("{round}")).await;
            }
            world.fault(Fault::Crash { target: Target::Leader }).await;
            let _ = client.put("k", "after").await;
            world.settle(Duration::from_secs(20)).await;
        })
        .trace
        .hash()
    };
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn the_majority_goes_on_without_an_isolated_leader_and_the_minority_does_not() {
    run(&SimulationConfig::default(), |world| async move {
        let old = world.leader().await.unwrap();
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        world.fault(Fault::Isolate { target: Target::Member(old), clients: false }).await;
        let minority = world.client_at(vec![old], None);
        assert!(matches!(minority.put("k", "2").await, Err(CallError::Unknown(_))));
        let rest: Vec<u64> = world.members().into_iter().filter(|&member| member != old).collect();
        let majority = world.client_at(rest, None);
        while majority.put("k", "3").await.is_err() {}
        assert_ne!(world.leader().await.unwrap(), old);
        world.settle(Duration::from_secs(20)).await;
        assert_eq!(client.get("k").await.unwrap().value_str(), Some("3"));
    });
}

#[test]
fn a_crash_of_everyone_loses_nothing_acknowledged() {
    for seed in 0..10 {
        let config = SimulationConfig { seed, ..SimulationConfig::default() };
        run(&config, |world| async move {
            let client = world.client("a").await.unwrap();
            world.leader().await.unwrap();
            let mut acknowledged = None;
            for round in 0..50 {
                if client.put("k", format!("{round}")).await.is_ok() {
                    acknowledged = Some(round);
                }
            }
            world.fault(Fault::CrashAll).await;
            world.settle(Duration::from_secs(20)).await;
            let read = client.get("k").await.unwrap();
            assert_eq!(read.value_str().and_then(|value| value.parse().ok()), acknowledged);
        });
    }
}

#[test]
fn a_follower_that_fell_behind_is_sent_a_snapshot() {
    let config = SimulationConfig {
        snapshot_every_entries: 50,
        snapshot_keep_entries: 10,
        ..SimulationConfig::default()
    };
    let run = run(&config, |world| async move {
        let client = world.client("a").await.unwrap();
        world.leader().await.unwrap();
        world.fault(Fault::Isolate { target: Target::Follower(0), clients: false }).await;
        for round in 0..200 {
            let _ = client.put("k", format!("{round}")).await;
        }
        world.settle(Duration::from_secs(20)).await;
    });
    assert!(run.counters.snapshots_installed > 0);
}
