//! Disks that become slow.

use super::{FaultId, Struck, Target, Undo};
use crate::state::{State, node_of};
use revline_store::machine::MemberId;

pub(super) fn slow(state: &mut State, fault: FaultId, target: Target, factor: u32) -> Struck {
    let member = state.resolve(target);
    state.slot(member).disk.slow_down(fault, factor);
    Struck::one(node_of(member), Undo::DiskSpeed(member))
}

pub(super) fn restore(state: &mut State, fault: FaultId, member: MemberId) {
    state.slot(member).disk.speed_up(fault);
}
