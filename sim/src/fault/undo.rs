//! Taking back what a fault did.

use crate::due::Due;
use crate::fault_id::FaultId;
use crate::network::cuts::Way;
use crate::state::State;
use crate::trace::{Event, NodeName};

/// A thing that a fault did, to be taken back when it heals.
#[derive(Debug)]
pub(crate) enum Undo {
    /// Ways are cut.
    Cut(Vec<Way>),
    /// Links are degraded.
    Degrade(Vec<Way>),
    /// A process is down.
    Crash(NodeName),
    /// A process stands still.
    Pause(NodeName),
    /// A disk is slow.
    SlowDisk(NodeName),
    /// A clock drifts.
    Drift(NodeName),
}

impl Undo {
    /// Takes it back, unless another fault in force did it, too.
    pub fn undo(self, state: &mut State, fault: FaultId) {
        match self {
            Undo::Cut(ways) => {
                state.network.cuts.heal(&ways);
                state.with_network(|network, cx| network.resume_streams(cx));
            }
            Undo::Degrade(ways) => {
                for (from, to) in ways {
                    state.network.link(from, to).restore(fault);
                }
            }
            Undo::Crash(node) => restart(state, fault, node),
            Undo::Pause(client) if client.is_client() => state.resume_client(client, fault),
            Undo::Pause(node) => resume(state, fault, node),
            Undo::SlowDisk(node) => state.member_host(node.0).disk.speed_up(fault),
            Undo::Drift(node) => {
                state.process(node).drifts_ppm.remove(&fault);
                set_drift(state, node);
            }
        }
    }
}

/// Starts a process again, unless another fault keeps it down, or its member was removed.
fn restart(state: &mut State, fault: FaultId, node: NodeName) {
    let process = state.process(node);
    if !process.down_by.remove(&fault) || !process.down_by.is_empty() || process.is_up() {
        return;
    }
    if state.with_node(node, |node, around| !node.is_retired(around)) == Some(true) {
        state.start_process(node);
    }
}

fn resume(state: &mut State, fault: FaultId, node: NodeName) {
    let process = state.process(node);
    process.paused_by.remove(&fault);
    if process.paused_by.is_empty() {
        state.record(node, Event::Resume {});
        state.agenda.soon(Due::GoOn(node));
    }
}

/// Lets a clock drift as the worst of the faults in force says.
pub(super) fn set_drift(state: &mut State, node: NodeName) {
    let now_ns = state.now_ns;
    let process = state.process(node);
    let worst = process.drifts_ppm.values().copied().max_by_key(|ppm| (ppm.unsigned_abs(), *ppm));
    let clock = &mut process.clock;
    clock.set_drift(now_ns, worst.unwrap_or(0));
    let offset_ns = clock.local_ns(now_ns).wrapping_sub(now_ns) as i64;
    let ppm = clock.drift_ppm();
    state.record(node, Event::Clock { offset_ns, ppm });
}
