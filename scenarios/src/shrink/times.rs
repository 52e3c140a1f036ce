//! Shorter times: events move together, faults heal sooner, the run ends earlier.

use super::tries::Tries;
use crate::plan::{Plan, Work};

/// Plans with more events than this keep their gaps: each takes some runs.
const MOST_GAPS: usize = 60;

/// Closes gaps between events, and shortens what lasts.
pub(super) fn shorten(tries: &mut Tries<'_>) {
    let count = moments(&tries.smallest.plan).len();
    if count <= MOST_GAPS {
        for position in 0..count {
            let plan = tries.smallest.plan.clone();
            let times = moments(&plan);
            let Some(&at_ms) = times.get(position) else { break };
            let before_ms = if position == 0 { 0 } else { times[position - 1] };
            let gap_ms = at_ms - before_ms;
            let closer = [gap_ms, gap_ms - gap_ms / 8, gap_ms - gap_ms / 4, gap_ms / 2, gap_ms / 4];
            let closer = closer.into_iter().filter(|less_ms| *less_ms > 0);
            tries.first(&mut closer.map(|less_ms| earlier(&plan, at_ms, less_ms)));
            if tries.is_stopped() {
                return;
            }
        }
    }
    for position in 0..tries.smallest.plan.faults.len() {
        let plan = tries.smallest.plan.clone();
        let for_ms = plan.faults[position].for_ms;
        let shorter =
            [0, for_ms / 8, for_ms / 4, for_ms / 2].into_iter().filter(|shorter_ms| *shorter_ms < for_ms);
        tries.first(&mut shorter.map(|for_ms| {
            let mut plan = plan.clone();
            plan.faults[position].for_ms = for_ms;
            plan
        }));
    }
    let plan = tries.smallest.plan.clone();
    let shortest = [1, 2, 4, 8, 16].map(|part| (plan.duration_ms * part / 32).max(1));
    tries.first(
        &mut shortest
            .into_iter()
            .filter(|&end_ms| end_ms < plan.duration_ms)
            .map(|duration_ms| Plan { duration_ms, ..plan.clone() }),
    );
}

/// The times of all events, in milliseconds, in order, each once.
fn moments(plan: &Plan) -> Vec<u64> {
    let mut times = Vec::new();
    each_time(&mut plan.clone(), &mut |at_ms| {
        times.push(at_ms);
        at_ms
    });
    times.sort_unstable();
    times.dedup();
    times
}

/// The plan in which whatever comes at this time or later comes sooner by so much.
fn earlier(plan: &Plan, from_ms: u64, less_ms: u64) -> Plan {
    let mut plan = plan.clone();
    each_time(&mut plan, &mut |at_ms| if at_ms >= from_ms { at_ms - less_ms } else { at_ms });
    if plan.duration_ms >= from_ms {
        plan.duration_ms = (plan.duration_ms - less_ms).max(1);
    }
    plan
}

/// Shows the time of every event, in milliseconds, to change it.
fn each_time(plan: &mut Plan, see: &mut dyn FnMut(u64) -> u64) {
    plan.faults.iter_mut().for_each(|planned| planned.at_ms = see(planned.at_ms));
    plan.operator.iter_mut().for_each(|planned| planned.at_ms = see(planned.at_ms));
    // Those at 0 come first, and are made for sure.
    for planned in plan.auth.iter_mut().filter(|planned| planned.at_ms > 0) {
        planned.at_ms = see(planned.at_ms).max(1);
    }
    let mut all = |times_ms: &mut Vec<u64>| times_ms.iter_mut().for_each(|at_ms| *at_ms = see(*at_ms));
    for client in &mut plan.clients {
        match &mut client.work {
            Work::Operations(operations) => {
                for operation in operations {
                    let (at_ms, rest_us) = (operation.at_us / 1_000, operation.at_us % 1_000);
                    let mut time = vec![at_ms];
                    all(&mut time);
                    operation.at_us = time[0] * 1_000 + rest_us;
                }
            }
            Work::WatchStream { watches, reconnect_at_ms, progress_at_ms, .. } => {
                for watch in watches {
                    let mut times = vec![watch.at_ms];
                    times.extend(watch.cancel_at_ms);
                    all(&mut times);
                    watch.at_ms = times[0];
                    watch.cancel_at_ms = times.get(1).copied();
                }
                all(reconnect_at_ms);
                all(progress_at_ms);
            }
            Work::Watch { reconnect_at_ms, progress_at_ms, .. } => {
                all(reconnect_at_ms);
                all(progress_at_ms);
            }
            Work::Observe { reconnect_at_ms, .. } => all(reconnect_at_ms),
        }
    }
}
