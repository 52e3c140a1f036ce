//! The parts of a plan that can be left out, and the plan without them.

use crate::plan::{Plan, Work, mend};
use std::collections::BTreeSet;

/// A part of a plan, by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Client(usize),
    /// An operation of a client, or a watch on its stream.
    Deed(usize, usize),
    Fault(usize),
    Step(usize),
    Change(usize),
}

/// Every client.
pub(super) fn clients(plan: &Plan) -> Vec<Part> {
    (0..plan.clients.len()).map(Part::Client).collect()
}

/// Everything that happens beside the clients, kind by kind.
pub(super) fn disturbances(plan: &Plan) -> [Vec<Part>; 3] {
    [
        (0..plan.faults.len()).map(Part::Fault).collect(),
        (0..plan.operator.len()).map(Part::Step).collect(),
        (0..plan.auth.len()).map(Part::Change).collect(),
    ]
}

/// Every operation and watch, in order of time.
pub(super) fn deeds(plan: &Plan) -> Vec<Part> {
    let mut timed: Vec<(u64, Part)> = Vec::new();
    for (client, planned) in plan.clients.iter().enumerate() {
        let count = match &planned.work {
            Work::Operations(operations) => operations.len(),
            Work::WatchStream { watches, .. } => watches.len(),
            Work::Watch { .. } | Work::Observe { .. } => 0,
        };
        let own = (0..count).map(|deed| Part::Deed(client, deed));
        timed.extend(own.map(|part| (time_us(plan, part), part)));
    }
    timed.sort_unstable();
    timed.into_iter().map(|(_, part)| part).collect()
}

/// The time of an operation or a watch, in microseconds; 0 of anything else.
pub(super) fn time_us(plan: &Plan, part: Part) -> u64 {
    let Part::Deed(client, deed) = part else { return 0 };
    match plan.clients.get(client).map(|client| &client.work) {
        Some(Work::Operations(operations)) => operations.get(deed).map_or(0, |operation| operation.at_us),
        Some(Work::WatchStream { watches, .. }) => watches.get(deed).map_or(0, |watch| watch.at_ms * 1_000),
        Some(Work::Watch { .. } | Work::Observe { .. }) | None => 0,
    }
}

/// The plan without some of its parts, and without what needs them.
pub(super) fn without(plan: &Plan, parts: &BTreeSet<Part>) -> Plan {
    let mut plan = plan.clone();
    let mut position = 0;
    plan.clients.retain_mut(|client| {
        let own = position;
        position += 1;
        match &mut client.work {
            Work::Operations(operations) => retain(operations, |deed| Part::Deed(own, deed), parts),
            Work::WatchStream { watches, .. } => retain(watches, |deed| Part::Deed(own, deed), parts),
            Work::Watch { .. } | Work::Observe { .. } => {}
        }
        !parts.contains(&Part::Client(own))
    });
    retain(&mut plan.faults, Part::Fault, parts);
    retain(&mut plan.operator, Part::Step, parts);
    retain(&mut plan.auth, Part::Change, parts);
    mend(&mut plan);
    plan
}

fn retain<T>(list: &mut Vec<T>, part: impl Fn(usize) -> Part, parts: &BTreeSet<Part>) {
    let mut position = 0;
    list.retain(|_| {
        position += 1;
        !parts.contains(&part(position - 1))
    });
}
