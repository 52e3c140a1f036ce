//! Disks that become slow.

use super::{Target, Undo};
use crate::state::State;
use revline_store::machine::MemberId;

pub(super) fn slow(state: &mut State, target: Target, factor: u32) -> Undo {
    let member = state.resolve(target);
    state.slot(member).disk.set_slowdown(factor);
    Undo::DiskSpeed(member)
}

pub(super) fn restore(state: &mut State, member: MemberId) {
    state.slot(member).disk.set_slowdown(1);
}
