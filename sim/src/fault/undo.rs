//! Taking back what a fault did.

use crate::due::{Due, Told};
use crate::fault_id::FaultId;
use crate::network::cuts::Way;
use crate::node::End;
use crate::state::State;
use crate::trace::{Details, Event, Fingerprint, NodeName};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::disk::DiskImage;

/// A thing that a fault did, to be taken back when it heals.
#[derive(Debug)]
pub(crate) enum Undo {
    /// Ways are cut.
    Cut(Vec<Way>),
    /// Links are degraded.
    Degrade(Vec<Way>),
    /// Streams break with their next frame.
    BreakMidFrame,
    /// A process is down.
    Crash(NodeName),
    /// A process stands still.
    Pause(NodeName),
    /// A disk is slow, stalled, or fails.
    Disk(NodeName),
    /// Power is to be lost at an operation of a disk, or was.
    PowerLossAt(NodeName),
    /// A copy of a disk is to take its place.
    OldDisk(NodeName, DiskImage),
    /// A disk is read wrong.
    Misread(NodeName),
    /// A clock drifts.
    Drift(NodeName),
    /// The wall part of a clock jumped.
    Jump(NodeName),
}

impl Undo {
    /// Takes it back, unless another fault in force did it, too.
    pub fn undo(self, state: &mut State, fault: FaultId) {
        match self {
            Undo::Cut(ways) => {
                state.network.cuts.heal(&ways);
                state.clog_processes();
                state.with_network(|network, cx| network.resume_streams(cx));
            }
            Undo::Degrade(ways) => {
                for (from, to) in ways {
                    state.network.link(from, to).restore(fault);
                }
            }
            Undo::BreakMidFrame => state.network.breaking.retain(|_, by| *by != fault),
            Undo::Crash(node) if node.is_client() => state.restart_user(node, fault),
            Undo::Crash(node) => restart(state, fault, node),
            Undo::Pause(client) if client.is_client() => state.resume_client(client, fault),
            Undo::Pause(node) => resume(state, fault, node),
            Undo::Disk(node) => recover(state, fault, node),
            Undo::PowerLossAt(node) => {
                recover(state, fault, node);
                restart(state, fault, node);
            }
            Undo::OldDisk(node, copy) => put_back(state, node, copy),
            Undo::Misread(node) => {
                recover(state, fault, node);
                state.record(node, Event::Repair {});
                let (at_ns, member) = (state.now_ns, JudgedMember(node.0));
                state.recorder.observe(Observation::Repaired { at_ns, member });
                if state.process(node).down_by.is_empty() {
                    state.start_again(node);
                }
            }
            Undo::Drift(node) => {
                state.process(node).drifts_ppm.remove(&fault);
                set_drift(state, node);
            }
            Undo::Jump(node) => {
                state.process(node).jumps_ms.remove(&fault);
                set_wall_clock(state, node);
            }
        }
    }
}

/// Lets a disk go on as it does without this fault.
fn recover(state: &mut State, fault: FaultId, node: NodeName) {
    state.member_host(node.0).disk.recover(fault);
    state.tell_soon(node, Told::DiskGoesOn);
}

/// Takes the power of a member, and puts an older copy in the place of its disk, unless that is what the disk holds.
fn put_back(state: &mut State, node: NodeName, copy: DiskImage) {
    let now = state.member_host(node.0).disk.durable_copy();
    // A disk that was lost meanwhile stays lost.
    if now == copy || now.wal.is_none() {
        return;
    }
    let was_up = state.process(node).is_up();
    state.process(node).starting = false;
    if state.process(node).running {
        state.with_node(node, |node, around| node.end(around, &End::Crash));
    }
    state.member_host(node.0).disk.load(copy);
    let words = "an older copy took its place";
    state.record_with(node, Event::Damage { what: Fingerprint::of(words) }, || Details::of_text(words));
    let (at_ns, member) = (state.now_ns, JudgedMember(node.0));
    state.recorder.observe(Observation::RolledBack { at_ns, member });
    if was_up {
        state.start_again(node);
    }
}

/// Starts a process again, unless another fault keeps it down, or its member was removed.
fn restart(state: &mut State, fault: FaultId, node: NodeName) {
    let process = state.process(node);
    if process.down_by.remove(&fault) && process.down_by.is_empty() {
        state.start_again(node);
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

/// Sets the wall part of a member's clock as all the faults in force together say, and tells the member.
pub(super) fn set_wall_clock(state: &mut State, node: NodeName) {
    let off_ms = state.process(node).jumps_ms.values().fold(0_i64, |sum, ms| sum.saturating_add(*ms));
    state.record(node, Event::ClockSet { off_ms });
    let wall_ahead_ms = state.member_host(node.0).set_wall_clock(off_ms);
    state.tell_soon(node, Told::ClockSet { wall_ahead_ms });
}
