//! Availability: what clients get while a fault is in force.

use super::runs::{FigureError, Runs, judged};
use super::spread::seeds_in_words;
use crate::reports::figure::{Axis, Figure, Look, Panel, Series, Table};
use crate::scenarios::scenario::parse_fault;
use crate::sim::client::{Client, ClientConfig, ClientPlace};
use crate::sim::fault::Fault;
use crate::sim::{ProxyPlace, SimulationConfig, World};
use std::collections::BTreeSet;
use std::time::Duration;

/// The faults, in the form that scenario files have, each with its name in the figure.
const FAULTS: [(&str, &str); 37] = [
    ("none", ""),
    ("isolate leader", r#"{"kind": "isolate", "target": "leader"}"#),
    ("isolate leader, clients too", r#"{"kind": "isolate", "target": "leader", "clients": true}"#),
    ("isolate follower", r#"{"kind": "isolate", "target": {"follower": 0}}"#),
    ("split off two, with leader", r#"{"kind": "split", "side": ["leader", {"follower": 0}]}"#),
    ("one-way, leader is heard", r#"{"kind": "one-way", "target": "leader", "hears": "nothing"}"#),
    ("one-way, leader hears", r#"{"kind": "one-way", "target": "leader", "hears": "others"}"#),
    ("bridge", r#"{"kind": "bridge", "target": {"follower": 0}}"#),
    ("majorities-ring", r#"{"kind": "majorities-ring"}"#),
    ("degrade, 20 % loss", r#"{"kind": "degrade", "link": {"latency_us": [5000, 50000], "loss": 0.2}}"#),
    ("break-streams of leader", r#"{"kind": "break-streams", "target": "leader"}"#),
    ("break-mid-frame of leader", r#"{"kind": "break-mid-frame", "target": "leader"}"#),
    ("crash leader", r#"{"kind": "crash", "target": "leader"}"#),
    ("crash follower", r#"{"kind": "crash", "target": {"follower": 0}}"#),
    ("crash-all", r#"{"kind": "crash-all"}"#),
    (
        "crash-at, leader's next sync",
        r#"{"kind": "crash-at", "target": "leader", "work": "sync", "after": 0}"#,
    ),
    ("failing-power", r#"{"kind": "failing-power", "after_ms": 5}"#),
    ("pause leader", r#"{"kind": "pause", "target": "leader"}"#),
    ("pause follower", r#"{"kind": "pause", "target": {"follower": 0}}"#),
    ("pause-client, 1 of 6", r#"{"kind": "pause-client", "target": {"client": 0}}"#),
    ("slow-disk of leader, 50 times", r#"{"kind": "slow-disk", "target": "leader", "factor": 50}"#),
    ("disk-stall of leader", r#"{"kind": "disk-stall", "target": "leader"}"#),
    ("disk-stall of follower", r#"{"kind": "disk-stall", "target": {"follower": 0}}"#),
    (
        "failing-disk of leader",
        r#"{"kind": "failing-disk", "target": "leader", "works": ["sync"], "error": "io"}"#,
    ),
    ("bit-rot of leader's log", r#"{"kind": "bit-rot", "target": "leader", "file": "wal"}"#),
    ("misplaced-write of leader", r#"{"kind": "misplaced-write", "target": "leader", "how": "repeated"}"#),
    ("old-disk of follower", r#"{"kind": "old-disk", "target": {"follower": 0}}"#),
    ("clock-drift of leader, half speed", r#"{"kind": "clock-drift", "target": "leader", "ppm": -500000}"#),
    (
        "clock-drift of follower, twice",
        r#"{"kind": "clock-drift", "target": {"follower": 0}, "ppm": 1000000}"#,
    ),
    ("clock-jump of leader, 1 h", r#"{"kind": "clock-jump", "target": "leader", "ms": 3600000}"#),
    ("transfer-leader", r#"{"kind": "transfer-leader", "to": {"follower": 0}}"#),
    ("no fault, 2 proxies", ""),
    ("proxy-crash, 1 of 2", r#"{"kind": "proxy-crash", "proxy": 0}"#),
    ("proxy-crash-all", r#"{"kind": "proxy-crash-all"}"#),
    ("proxy-pause, 1 of 2", r#"{"kind": "proxy-pause", "proxy": 0}"#),
    ("proxy-cut from servers, 1 of 2", r#"{"kind": "proxy-cut", "proxy": 0, "from": "servers"}"#),
    ("proxy-cut from clients, 1 of 2", r#"{"kind": "proxy-cut", "proxy": 0, "from": "clients"}"#),
];

/// The clients, which call in turns.
const CALLERS: u64 = 6;

/// Between two calls, in milliseconds.
const CALL_EVERY_MS: u64 = 10;

/// The time that a call may take, in milliseconds.
const DEADLINE_MS: u64 = 1_000;

/// The time for which the fault is in force, in milliseconds.
const FOR_MS: u64 = 5_000;

/// A slot of time, which is served if any call was acknowledged in it, in milliseconds.
const SLOT_MS: u64 = 100;

const MEMBERS: u64 = 5;

/// The calls and the slots of a run, and how many of them were served.
#[derive(Clone, Copy, Debug, Default)]
struct Served {
    calls: u64,
    acknowledged: u64,
    slots: u64,
    slots_served: u64,
}

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let faults: Vec<(&str, &str)> = FAULTS.iter().copied().step_by(runs.usual_or_quick(1, 12)).collect();
    let seeds = runs.seeds(8, 1);
    let worlds: Vec<(usize, u64)> =
        (0..faults.len()).flat_map(|fault| seeds.clone().map(move |seed| (fault, seed))).collect();
    let served = runs.each(&worlds, |&(at, seed)| under(faults[at], seed))?;
    let mut table = Table::new([
        "fault",
        "calls",
        "acknowledged_percent",
        "slots",
        "time_served_percent",
        "time_served_least_percent",
    ]);
    let (mut calls, mut time) = (Vec::new(), Vec::new());
    let percent = |part: u64, all: u64| part as f64 / all.max(1) as f64 * 100.0;
    for (at, (name, _)) in faults.iter().enumerate() {
        let own = || {
            worlds.iter().zip(&served).filter(move |((fault, _), _)| *fault == at).map(|(_, served)| served)
        };
        let sum = own().fold(Served::default(), |sum, one| Served {
            calls: sum.calls + one.calls,
            acknowledged: sum.acknowledged + one.acknowledged,
            slots: sum.slots + one.slots,
            slots_served: sum.slots_served + one.slots_served,
        });
        let (of_calls, of_time) =
            (percent(sum.acknowledged, sum.calls), percent(sum.slots_served, sum.slots));
        let least = own().map(|one| percent(one.slots_served, one.slots)).fold(100.0, f64::min);
        table.push([
            (*name).to_owned(),
            sum.calls.to_string(),
            Table::number(of_calls),
            sum.slots.to_string(),
            Table::number(of_time),
            Table::number(least),
        ]);
        calls.push((of_calls, at as f64));
        time.push((of_time, at as f64));
    }
    let names: Vec<String> = faults.iter().map(|(name, _)| (*name).to_owned()).collect();
    let panel = |title: &str, label: &str, points| Panel {
        title: title.to_owned(),
        x: Axis::percent(label),
        y: Axis::names("", names.clone()),
        series: vec![Series::line("", points).look(Look::Bars)],
    };
    Ok(Figure {
        title: "Availability while a fault is in force".to_owned(),
        caption: format!(
            "Simulated: {MEMBERS} members in one data centre, etcd's default election timeout of 1 s; {CALLERS} clients that may use any member \
             (in the last rows: either of two proxies, which use any member) make one call every {CALL_EVERY_MS} ms in turns, a write of one key or a \
             linearizable read, and move on to another member when one fails. A fault strikes, and heals {FOR_MS} ms later; those that happen in a \
             moment (streams that break, a hand-over) are over sooner. A call counts if it was acknowledged within {DEADLINE_MS} ms; time is served \
             if any call was acknowledged in a slot of {SLOT_MS} ms. Each fault: {}. Every guarantee was judged in every run, and held.",
            seeds_in_words(&seeds)
        ),
        panels: vec![panel("Calls", "calls acknowledged (%)", calls), panel("Time", "time served (%)", time)],
        table,
    })
}

/// Runs one fault under one seed.
fn under((name, text): (&str, &str), seed: u64) -> Result<Served, FigureError> {
    let broken = |what: String| FigureError::Broken(format!("{name}: {what}"));
    let fault = if text.is_empty() {
        None
    } else {
        Some(parse_fault(text).map_err(|error| broken(error.to_string()))?)
    };
    let proxies = if name.contains("prox") { 2 } else { 0 };
    let members: Vec<u64> = (1..=MEMBERS).collect();
    let config = SimulationConfig {
        seed,
        members: MEMBERS,
        proxies: (0..proxies).map(|_| ProxyPlace::new(members.clone())).collect(),
        client: ClientConfig { deadline_ms: DEADLINE_MS },
        ..SimulationConfig::default()
    };
    let run = judged(&config, |world| serve(world, fault)).map_err(|error| broken(error.to_string()))?;
    run.value.ok_or_else(|| broken(format!("seed {seed}: no leader")))
}

/// Calls while a fault is in force.
async fn serve(world: World, fault: Option<Fault>) -> Option<Served> {
    world.leader().await.ok()?;
    let endpoints = if world.proxies().is_empty() { world.members() } else { world.proxies() };
    let callers: Vec<Client> = (0..CALLERS)
        .map(|number| {
            let (name, first) = (format!("caller {number}"), Some(number as usize));
            world.client_in_place(ClientPlace {
                name,
                endpoints: endpoints.clone(),
                first,
                ..ClientPlace::default()
            })
        })
        .collect();
    for caller in &callers {
        // It has a process from here on, which a fault can strike.
        let first = caller.clone();
        world.run_client(caller, async move { first.put("k", "before").await }).await.ok()?.ok()?;
    }
    world.sleep(Duration::from_secs(1)).await;
    let struck = world.elapsed();
    let id = fault.map(|fault| world.strike(&fault));
    let mut calls = Vec::new();
    for number in 0..FOR_MS / CALL_EVERY_MS {
        let (caller, times) = (callers[(number % CALLERS) as usize].clone(), world.clone());
        let due = world.elapsed();
        // A call is of the process of its client, which may stand still.
        calls.push(world.run_client(&caller.clone(), async move {
            // Each client reads and writes in turns.
            let is_ok = if (number / CALLERS).is_multiple_of(2) {
                caller.put("k", number.to_string()).await.is_ok()
            } else {
                caller.get("k").await.is_ok()
            };
            // The timers of a client that stands still wait, too, so that its deadline may pass unnoticed.
            let returned = times.elapsed();
            (is_ok && returned <= due + Duration::from_millis(DEADLINE_MS)).then_some(returned)
        }));
        world.sleep_until(struck + Duration::from_millis((number + 1) * CALL_EVERY_MS)).await;
    }
    if let Some(id) = id {
        world.heal_one(id);
    }
    let mut served = Served { calls: calls.len() as u64, slots: FOR_MS / SLOT_MS, ..Served::default() };
    let mut slots = BTreeSet::new();
    for call in calls {
        let Some(at) = call.await.ok().flatten() else { continue };
        served.acknowledged += 1;
        slots.insert((at - struck).as_millis() as u64 / SLOT_MS);
    }
    served.slots_served = slots.range(..served.slots).count() as u64;
    Some(served)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::fault::kinds;

    #[test]
    fn every_kind_of_fault_has_its_row() {
        let of_processes = ["crash-process", "pause-process", "cut-process"];
        let rows: BTreeSet<String> = FAULTS
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(_, text)| parse_fault(text).unwrap())
            .map(|fault| serde_json::to_value(fault).unwrap()["kind"].as_str().unwrap().to_owned())
            .collect();
        let known: BTreeSet<String> = kinds()
            .into_iter()
            .map(|kind| kind.name)
            .filter(|name| !of_processes.contains(&name.as_str()))
            .collect();
        assert_eq!(rows, known);
    }
}
