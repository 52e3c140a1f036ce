//! Streams between clients, proxies and members: each belongs to one start of the process at either end, and delivers
//! what was sent on it from the first frame on.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use rand::Rng;
use rand::seq::SliceRandom;
use revline_checker::judge::Judge;
use revline_sim::client::{CallError, Client, GetOptions, WatchOptions};
use revline_sim::entropy::generator;
use revline_sim::fault::{
    BreakStreams, ClientTarget, Crash, Fault, Isolate, Pause, PauseClient, ProxyCrash, ProxyCut, ProxyPause,
    ProxySide, Target,
};
use revline_sim::trace::{Event, Fingerprint, NodeName, Record, StreamName};
use revline_sim::{ProxyPlace, Run, SimulationConfig, World, simulate};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

const SERIALIZABLE: GetOptions =
    GetOptions { prefix: false, from_key: false, serializable: true, revision: 0, limit: 0 };

fn run<F: Future<Output = ()>>(seed: u64, program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let proxies = vec![ProxyPlace::new(vec![1, 2, 3]), ProxyPlace::new(vec![101])];
    let config = SimulationConfig { seed, proxies, ..SimulationConfig::default() };
    let run = simulate(&config, true, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
    check(run.trace.records().unwrap());
    run
}

#[derive(Default)]
struct Seen {
    /// Which start of the server's process took it.
    taken_by: Option<u64>,
    broken: bool,
    /// What was sent and not delivered yet, by the node it came from.
    under_way: BTreeMap<NodeName, std::collections::VecDeque<Fingerprint>>,
}

/// Holds a trace against what a stream is.
fn check(records: &[Record]) {
    let mut streams: BTreeMap<StreamName, Seen> = BTreeMap::new();
    let mut starts: BTreeMap<NodeName, u64> = BTreeMap::new();
    for record in records {
        match record.event {
            Event::Start { .. } => *starts.entry(record.node).or_default() += 1,
            Event::StreamTaken { stream, incarnation, .. } => {
                assert_eq!(starts[&record.node], incarnation, "the process that runs takes it: {record}");
                streams.entry(stream).or_default().taken_by = Some(incarnation);
            }
            Event::StreamBreak { stream, .. } => streams.entry(stream).or_default().broken = true,
            Event::FrameSend { stream, content, .. } => {
                let under_way = &mut streams.entry(stream).or_default().under_way;
                under_way.entry(record.node).or_default().push_back(content);
            }
            Event::FrameDeliver { from, stream: name, content, .. } => {
                let stream = streams.get_mut(&name).expect("it was opened");
                assert!(!stream.broken, "nothing arrives on a broken stream: {record}");
                let first = stream.under_way.get_mut(&from).and_then(|queue| queue.pop_front());
                assert_eq!(first, Some(content), "frames arrive in order, from the first on: {record}");
                for end in [from, record.node].into_iter().filter(|node| !node.is_client()) {
                    // One end opened it, the other took it.
                    let opened = name.0 >> 22 == end.0;
                    let still = opened || stream.taken_by == starts.get(&end).copied();
                    assert!(still, "{end} started again since: {record}");
                }
            }
            _ => {}
        }
    }
}

async fn opened_while(
    world: &World,
    client: &Client,
    faults: &[Fault],
    heal: &[usize],
) -> Result<(), CallError> {
    let struck: Vec<_> = faults.iter().map(|fault| world.strike(fault)).collect();
    world.sleep(SECOND / 10).await;
    let put = client.clone();
    let putting = world.spawn(async move { put.put("k", "1").await.map(drop) });
    for &position in heal {
        world.sleep(SECOND / 5).await;
        world.heal_one(struck[position]);
    }
    let put = putting.await.unwrap();
    world.heal().await;
    put
}

#[test]
fn a_stream_opened_while_the_way_is_cut_to_a_member_that_is_down_is_none_of_the_next_process() {
    for seed in 0..4 {
        for (endpoint, cut, down) in [
            (
                2,
                Fault::Isolate(Isolate { target: Target::Member(2), clients: true }),
                Fault::Crash(Crash { target: Target::Member(2) }),
            ),
            (
                101,
                Fault::ProxyCut(ProxyCut { proxy: 0, from: ProxySide::Clients }),
                Fault::ProxyCrash(ProxyCrash { proxy: 0 }),
            ),
            (
                102,
                Fault::ProxyCut(ProxyCut { proxy: 0, from: ProxySide::Both }),
                Fault::ProxyCrash(ProxyCrash { proxy: 0 }),
            ),
        ] {
            // Whichever heals first.
            for heal in [[0, 1], [1, 0]] {
                let (cut, down) = (cut.clone(), down.clone());
                run(seed, |world| async move {
                    world.leader().await.unwrap();
                    let client = world.client_at(vec![endpoint], None);
                    let put = opened_while(&world, &client, &[cut, down], &heal).await;
                    match (endpoint, heal) {
                        // The request arrived where nobody was.
                        (2 | 101, [0, 1]) => assert_eq!(put, Err(CallError::Refused)),
                        // It waited, and a process was there; whether that had a leader in time is another matter.
                        (2 | 101, _) => assert_ne!(put, Err(CallError::Refused)),
                        _ => {}
                    }
                    let from_the_first = WatchOptions { start_revision: 1, ..WatchOptions::default() };
                    let mut watch = client.watch("k", "", from_the_first).await;
                    let served = world.timeout(60 * SECOND, async {
                        while client.put("k", "2").await.is_err() {
                            world.sleep(SECOND / 10).await;
                        }
                        watch.next().await
                    });
                    let event = served.await.unwrap_or_else(|_| panic!("{endpoint} serves no more"));
                    assert!(event.is_some());
                    world.settle(20 * SECOND).await;
                });
            }
        }
    }
}

#[test]
fn a_member_that_starts_before_the_request_arrives_takes_the_stream() {
    run(1, |world| async move {
        world.leader().await.unwrap();
        let client = world.client_at(vec![2], None);
        let crash = world.strike(&Crash { target: Target::Member(2) });
        world.sleep(SECOND).await;
        let put = client.clone();
        let putting = world.spawn(async move { put.get_with("k", SERIALIZABLE).await.map(drop) });
        world.sleep(Duration::from_micros(100)).await;
        world.heal_one(crash);
        assert_eq!(putting.await.unwrap(), Ok(()), "the request is still under way when the member starts");
        // And one that goes before it arrives refuses it.
        client.disconnect();
        let put = client.clone();
        let putting = world.spawn(async move { put.get_with("k", SERIALIZABLE).await.map(drop) });
        world.sleep(Duration::from_micros(100)).await;
        world.strike(&Crash { target: Target::Member(2) });
        assert_eq!(putting.await.unwrap(), Err(CallError::Refused));
        world.settle(20 * SECOND).await;
    });
}

#[test]
fn a_request_that_waits_too_long_is_refused_and_one_to_a_paused_process_is_taken() {
    run(2, |world| async move {
        world.leader().await.unwrap();
        let client = world.client_at(vec![2], None);
        world.strike(&Pause { target: Target::Member(2) });
        let began = world.elapsed();
        assert!(matches!(client.get("k").await, Err(CallError::Unknown(_))), "somebody took it");
        world.heal().await;
        while client.get("k").await.is_err() {
            world.sleep(SECOND / 10).await;
        }
        world.strike(&Isolate { target: Target::Member(2), clients: true });
        client.disconnect();
        // The client gives up first, and does not know.
        assert!(matches!(client.get("k").await, Err(CallError::Unknown(_))));
        assert!(world.elapsed() - began > 3 * SECOND);
        world.heal().await;
        world.settle(20 * SECOND).await;
    });
}

/// Strikes and heals at random while clients put, read and watch.
async fn storm(world: World, seed: u64) {
    world.leader().await.unwrap();
    let mut draws = generator(seed, "storm");
    let mut clients = Vec::new();
    let ends = Arc::new(AtomicBool::new(false));
    for endpoint in [1, 2, 3, 101, 102] {
        let client = world.client_at(vec![endpoint], None);
        clients.push(client.clone());
        let (own, times) = (client.clone(), world.clone());
        world.run_client(&client, async move {
            let mut watch =
                own.watch("k", "", WatchOptions { start_revision: 1, ..Default::default() }).await;
            while watch.next().await.is_some() {
                times.sleep(Duration::from_millis(1)).await;
            }
        });
        let (own, times, own_ends) = (client.clone(), world.clone(), ends.clone());
        world.run_client(&client, async move {
            for count in 0.. {
                if own_ends.load(Ordering::Relaxed) {
                    return;
                }
                let _ = own.put("k", format!("{endpoint}-{count}")).await;
                times.sleep(Duration::from_millis(20)).await;
            }
        });
    }
    let mut faults: Vec<Fault> = (1..=3)
        .flat_map(|id| {
            let target = Target::Member(id);
            [
                Fault::Crash(Crash { target }),
                Fault::Pause(Pause { target }),
                Fault::Isolate(Isolate { target, clients: true }),
                Fault::BreakStreams(BreakStreams { target }),
            ]
        })
        .collect();
    for proxy in 0..2 {
        faults.extend([Fault::ProxyCrash(ProxyCrash { proxy }), Fault::ProxyPause(ProxyPause { proxy })]);
        faults.extend(
            [ProxySide::Both, ProxySide::Clients].map(|from| Fault::ProxyCut(ProxyCut { proxy, from })),
        );
    }
    faults.extend(clients.iter().map(|client| {
        Fault::PauseClient(PauseClient { target: ClientTarget::Named(client.name().to_owned()) })
    }));
    let mut in_force = Vec::new();
    for _ in 0..60 {
        in_force.push(world.strike(faults.choose(&mut draws).unwrap()));
        world.sleep(Duration::from_micros(draws.gen_range(50..300_000))).await;
        if in_force.len() > 3 {
            world.heal_one(in_force.swap_remove(draws.gen_range(0..in_force.len())));
        }
    }
    ends.store(true, Ordering::Relaxed);
    world.settle(30 * SECOND).await;
}

#[test]
fn no_stream_outlives_a_process_in_a_storm_of_faults() {
    for seed in 0..12 {
        let run = run(seed, |world| storm(world, seed));
        assert!(run.counters.streams_broken > 10, "{:?}", run.counters);
    }
}
