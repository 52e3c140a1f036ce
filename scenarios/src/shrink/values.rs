//! Simpler values: whatever a plan says of its world and of its events, as small and as plain as it still fails.
//!
//! It works on the form that plans have in files, so that a new kind of operation or fault is made simpler, too.

use super::tries::Tries;
use crate::plan::{Plan, mend};
use revline_sim::SimulationConfig;
use serde_json::Value;
use std::collections::BTreeSet;

/// Takes back, one by one, what a scenario changed of the defaults of a world.
pub(super) fn plain_world(tries: &mut Tries<'_>) {
    let Ok(Value::Object(defaults)) = serde_json::to_value(SimulationConfig::default()) else { return };
    for (name, default) in defaults {
        if ["seed", "members", "defects"].contains(&name.as_str()) {
            continue;
        }
        let plain = changed(&tries.smallest.plan, |plan| plan["simulation"][&name] = default.clone());
        if tries.first(&mut plain.into_iter()).is_none()
            && let Value::Object(parts) = default
        {
            for (part, default) in parts {
                let plain = changed(&tries.smallest.plan, |plan| {
                    plan["simulation"][&name][&part] = default.clone();
                });
                tries.first(&mut plain.into_iter());
            }
        }
    }
}

/// Lets members be compared after every entry, so that fewer entries show where they differ.
pub(super) fn compare_members_often(tries: &mut Tries<'_>) {
    let often = changed(&tries.smallest.plan, |plan| {
        plan["simulation"]["digest_every_entries"] = 1.into();
        plan["simulation"]["hash_every_revisions"] = 1.into();
    });
    tries.first(&mut often.into_iter());
}

/// Lets members take snapshots after fewer entries, if the scenario does so already, and queues be full sooner.
pub(super) fn fill_sooner(tries: &mut Tries<'_>) {
    let Ok(usual) = serde_json::to_value(SimulationConfig::default()) else { return };
    for (place, values, by_default) in [
        ("/snapshot_every_entries", &[1, 2, 3, 5, 10, 20, 50][..], false),
        ("/snapshot_keep_entries", &[0, 1, 2, 5, 10], false),
        ("/quota_bytes", &[100, 300, 1_000, 3_000], false),
        ("/network/streams/queue_responses", &[2, 4, 8, 16], true),
    ] {
        let plan = tries.smallest.plan.clone();
        let world = serde_json::to_value(&plan.simulation).unwrap_or_default();
        let at = |world: &Value| world.pointer(place).and_then(Value::as_u64);
        let now = at(&world).filter(|now| by_default || Some(*now) != at(&usual));
        let lower = values.iter().filter(|&&value| now.is_some_and(|now| value < now));
        tries.first(
            &mut lower.filter_map(|value| with(&plan, &format!("/simulation{place}"), (*value).into())),
        );
    }
}

/// Lets watches begin at a lower revision, for which fewer writes are needed.
pub(super) fn begin_watches_sooner(tries: &mut Tries<'_>) {
    for client in 0..tries.smallest.plan.clients.len() {
        let plan = tries.smallest.plan.clone();
        let Ok(value) = serde_json::to_value(&plan) else { return };
        let mut places = Vec::new();
        starts(&value["clients"][client], &format!("/clients/{client}"), &mut places);
        for (place, revision) in places {
            let plan = tries.smallest.plan.clone();
            let lower =
                [0, 1, 2, 3, 5, 10, 20, 50, revision / 2].into_iter().filter(|lower| *lower < revision);
            tries.first(&mut lower.filter_map(|lower| with(&plan, &place, lower.into())));
        }
    }
}

/// The places of the first revisions of watches, with what is there.
fn starts(value: &Value, place: &str, places: &mut Vec<(String, i64)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let place = format!("{place}/{name}");
                match value.as_i64().filter(|revision| name == "start_revision" && *revision > 0) {
                    Some(revision) => places.push((place, revision)),
                    None => starts(value, &place, places),
                }
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| starts(value, &format!("{place}/{at}"), places));
        }
        _ => {}
    }
}

/// The plan with another value at a place.
pub(super) fn with(plan: &Plan, place: &str, other: Value) -> Option<Plan> {
    changed(plan, |plan| {
        if let Some(value) = plan.pointer_mut(place) {
            *value = other;
        }
    })
}

/// Makes every value of clients, faults and steps simpler.
pub(super) fn plain_events(tries: &mut Tries<'_>) {
    merge_keys(tries);
    for part in ["clients", "faults", "operator"] {
        let mut seen = 0;
        loop {
            let plan = tries.smallest.plan.clone();
            let Ok(value) = serde_json::to_value(&plan) else { return };
            let mut places = Vec::new();
            leaves(&value[part], &format!("/{part}"), &mut places);
            let Some(place) = places.get(seen) else { break };
            let simpler = value.pointer(place).map(simpler).unwrap_or_default();
            let mut plans = simpler.into_iter().filter_map(|simpler| with(&plan, place, simpler));
            // What became simpler may become simpler still, or is no place any more.
            if tries.first(&mut plans).is_none() {
                seen += 1;
            }
            if tries.is_stopped() {
                return;
            }
        }
    }
}

/// The values that are simpler than this one, the simplest first.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(true) => vec![false.into()],
        Value::Array(list) if list.len() > 1 || list.first().is_some_and(Value::is_number) => {
            let without = |at: usize| {
                let mut list = list.clone();
                list.remove(at);
                Value::Array(list)
            };
            std::iter::once(Value::Array(Vec::new())).chain((0..list.len()).map(without)).collect()
        }
        _ => Vec::new(),
    }
}

/// The places of everything in a value that may be made simpler, but not of lists of events, which are no values.
fn leaves(value: &Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{place}/{name}"), places));
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            list.iter().enumerate().for_each(|(at, value)| leaves(value, &format!("{place}/{at}"), places));
        }
        Value::Array(list) if place.ends_with("/endpoints") || list.is_empty() => {}
        Value::Array(_) | Value::Bool(true) => places.push(place.to_owned()),
        _ => {}
    }
}

/// Lets operations use fewer keys.
fn merge_keys(tries: &mut Tries<'_>) {
    let mut keys = BTreeSet::new();
    if let Ok(plan) = serde_json::to_value(&tries.smallest.plan) {
        each_key(&mut plan["clients"].clone(), &mut |key| {
            keys.insert(key.clone());
        });
    }
    let mut kept: Vec<String> = Vec::new();
    for key in keys {
        let plan = tries.smallest.plan.clone();
        let merged = |other: &String| {
            changed(&plan, |plan| {
                each_key(&mut plan["clients"], &mut |own| {
                    if *own == key {
                        other.clone_into(own);
                    }
                });
            })
        };
        if tries.first(&mut kept.iter().filter_map(merged)).is_none() {
            kept.push(key);
        }
    }
}

/// Shows every key in a part of a plan, to change it.
fn each_key(value: &mut Value, see: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(key) if name == "key" => see(key),
                    Value::Array(list) if name == "keys" => list.iter_mut().for_each(|value| {
                        if let Value::String(key) = value {
                            see(key);
                        }
                    }),
                    value => each_key(value, see),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| each_key(value, see)),
        _ => {}
    }
}

/// The plan with a change in the form it has in files, if that makes a plan.
fn changed(plan: &Plan, change: impl FnOnce(&mut Value)) -> Option<Plan> {
    let mut value = serde_json::to_value(plan).ok()?;
    change(&mut value);
    let mut plan: Plan = serde_json::from_value(value).ok()?;
    mend(&mut plan);
    Some(plan)
}
