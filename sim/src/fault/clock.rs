//! Clocks that run wrong.

use super::{Target, Undo};
use crate::state::{State, node_of};
use crate::trace::Kind;
use revline_store::machine::MemberId;

pub(super) fn drift(state: &mut State, target: Target, ppm: i64) -> Undo {
    let member = state.resolve(target);
    state.declare_bounds(ppm.unsigned_abs());
    set(state, member, ppm);
    Undo::ClockRate(member)
}

pub(super) fn restore(state: &mut State, member: MemberId) {
    set(state, member, 0);
}

fn set(state: &mut State, member: MemberId, ppm: i64) {
    let now_ns = state.now_ns;
    let clock = &mut state.process(node_of(member)).clock;
    clock.set_drift(now_ns, ppm);
    let arguments = [clock.local_ns(now_ns).wrapping_sub(now_ns), clock.drift_ppm() as u64, 0];
    state.record(Kind::Clock, node_of(member), arguments);
}
