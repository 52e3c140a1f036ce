//! One load, with or without proxies.

use madsim::task::spawn_local;
use madsim::time::{Duration, sleep, timeout};
use revline_checker::history::{History, Request, Response};
use revline_sim::client::WatchOptions;
use revline_sim::{Counters, CpuConfig, ProxyPlace, SimulationConfig, World, simulate};
use std::collections::BTreeMap;

/// What work costs. A core that does nothing else sends 333 000 watch responses a second.
pub const COSTS: CpuConfig = CpuConfig { per_message_us: 10, per_reply_us: 5, per_watch_response_us: 3 };

/// How many proxies there are, where there are any.
pub const PROXIES: usize = 20;

/// How often the key is written.
pub const WRITES_PER_S: u64 = 500;

/// For how long, in simulated milliseconds.
pub const LOAD_MS: u64 = 2_000;

/// Clients that write, in turns, so that a late answer does not keep the next write from its time at once.
const WRITERS: u64 = 100;

/// How long watchers get after the load, in simulated milliseconds: what is late by more is left out.
const AFTERMATH_MS: u64 = 1_000;

const MEMBERS: u64 = 3;
const KEY: &str = "fan-out";

/// What was measured.
pub struct Measured {
    /// Watch responses of all members together, for each write.
    pub sent_per_write: f64,
    /// Writes that were answered, for each second of the load.
    pub writes_per_s: f64,
    /// From when a write was due to its answer.
    pub write: Latency,
    /// Events that had not reached their watchers when the load ended.
    pub behind: u64,
    /// From when a write was due to when a watcher heard of it, of those that did.
    pub event: Latency,
    /// Events that reached watchers.
    pub events: u64,
}

/// How long something took, in simulated milliseconds.
pub struct Latency {
    pub mean_ms: f64,
    pub p99_ms: f64,
}

impl Latency {
    fn of(mut took_ns: Vec<u64>) -> Latency {
        took_ns.sort_unstable();
        let count = took_ns.len().max(1);
        let sum: u128 = took_ns.iter().map(|&ns| u128::from(ns)).sum();
        let p99 = took_ns.get(took_ns.len() * 99 / 100).copied().unwrap_or(0);
        Latency { mean_ms: sum as f64 / count as f64 / 1e6, p99_ms: p99 as f64 / 1e6 }
    }
}

/// What the program in the world says.
struct Load {
    began_ns: u64,
    before: Counters,
    after: Counters,
}

/// Runs the load.
pub fn measure(watchers: usize, proxies: usize) -> (Measured, History) {
    let members: Vec<u64> = (1..=MEMBERS).collect();
    let config = SimulationConfig {
        seed: 1,
        members: MEMBERS,
        proxies: (0..proxies).map(|_| ProxyPlace::new(members.clone())).collect(),
        cpu: COSTS,
        ..SimulationConfig::default()
    };
    let endpoints = move |world: &World, number: usize| match proxies {
        0 => vec![members[number % members.len()]],
        _ => vec![world.proxies()[number % proxies]],
    };
    let run = simulate(&config, false, |world| async move {
        world.leader().await.expect("a leader");
        for number in 0..watchers {
            let client = world.client_at(endpoints(&world, number), None);
            spawn_local(async move {
                let mut watch = client.watch(KEY, "", WatchOptions::default()).await;
                while watch.next().await.is_some() {}
            });
        }
        // All are there before the first write.
        sleep(Duration::from_millis(1_000)).await;
        let (began, before) = (world.elapsed(), world.counters());
        write(&world).await;
        let after = world.counters();
        sleep(Duration::from_millis(AFTERMATH_MS)).await;
        Load { began_ns: began.as_nanos() as u64, before, after }
    })
    .expect("the simulation does not panic");
    let measured = evaluate(&run.value, &run.history, watchers as u64);
    (measured, run.history)
}

/// Writes at the times that are due, whatever became of earlier writes of other clients; until the load ends.
async fn write(world: &World) {
    let began = world.elapsed();
    let due = move |write: u64| began + Duration::from_micros(write * 1_000_000 / WRITES_PER_S);
    for writer in 0..WRITERS {
        let times = world.clone();
        let client = world.client_at(world.members(), Some(writer as usize));
        spawn_local(async move {
            for write in (writer..LOAD_MS * WRITES_PER_S / 1_000).step_by(WRITERS as usize) {
                sleep(due(write).saturating_sub(times.elapsed())).await;
                let end = began + Duration::from_millis(LOAD_MS);
                let left = end.saturating_sub(times.elapsed());
                if left.is_zero() || timeout(left, client.put(KEY, write.to_string())).await.is_err() {
                    return;
                }
            }
        });
    }
    sleep(Duration::from_millis(LOAD_MS)).await;
}

fn evaluate(load: &Load, history: &History, watchers: u64) -> Measured {
    let end_ns = load.began_ns + LOAD_MS * 1_000_000;
    let due_ns = |write: u64| load.began_ns + write * 1_000_000_000 / WRITES_PER_S;
    let mut due_of: BTreeMap<i64, u64> = BTreeMap::new();
    let mut writes_ns = Vec::new();
    for operation in &history.operations {
        let (Request::Put(put), Some(Response::Put(answer))) = (&operation.request, operation.response())
        else {
            continue;
        };
        let Some(number) = put.value.as_str().and_then(|text| text.parse().ok()) else { continue };
        due_of.insert(answer.header.revision, due_ns(number));
        writes_ns.push(operation.return_ns.expect("it was answered") - due_ns(number));
    }
    let (mut events, mut in_time, mut heard_ns) = (0, 0, Vec::new());
    for watch in &history.watches {
        for frame in &watch.frames {
            for event in &frame.events {
                events += 1;
                in_time += u64::from(frame.received_ns <= end_ns);
                if let Some(due_ns) = due_of.get(&event.kv.mod_revision) {
                    heard_ns.push(frame.received_ns.saturating_sub(*due_ns));
                }
            }
        }
    }
    let seconds = LOAD_MS as f64 / 1e3;
    let writes = writes_ns.len() as u64;
    let sent = load.after.watch_responses_of_members - load.before.watch_responses_of_members;
    Measured {
        sent_per_write: sent as f64 / writes.max(1) as f64,
        writes_per_s: writes as f64 / seconds,
        write: Latency::of(writes_ns),
        behind: (writes * watchers).saturating_sub(in_time),
        event: Latency::of(heard_ns),
        events,
    }
}
