//! Processes that crash, come back, or stand still.
//!
//! A process is down as long as any fault in force keeps it down, and stands still as long as any lets it, whichever
//! came first and whichever heals first. One that comes back while a pause is in force stands still from its start.

use super::{FaultId, Struck, Undo};
use crate::due::Due;
use crate::node::End;
use crate::state::State;
use crate::trace::{Kind, NodeName};

/// Crashes these processes. One that had ended by itself is no victim.
pub(super) fn crash(state: &mut State, fault: FaultId, nodes: &[NodeName]) -> Struck {
    let victims: Vec<NodeName> =
        nodes.iter().copied().filter(|&node| state.crash_process(fault, node)).collect();
    Struck { undo: Undo::Restart(victims.clone()), victims }
}

pub(super) fn restart(state: &mut State, fault: FaultId, nodes: &[NodeName]) {
    for &node in nodes {
        state.restart_process(fault, node);
    }
}

impl State {
    /// Keeps the process of a member or a proxy down; false if it had ended by itself.
    pub(crate) fn crash_process(&mut self, fault: FaultId, node: NodeName) -> bool {
        let process = self.process(node);
        if process.has_ended() {
            return false;
        }
        process.starting = false;
        process.down_by.insert(fault);
        if process.running {
            self.with_node(node, |node, around| node.end(around, &End::Crash));
        }
        true
    }

    /// Starts a process again that a crash ended, unless another fault keeps it down, or it is that of a member that is
    /// none any more.
    pub(crate) fn restart_process(&mut self, fault: FaultId, node: NodeName) {
        let process = self.process(node);
        if !process.down_by.remove(&fault) || !process.down_by.is_empty() || process.is_up() {
            return;
        }
        if self.with_node(node, |node, around| !node.is_retired(around)) == Some(true) {
            self.start_process(node);
        }
    }
}

pub(super) fn pause(state: &mut State, fault: FaultId, node: NodeName) -> Struck {
    let process = state.process(node);
    if process.has_ended() {
        return Struck::nobody();
    }
    let goes_on = process.paused_by.is_empty();
    process.paused_by.insert(fault);
    state.counters.pauses += 1;
    if goes_on {
        state.record(Kind::Pause, node, [0; 3]);
    }
    Struck::one(node, Undo::Resume(node))
}

pub(super) fn resume(state: &mut State, fault: FaultId, node: NodeName) {
    let process = state.process(node);
    process.paused_by.remove(&fault);
    if process.paused_by.is_empty() {
        state.record(Kind::Resume, node, [0; 3]);
        state.agenda.soon(Due::GoOn(node));
    }
}
