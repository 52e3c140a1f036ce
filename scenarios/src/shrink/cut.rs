//! Ending a plan early: nothing that comes after the violation is needed for it.

use super::tries::Tries;
use crate::plan::{Plan, Work, mend};

/// Ends the plan as early as it still fails, to within a sixteenth.
pub(super) fn cut(tries: &mut Tries<'_>) {
    let plan = tries.smallest.plan.clone();
    let mut late_ms = plan.duration_ms;
    let evident_ms = tries.smallest.evident_ms;
    if evident_ms < late_ms && tries.first(&mut std::iter::once(until(&plan, evident_ms))).is_some() {
        late_ms = evident_ms;
    }
    let mut early_ms = 0;
    while late_ms - early_ms > 1 + plan.duration_ms / 16 {
        let middle_ms = early_ms + (late_ms - early_ms) / 2;
        match tries.first(&mut std::iter::once(until(&plan, middle_ms))) {
            Some(_) => late_ms = middle_ms,
            None => early_ms = middle_ms,
        }
        if tries.is_stopped() {
            return;
        }
    }
}

/// The plan with nothing that begins after some time.
fn until(plan: &Plan, end_ms: u64) -> Plan {
    let mut plan = plan.clone();
    plan.duration_ms = plan.duration_ms.min(end_ms).max(1);
    plan.faults.retain(|planned| planned.at_ms <= end_ms);
    plan.operator.retain(|planned| planned.at_ms <= end_ms);
    plan.auth.retain(|planned| planned.at_ms <= end_ms);
    let early = |times_ms: &mut Vec<u64>| times_ms.retain(|at_ms| *at_ms <= end_ms);
    for client in &mut plan.clients {
        match &mut client.work {
            Work::Operations(operations) => {
                operations.retain(|operation| operation.at_us <= end_ms.saturating_mul(1_000));
            }
            Work::WatchStream { watches, reconnect_at_ms, progress_at_ms, .. } => {
                watches.retain(|watch| watch.at_ms <= end_ms);
                early(reconnect_at_ms);
                early(progress_at_ms);
            }
            Work::Watch { reconnect_at_ms, progress_at_ms, .. } => {
                early(reconnect_at_ms);
                early(progress_at_ms);
            }
            Work::Observe { reconnect_at_ms, .. } => early(reconnect_at_ms),
        }
    }
    mend(&mut plan);
    plan
}
