//! Identity is a name: a run without some part of its plan is the run with it, up to the moment from which the part could
//! make a difference.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_scenarios::plan::{Plan, Work, draw};
use revline_scenarios::{catalogue, execute};
use revline_sim::trace::{Event, NodeName, Record};
use revline_store::defect::Defects;

/// So long clients work, in milliseconds: what comes later is left out.
const DURATION_MS: u64 = 2_500;

/// Scenarios with every kind of part, and whether their clients stand behind proxies.
const SCENARIOS: [(&str, bool); 9] = [
    ("steady", false),
    ("steady", true),
    ("minority-partition", false),
    ("lock-stress", false),
    ("membership-churn", false),
    ("auth-change-under-load", false),
    ("slow-watcher", false),
    ("proxies-under-partition", false),
    ("lease-under-drift", false),
];

/// So many parts of each kind are left out of each plan, one at a time.
const PARTS: usize = 3;

fn drawn(name: &str, seed: u64, behind_proxies: bool) -> Plan {
    let mut scenario = catalogue::find(name).unwrap();
    if behind_proxies {
        scenario.behind_proxies();
    }
    let mut plan = draw(&scenario, seed, Defects::NONE);
    plan.duration_ms = DURATION_MS;
    plan.faults.retain(|fault| fault.at_ms < DURATION_MS);
    plan.operator.retain(|step| step.at_ms < DURATION_MS);
    plan.auth.retain(|change| change.at_ms < DURATION_MS);
    plan.restore.clear();
    for client in &mut plan.clients {
        if let Work::Operations(operations) = &mut client.work {
            operations.retain(|operation| operation.at_us < DURATION_MS * 1_000);
        }
    }
    plan
}

fn records(plan: &Plan) -> Vec<Record> {
    execute(plan, true).unwrap().trace.records().unwrap().to_vec()
}

/// Returns `true` for a record about this node.
fn concerns(record: &Record, node: NodeName) -> bool {
    let other_end = match record.event {
        Event::StreamOpen { to: other, .. }
        | Event::StreamBreak { with: other, .. }
        | Event::StreamTaken { client: other, .. }
        | Event::FrameSend { to: other, .. }
        | Event::FrameDeliver { from: other, .. } => Some(other),
        _ => None,
    };
    record.node == node || other_end == Some(node)
}

/// The first time at which the others can have noticed a client: a message of it arrived.
fn noticed_ns(records: &[Record], client: NodeName) -> u64 {
    let arrived = |record: &&Record| {
        matches!(record.event, Event::FrameDeliver { from, .. } if from == client) && record.node != client
    };
    records.iter().find(arrived).map_or(u64::MAX, |record| record.at_ns)
}

/// Panics unless both runs are the same before that moment, but for what concerns `left_out`.
fn same_before(what: &str, with: &[Record], plan: &Plan, at_ns: u64, left_out: Option<NodeName>) {
    let at_ns = at_ns.min(DURATION_MS * 1_000_000);
    let without = records(plan);
    let of_others = |records: &[Record]| -> Vec<Record> {
        let of_others = |record: &&Record| {
            record.at_ns < at_ns && left_out.is_none_or(|client| !concerns(record, client))
        };
        records.iter().filter(of_others).copied().collect()
    };
    let (with, without) = (of_others(with), of_others(&without));
    assert!(at_ns == 0 || !with.is_empty(), "{what}: nothing is compared");
    let first = with.iter().zip(&without).position(|(one, other)| one != other);
    if let Some(at) = first {
        panic!("{what}: {} of {} ns: with it\n{}\nwithout it\n{}", at, at_ns, with[at], without[at]);
    }
    assert_eq!(with.len(), without.len(), "{what}");
}

/// Some of so many, from the first to the last.
fn some(count: usize) -> impl Iterator<Item = usize> {
    let step = (count / PARTS).max(1);
    (0..count).step_by(step)
}

fn check(name: &str, seed: u64, behind_proxies: bool) -> usize {
    let plan = drawn(name, seed, behind_proxies);
    let with = records(&plan);
    assert_eq!(with, records(&plan), "{name}@{seed} is deterministic");
    let mut compared = 0;
    let mut compare = |what: String, without: Plan, at_ns: u64, left_out: Option<NodeName>| {
        same_before(&format!("{name}@{seed} without {what}"), &with, &without, at_ns, left_out);
        compared += 1;
    };
    for at in some(plan.clients.len()).chain([plan.clients.len() - 1]) {
        let mut without = plan.clone();
        let client = without.clients.remove(at);
        let node = NodeName::client(&client.name);
        compare(client.name, without, noticed_ns(&with, node), Some(node));
    }
    for at in some(plan.clients.len()) {
        match &plan.clients[at].work {
            Work::Operations(operations) => {
                for position in some(operations.len()) {
                    let mut without = plan.clone();
                    let Work::Operations(kept) = &mut without.clients[at].work else { unreachable!() };
                    let operation = kept.remove(position);
                    let what = format!("operation {position} of {}", plan.clients[at].name);
                    compare(what, without, operation.at_us * 1_000, None);
                }
            }
            Work::WatchStream { watches, .. } => {
                for position in some(watches.len()) {
                    let mut without = plan.clone();
                    let Work::WatchStream { watches: kept, .. } = &mut without.clients[at].work else {
                        unreachable!()
                    };
                    let watch = kept.remove(position);
                    let what = format!("watch {position} of {}", plan.clients[at].name);
                    compare(what, without, watch.at_ms * 1_000_000, None);
                }
            }
            Work::Watch { .. } | Work::Observe { .. } => {}
        }
    }
    for at in some(plan.faults.len()) {
        let mut without = plan.clone();
        let fault = without.faults.remove(at);
        compare(format!("fault {}", fault.name), without, fault.at_ms * 1_000_000, None);
    }
    for at in some(plan.operator.len()) {
        let mut without = plan.clone();
        let step = without.operator.remove(at);
        compare(format!("step {at} of the operator"), without, step.at_ms * 1_000_000, None);
    }
    for at in some(plan.auth.len()).filter(|&at| plan.auth[at].at_ms > 0) {
        let mut without = plan.clone();
        let change = without.auth.remove(at);
        compare(format!("change {at} of the administrator"), without, change.at_ms * 1_000_000, None);
    }
    compared
}

#[test]
fn a_run_without_a_part_is_the_run_with_it_until_they_can_have_met() {
    let mut compared = 0;
    for (name, behind_proxies) in SCENARIOS {
        for seed in 0..2 {
            compared += check(name, seed, behind_proxies);
        }
    }
    assert!(compared > 200, "{compared} parts were left out");
}

#[test]
fn a_client_that_does_nothing_leaves_everything_as_it_is() {
    let plan = drawn("steady", 7, false);
    let with = records(&plan);
    for position in [0, plan.clients.len()] {
        let mut crowded = plan.clone();
        let mut idle = plan.clients[0].clone();
        (idle.name, idle.work) = ("idle".to_owned(), Work::Operations(Vec::new()));
        crowded.clients.insert(position, idle);
        let node = NodeName::client("idle");
        let of_others: Vec<Record> =
            records(&crowded).into_iter().filter(|record| !concerns(record, node)).collect();
        assert_eq!(of_others, with);
    }
}

#[test]
fn a_proxy_that_nobody_uses_leaves_the_others_as_they_are() {
    let plan = drawn("proxies-under-partition", 1, false);
    let used = |id: u64| {
        plan.clients.iter().any(|client| client.endpoints.contains(&id))
            || plan.simulation.proxies.iter().any(|place| place.endpoints.contains(&id))
    };
    let with = records(&plan);
    let mut more = plan.clone();
    let mut unused = plan.simulation.proxies[0].clone();
    unused.id = Some(900);
    assert!(!used(900));
    more.simulation.proxies.insert(0, unused);
    let strikes_ns = plan.faults.iter().map(|fault| fault.at_ms * 1_000_000).min().unwrap_or(u64::MAX);
    let node = NodeName(900);
    let of_others = |records: Vec<Record>| -> Vec<Record> {
        records
            .into_iter()
            .filter(|record| record.at_ns < strikes_ns.min(DURATION_MS * 1_000_000))
            .filter(|record| !concerns(record, node))
            .collect()
    };
    assert_eq!(of_others(records(&more)), of_others(with));
}

#[test]
fn names_that_are_given_twice_are_refused() {
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut plan = drawn("lock-stress", 1, false);
        plan.check().unwrap();
        change(&mut plan);
        plan.check().expect_err("a plan with ambiguous names")
    };
    for (wrong, expected) in [
        (
            refused(&|plan| plan.clients[1].name = plan.clients[0].name.clone()),
            "`clients[1].name`: another client is called",
        ),
        (refused(&|plan| plan.clients[2].name.clear()), "`clients[2].name`"),
        (refused(&|plan| plan.clients[0].name = "operator at m1".to_owned()), "is kept for a client"),
        (
            refused(&|plan| plan.faults[1].name = plan.faults[0].name.clone()),
            "`faults[1].name`: another fault is called",
        ),
    ] {
        assert!(wrong.to_string().contains(expected), "{wrong}");
    }
    let mut unnamed = drawn("lock-stress", 1, false);
    unnamed.faults.iter_mut().for_each(|fault| fault.name.clear());
    unnamed.check().unwrap();
}
