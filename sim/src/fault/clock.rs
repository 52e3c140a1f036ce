//! Clocks that run wrong.

use super::{FaultId, Struck, Target, Undo};
use crate::state::{State, node_of};
use crate::trace::Kind;
use revline_store::machine::MemberId;

pub(super) fn drift(state: &mut State, fault: FaultId, target: Target, ppm: i64) -> Struck {
    let member = state.resolve(target);
    state.bounds.declare(&mut state.recorder, state.now_ns, ppm.unsigned_abs());
    state.process(node_of(member)).drifts_ppm.insert(fault, ppm);
    set(state, member);
    Struck::one(node_of(member), Undo::ClockRate(member))
}

pub(super) fn restore(state: &mut State, fault: FaultId, member: MemberId) {
    state.process(node_of(member)).drifts_ppm.remove(&fault);
    set(state, member);
}

/// Lets a clock drift as the worst of its faults says: the one farthest from the truth, of two alike the fast one.
fn set(state: &mut State, member: MemberId) {
    let now_ns = state.now_ns;
    let process = state.process(node_of(member));
    let worst = process.drifts_ppm.values().copied().max_by_key(|ppm| (ppm.unsigned_abs(), *ppm));
    let clock = &mut process.clock;
    clock.set_drift(now_ns, worst.unwrap_or(0));
    let arguments = [clock.local_ns(now_ns).wrapping_sub(now_ns), clock.drift_ppm() as u64, 0];
    state.record(Kind::Clock, node_of(member), arguments);
}
