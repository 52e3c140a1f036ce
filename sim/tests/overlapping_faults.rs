//! Faults of one kind on one target, struck twice: the worst counts, and it is over when both are healed, whichever
//! heals first.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_checker::history::Observation;
use revline_checker::judge::Judge;
use revline_sim::client::CallError;
use revline_sim::entropy::Probability;
use revline_sim::fault::{
    ClientTarget, ClockDrift, ClockJump, Crash, CrashAll, Degrade, FaultKind, Isolate, Pause, PauseClient,
    ProxyCrash, ProxyCrashAll, ProxyCut, ProxyPause, ProxySide, SlowDisk, Target,
};
use revline_sim::network::LinkConfig;
use revline_sim::trace::{Event, NodeName, Record};
use revline_sim::{ProxyPlace, Run, SimulationConfig, World, simulate};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let proxies = vec![ProxyPlace::new(vec![1, 2, 3])];
    let config = SimulationConfig { proxies, ..SimulationConfig::default() };
    let run = simulate(&config, true, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
    run
}

/// Strikes both, the second a second later, and heals them in this order, a second apart. Calls `look` before, between
/// and after, with how many are in force.
async fn overlap<F: Future<Output = ()>>(
    world: &World,
    faults: [&dyn FaultKind; 2],
    first_heals_first: bool,
    look: impl Fn(usize) -> F,
) {
    look(0).await;
    let first = world.strike(faults[0]);
    world.sleep(SECOND).await;
    look(1).await;
    let second = world.strike(faults[1]);
    world.sleep(SECOND).await;
    look(2).await;
    let order = if first_heals_first { [first, second] } else { [second, first] };
    world.heal_one(order[0]);
    world.sleep(SECOND).await;
    look(1).await;
    world.heal_one(order[0]);
    look(1).await;
    world.heal_one(order[1]);
    world.sleep(SECOND).await;
    look(0).await;
}

/// Whether a member or proxy answers a serializable read at once.
async fn answers(world: &World, id: u64) -> bool {
    let client = world.client_at(vec![id], None);
    let options = revline_sim::client::GetOptions { serializable: true, ..Default::default() };
    let read = world.timeout(SECOND / 2, client.get_with("k", options)).await;
    client.disconnect();
    matches!(read, Ok(Ok(_)))
}

#[test]
fn a_process_is_up_or_goes_on_once_every_fault_that_holds_it_is_healed() {
    let member = Target::Member(2);
    let (crash, pause) = (Crash { target: member }, Pause { target: member });
    let isolate = Isolate { target: member, clients: true };
    let pairs: [([&dyn FaultKind; 2], u64); 13] = [
        ([&crash, &crash], 2),
        ([&crash, &CrashAll {}], 2),
        ([&CrashAll {}, &crash], 2),
        ([&pause, &pause], 2),
        ([&pause, &crash], 2),
        ([&crash, &pause], 2),
        ([&isolate, &isolate], 2),
        ([&isolate, &pause], 2),
        ([&ProxyCrash { proxy: 0 }, &ProxyCrash { proxy: 0 }], 101),
        ([&ProxyCrash { proxy: 0 }, &ProxyCrashAll {}], 101),
        ([&ProxyPause { proxy: 0 }, &ProxyPause { proxy: 0 }], 101),
        ([&ProxyPause { proxy: 0 }, &ProxyCrash { proxy: 0 }], 101),
        (
            [&ProxyCut { proxy: 0, from: ProxySide::Clients }, &ProxyCut { proxy: 0, from: ProxySide::Both }],
            101,
        ),
    ];
    for (faults, victim) in pairs {
        for first_heals_first in [true, false] {
            run(|world| async move {
                world.leader().await.unwrap();
                // The clients are there before they are cut off.
                let client = world.client_at(vec![victim], None);
                let client = &client;
                let world = &world;
                overlap(world, faults, first_heals_first, |in_force| async move {
                    let options =
                        revline_sim::client::GetOptions { serializable: true, ..Default::default() };
                    let read = world.timeout(SECOND / 2, client.get_with("k", options)).await;
                    client.disconnect();
                    let what = format!("{} and {}, {in_force} in force: {read:?}", faults[0], faults[1]);
                    assert_eq!(matches!(read, Ok(Ok(_))), in_force == 0, "{what}");
                })
                .await;
                world.settle(20 * SECOND).await;
            });
        }
    }
}

#[test]
fn nested_and_staggered_crashes_of_different_faults_end_together() {
    run(|world| async move {
        world.leader().await.unwrap();
        let crash = Crash { target: Target::Member(3) };
        let (all, one, again) = (world.strike(&CrashAll {}), world.strike(&crash), world.strike(&crash));
        world.sleep(SECOND).await;
        world.heal_one(one);
        world.heal_one(all);
        world.leader().await.unwrap();
        assert!(!answers(&world, 3).await, "one fault is left");
        assert!(answers(&world, 1).await);
        world.heal_one(again);
        world.sleep(SECOND).await;
        assert!(answers(&world, 3).await);
        // Struck again before the process that was told to start has started.
        let first = world.strike(&crash);
        world.heal_one(first);
        let second = world.strike(&crash);
        world.sleep(SECOND).await;
        assert!(!answers(&world, 3).await, "it never started");
        world.heal_one(second);
        world.settle(20 * SECOND).await;
        assert!(answers(&world, 3).await);
    });
}

fn clocks(run: &Run<()>) -> Vec<i64> {
    let rate = |record: &Record| match record.event {
        Event::Clock { ppm, .. } => Some(ppm),
        _ => None,
    };
    run.trace.records().unwrap().iter().filter_map(rate).collect()
}

#[test]
fn of_two_drifts_the_one_farther_from_the_truth_counts() {
    let drift = |ppm| ClockDrift { target: Target::Member(1), ppm };
    for (first, second, first_heals_first, expected) in [
        (1_000, -200_000, true, vec![1_000, -200_000, -200_000, 0]),
        (1_000, -200_000, false, vec![1_000, -200_000, 1_000, 0]),
        (300_000, 1_000, true, vec![300_000, 300_000, 1_000, 0]),
        (300_000, 300_000, false, vec![300_000, 300_000, 300_000, 0]),
    ] {
        let run = run(|world| async move {
            world.leader().await.unwrap();
            overlap(&world, [&drift(first), &drift(second)], first_heals_first, |_| async {}).await;
            world.settle(20 * SECOND).await;
        });
        assert_eq!(clocks(&run), expected, "{first} and {second}");
    }
}

/// The mean latency of datagrams between members in this second of a run, in nanoseconds.
fn latency_ns(records: &[Record], from_s: u64) -> u64 {
    let within = |record: &&Record| record.at_ns / 1_000_000_000 == from_s;
    let sent = records.iter().filter(within).filter_map(|record| match record.event {
        Event::Send { to, content, .. } => Some((record.at_ns, to, content)),
        _ => None,
    });
    let delay = |(sent_ns, to, sent)| {
        let arrived = |record: &&Record| {
            let deliver = matches!(record.event, Event::Deliver { content, .. } if content == sent);
            deliver && record.at_ns >= sent_ns && record.node == to
        };
        records.iter().find(arrived).map(|record| record.at_ns - sent_ns)
    };
    let delays: Vec<u64> = sent.take(40).filter_map(delay).collect();
    delays.iter().sum::<u64>() / delays.len().max(1) as u64
}

#[test]
fn links_that_are_degraded_twice_are_as_bad_as_the_worse_of_both() {
    let slow = |ms: u64| {
        let latency_us = (ms * 1_000, ms * 1_000);
        Degrade { link: LinkConfig { latency_us, ..LinkConfig::default() } }
    };
    for (first_heals_first, then_ms) in [(true, 60), (false, 20)] {
        let run = run(|world| async move {
            world.leader().await.unwrap();
            world.sleep_until(5 * SECOND).await;
            let (mild, bad) = (world.strike(&slow(20)), world.strike(&slow(60)));
            world.sleep_until(7 * SECOND).await;
            world.heal_one(if first_heals_first { mild } else { bad });
            world.sleep_until(9 * SECOND).await;
            world.heal_one(if first_heals_first { bad } else { mild });
            world.sleep_until(11 * SECOND).await;
            world.settle(20 * SECOND).await;
        });
        let records = run.trace.records().unwrap();
        let mean_ms = |from_s| latency_ns(records, from_s) / 1_000_000;
        assert_eq!(mean_ms(3), 0);
        assert_eq!(mean_ms(6), 60);
        assert_eq!(mean_ms(8), then_ms);
        assert_eq!(mean_ms(10), 0);
    }
}

/// How long the syncs of a member take in this second, in the mean.
fn sync_ns(records: &[Record], member: u64, from_s: u64) -> u64 {
    let of_member =
        |record: &&Record| record.node == NodeName(member) && record.at_ns / 1_000_000_000 == from_s;
    let kinds: Vec<&Record> = records.iter().filter(of_member).collect();
    let mut since = None;
    let mut took = Vec::new();
    for record in kinds {
        match record.event {
            Event::DiskAppend { .. } => since = since.or(Some(record.at_ns)),
            Event::DiskSync { .. } => took.extend(since.take().map(|since| record.at_ns - since)),
            _ => {}
        }
    }
    took.iter().sum::<u64>() / took.len().max(1) as u64
}

#[test]
fn a_disk_that_is_slowed_down_twice_is_as_slow_as_the_slower_of_both_says() {
    let slow = |factor| SlowDisk { target: Target::Member(1), factor };
    let run = run(|world| async move {
        let client = world.client("writer").await.unwrap();
        let until = |at: Duration| {
            let (world, client) = (world.clone(), client.clone());
            async move {
                while world.elapsed() < at {
                    let _ = client.put("k", "v").await;
                }
            }
        };
        let (slower, slow) = (world.strike(&slow(100)), world.strike(&slow(2)));
        until(4 * SECOND).await;
        world.heal_one(slow);
        until(6 * SECOND).await;
        world.heal_one(slower);
        until(8 * SECOND).await;
        world.settle(20 * SECOND).await;
    });
    let records = run.trace.records().unwrap();
    assert!(sync_ns(records, 1, 3) > 10_000_000, "both");
    assert!(sync_ns(records, 1, 5) > 10_000_000, "the slower one is left");
    assert!(sync_ns(records, 1, 7) < 3_000_000, "none is left");
}

#[test]
fn a_client_that_is_paused_twice_goes_on_when_both_are_healed() {
    for first_heals_first in [true, false] {
        run(|world| async move {
            let client = world.client("sleeper").await.unwrap();
            let target = ClientTarget::Named("sleeper".to_owned());
            let program = client.clone();
            let counting = world.run_client(&client, async move {
                let mut done = 0;
                while program.put("n", done.to_string()).await.is_ok() && done < 2 {
                    done += 1;
                }
                done
            });
            let pause = PauseClient { target };
            let (first, second) = (world.strike(&pause), world.strike(&pause));
            assert_eq!(world.counters().client_pauses, 2);
            world.sleep(SECOND).await;
            world.heal_one(if first_heals_first { first } else { second });
            world.sleep(SECOND).await;
            assert!(world.client("reader").await.unwrap().get("n").await.unwrap().first().is_none());
            world.heal_one(if first_heals_first { second } else { first });
            assert_eq!(counting.await, Ok(2));
        });
    }
}

#[test]
fn victims_and_healings_are_in_the_trace_and_in_the_history() {
    let run = run(|world| async move {
        let leader = world.leader().await.unwrap();
        let crash = world.strike_as("the crash", &Crash { target: Target::Leader });
        let degrade =
            Degrade { link: LinkConfig { loss: Probability::percent(10), ..LinkConfig::default() } };
        world.strike(&degrade);
        world.heal_one(crash);
        world.settle(20 * SECOND).await;
        assert!(answers(&world, leader).await);
    });
    let records = run.trace.records().unwrap();
    let is_victim = |record: &&Record| matches!(record.event, Event::Victim { .. });
    let victim = records.iter().find(is_victim).unwrap().node;
    let of_leader = run.history.observations.iter().find_map(|observation| match observation {
        Observation::Fault { name: Some(name), victims, what, .. } if name == "the crash" => {
            Some((victims.clone(), what.clone()))
        }
        _ => None,
    });
    assert_eq!(of_leader, Some((vec![victim.to_string()], "crash the leader".to_owned())));
    let healed: Vec<&str> = run
        .history
        .observations
        .iter()
        .filter_map(|observation| match observation {
            Observation::FaultHealed { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(healed.len(), 2);
    assert_eq!(healed[0], "the crash");
    assert_eq!(records.iter().filter(|record| matches!(record.event, Event::Heal { .. })).count(), 2);
    assert!(records.iter().filter(is_victim).count() >= 3, "all links have ends");
}

#[test]
fn who_is_refused_was_never_sent_anything() {
    run(|world| async move {
        world.leader().await.unwrap();
        let client = world.client_at(vec![2], None);
        let crash = world.strike(&Crash { target: Target::Member(2) });
        assert_eq!(client.put("k", "1").await, Err(CallError::Refused));
        world.heal_one(crash);
        world.settle(20 * SECOND).await;
    });
}

#[test]
fn jumps_of_a_wall_clock_add_up_whichever_is_taken_back_first() {
    for (first_heals_first, wanted) in [(true, [1_000, 3_000, 2_000, 0]), (false, [1_000, 3_000, 1_000, 0])] {
        let run = run(|world| async move {
            let [one, two] = [1_000, 2_000].map(|ms| ClockJump { target: Target::Member(2), ms });
            overlap(&world, [&one, &two], first_heals_first, |_| async {}).await;
            world.settle(20 * SECOND).await;
        });
        let off = |record: &Record| match record.event {
            Event::ClockSet { off_ms } => Some(off_ms),
            _ => None,
        };
        let offs: Vec<i64> = run.trace.records().unwrap().iter().filter_map(off).collect();
        assert_eq!(offs, wanted);
    }
}
