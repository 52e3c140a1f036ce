//! Numbers that count revisions: how far behind the newest a client compacts, where a watch begins.
//!
//! A write cannot be left out as long as such a number counts it. So both go together: the write, and one of the number.

use super::ddmin::ddmin;
use super::parts::{Part, deeds, without};
use super::tries::Tries;
use super::values::with;
use crate::execute::{Beginnings, execute_noting};
use crate::plan::{Plan, Work};
use revline_checker::history::Response;
use serde_json::Value;
use std::collections::BTreeMap;

/// Plans with more such numbers than this keep them: each takes a pass.
const MOST_NUMBERS: usize = 4;

/// The fields that count revisions.
const FIELDS: [&str; 2] = ["behind", "start_revision"];

/// Leaves out writes, and lowers the numbers that count them.
pub(super) fn leave_out(tries: &mut Tries<'_>) {
    let count = numbers(&tries.smallest.plan).len();
    for position in 0..count.min(if count > MOST_NUMBERS { 0 } else { count }) {
        let plan = tries.smallest.plan.clone();
        let Some((place, number)) = numbers(&plan).into_iter().nth(position) else { return };
        let made = revisions(&plan);
        ddmin(&deeds(&plan), |sets| {
            let mut lowered = sets.map(|set| {
                let fewer: u64 = set.iter().filter_map(|deed| made.get(deed)).sum();
                let lower = with(&plan, &place, number.saturating_sub(fewer).into());
                without(lower.as_ref().unwrap_or(&plan), &set)
            });
            tries.first(&mut lowered)
        });
    }
}

/// The places of the numbers that are above 0.
fn numbers(plan: &Plan) -> Vec<(String, u64)> {
    let Ok(plan) = serde_json::to_value(plan) else { return Vec::new() };
    let mut places = Vec::new();
    find(&plan["clients"], "/clients", &mut places);
    places
}

fn find(value: &Value, place: &str, places: &mut Vec<(String, u64)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let place = format!("{place}/{name}");
                match value.as_u64().filter(|number| FIELDS.contains(&name.as_str()) && *number > 0) {
                    Some(number) => places.push((place, number)),
                    None => find(value, &place, places),
                }
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| find(value, &format!("{place}/{at}"), places));
        }
        _ => {}
    }
}

/// The number of revisions that each operation makes.
fn revisions(plan: &Plan) -> BTreeMap<Part, u64> {
    let mut made = BTreeMap::new();
    let beginnings = Beginnings::default();
    let Ok(outcome) = execute_noting(plan, false, &beginnings) else { return made };
    for (client, planned) in plan.clients.iter().enumerate() {
        let Work::Operations(_) = planned.work else { continue };
        let times: Vec<u64> = beginnings
            .of(&planned.name)
            .iter()
            .map(|at| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX))
            .collect();
        let own = outcome.history.operations.iter().filter(|operation| operation.client.0 as usize == client);
        for operation in own.filter(|operation| operation.response().is_some_and(writes)) {
            let deed = times.partition_point(|at_ns| *at_ns <= operation.invoke_ns);
            *made.entry(Part::Deed(client, deed.saturating_sub(1))).or_default() += 1;
        }
    }
    made
}

/// Returns true if an answer tells of a new revision.
fn writes(response: &Response) -> bool {
    match response {
        Response::Put(_) | Response::Lock(_) | Response::Election(_) => true,
        Response::Delete(delete) => delete.deleted > 0,
        Response::Txn(txn) => txn.responses.iter().any(writes),
        Response::Range(_) | Response::Compact(_) | Response::Lease(_) | Response::Auth(_) => false,
    }
}
