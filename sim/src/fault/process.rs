//! Processes that crash, come back, or stand still.

use super::{Target, Undo};
use crate::state::{State, node_of};
use crate::trace::Kind;
use madsim::runtime::Handle;
use revline_store::machine::MemberId;

/// Crashes those of `members` that run.
pub(super) fn crash(state: &mut State, handle: &Handle, members: &[MemberId]) -> Undo {
    let mut crashed = Vec::new();
    for &member in members {
        let slot = state.slot(member);
        if let (true, Some(node)) = (slot.running, slot.node) {
            handle.kill(node);
            state.process_crashed(member);
            crashed.push(member);
        }
    }
    Undo::Restart(crashed)
}

pub(super) fn restart(state: &mut State, handle: &Handle, members: &[MemberId]) {
    for &member in members {
        let slot = state.slot(member);
        if let (false, Some(node)) = (slot.gone || slot.running, slot.node) {
            handle.restart(node);
        }
    }
}

pub(super) fn pause(state: &mut State, handle: &Handle, target: Target) -> Undo {
    let member = state.resolve(target);
    let slot = state.slot(member);
    let (true, false, Some(node)) = (slot.running, slot.paused, slot.node) else { return Undo::Nothing };
    slot.paused = true;
    handle.pause(node);
    state.counters.pauses += 1;
    state.record(Kind::Pause, node_of(member), [0; 3]);
    Undo::Resume(member)
}

pub(super) fn resume(state: &mut State, handle: &Handle, member: MemberId) {
    let slot = state.slot(member);
    let (true, Some(node)) = (slot.paused, slot.node) else { return };
    slot.paused = false;
    handle.resume(node);
    state.record(Kind::Resume, node_of(member), [0; 3]);
}
