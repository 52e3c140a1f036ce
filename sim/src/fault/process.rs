//! Processes that crash, come back, or stand still.

use super::Undo;
use crate::state::{State, member_of};
use crate::trace::{Kind, NodeName};
use madsim::runtime::Handle;

/// Crashes those of these processes that run.
pub(super) fn crash(state: &mut State, handle: &Handle, nodes: &[NodeName]) -> Undo {
    Undo::Restart(nodes.iter().copied().filter(|&node| state.crash_process(handle, node)).collect())
}

pub(super) fn restart(state: &mut State, handle: &Handle, nodes: &[NodeName]) {
    for &node in nodes {
        state.restart_process(handle, node);
    }
}

impl State {
    /// Crashes the process of a member or a proxy; false if it did not run.
    pub(crate) fn crash_process(&mut self, handle: &Handle, node: NodeName) -> bool {
        let process = self.process(node);
        let (true, Some(id)) = (process.running, process.node) else { return false };
        handle.kill(id);
        if node.is_proxy() {
            self.proxy_crashed(node);
        } else {
            self.process_crashed(member_of(node));
        }
        true
    }

    /// Starts a process again that does not run, unless it is that of a member that is none any more.
    pub(crate) fn restart_process(&mut self, handle: &Handle, node: NodeName) {
        let gone = !node.is_proxy() && self.slot(member_of(node)).gone;
        let process = self.process(node);
        if let (false, Some(id)) = (gone || process.running, process.node) {
            handle.restart(id);
        }
    }
}

pub(super) fn pause(state: &mut State, handle: &Handle, node: NodeName) -> Undo {
    let process = state.process(node);
    let (true, false, Some(id)) = (process.running, process.paused, process.node) else {
        return Undo::Nothing;
    };
    process.paused = true;
    handle.pause(id);
    state.counters.pauses += 1;
    state.record(Kind::Pause, node, [0; 3]);
    Undo::Resume(node)
}

pub(super) fn resume(state: &mut State, handle: &Handle, node: NodeName) {
    let process = state.process(node);
    let (true, Some(id)) = (process.paused, process.node) else { return };
    process.paused = false;
    handle.resume(id);
    state.record(Kind::Resume, node, [0; 3]);
}
