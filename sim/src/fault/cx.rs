//! The world as a fault sees it: the nodes there are, and what can be done to them.
//!
//! The deeds of a fault are kept under its id, at the thing it did them to. A process is down as long as any fault in force keeps it
//! down, and stands still as long as any lets it, whichever came first and whichever heals first. One that comes back
//! while a pause is in force stands still from its start.

use super::disk_damage::words_of;
use super::undo::{self, Undo};
use super::{ClientTarget, DiskDamage, ProcessTarget, Target};
use crate::disk::{Failing, PowerLoss};
use crate::due::{Due, Told};
use crate::entropy::{Generator, generator};
use crate::fault_id::FaultId;
use crate::network::LinkConfig;
use crate::network::cuts::Way;
use crate::node::NodeProcess;
use crate::proxy_place::ProxyPlace;
use crate::state::State;
use crate::trace::{Details, Event, Fingerprint, NodeName, node_of};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::disk::{DiskError, DiskWork, File};
use revline_store::frame::{Call, ClientFrame, SessionId};
use revline_store::machine::MemberId;
use std::fmt;
use std::time::Duration;

/// The session of an operator that moves the leadership: no client's, so that the answer goes nowhere.
const OPERATOR: SessionId = 0;

/// A fault's access to the world while it strikes.
///
/// Everything done through it lasts until the fault heals, and several faults may do it to one thing: the worst counts.
pub struct FaultCx<'a> {
    state: &'a mut State,
    id: FaultId,
    seed: u64,
    undo: Vec<Undo>,
}

impl fmt::Debug for FaultCx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultCx").field("id", &self.id).field("undo", &self.undo).finish_non_exhaustive()
    }
}

impl<'a> FaultCx<'a> {
    pub(crate) fn new(state: &'a mut State, id: FaultId, seed: u64) -> FaultCx<'a> {
        FaultCx { state, id, seed, undo: Vec::new() }
    }

    /// The undoing of everything that was done, in order.
    pub(crate) fn into_undo(self) -> Vec<Undo> {
        self.undo
    }

    /// Simulated time since the world began.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.state.now_ns)
    }

    /// The random numbers of this fault, derived from the seed of the world and the fault's id.
    pub fn generator(&self) -> Generator {
        generator(self.seed, &format!("fault {:016x}", self.id.0))
    }

    /// The members of the cluster, in the order of ids.
    pub fn members(&self) -> Vec<NodeName> {
        self.state.member_nodes()
    }

    /// The members of the cluster without this one.
    pub fn other_members(&self, member: NodeName) -> Vec<NodeName> {
        let mut members = self.members();
        members.retain(|&other| other != member);
        members
    }

    /// The proxies, in the order of ids: each uses members and proxies before it.
    pub fn proxies(&self) -> Vec<NodeName> {
        self.state.proxy_nodes()
    }

    /// The clients, in the order of their nodes.
    pub fn clients(&self) -> Vec<NodeName> {
        self.state.clients.nodes()
    }

    /// The processes of a user's own, in the order in which they came.
    pub fn processes(&self) -> Vec<NodeName> {
        self.state.processes.users()
    }

    /// The process that a target means now, if there is one.
    pub(super) fn user_process(&self, target: &ProcessTarget) -> Option<NodeName> {
        let nodes = self.processes();
        match target {
            ProcessTarget::Named(name) => Some(NodeName::client(name)).filter(|node| nodes.contains(node)),
            ProcessTarget::Process(n) => nodes.get(*n as usize % nodes.len().max(1)).copied(),
        }
    }

    /// The member that leads, if any: of several that believe so, that with the highest term.
    pub fn leader(&self) -> Option<NodeName> {
        self.state.leader().map(node_of)
    }

    /// The name of a node: that of a client, or `m1` and `p1`.
    pub fn name(&self, node: NodeName) -> String {
        self.state.name(node)
    }

    /// Draws the side of a client or a proxy in a network of two sides, the same in every split of this world: true for
    /// the first, as of about half of them.
    pub fn stands_on_first_side(&self, node: NodeName) -> bool {
        self.state.network.stands_left(node)
    }

    /// The member that a target means now. An id that no member has is counted around.
    pub fn member(&self, target: Target) -> NodeName {
        let ids = self.state.present();
        let leader = self.state.leader().unwrap_or(ids[0]);
        node_of(match target {
            Target::Leader => leader,
            Target::Follower(n) => {
                let followers: Vec<MemberId> = ids.iter().copied().filter(|&id| id != leader).collect();
                if followers.is_empty() { leader } else { followers[n as usize % followers.len()] }
            }
            Target::Member(id) if ids.contains(&id) => id,
            Target::Member(id) => ids[(id as usize) % ids.len()],
        })
    }

    /// The proxy that a number means: that with the id so many after the first, or counted around.
    pub fn proxy(&self, proxy: u32) -> Option<NodeName> {
        let nodes = self.proxies();
        let by_id = NodeName(ProxyPlace::id_at(proxy as usize));
        if nodes.contains(&by_id) {
            return Some(by_id);
        }
        nodes.get(proxy as usize % nodes.len().max(1)).copied()
    }

    /// The client that a target means now, if there is one with a process.
    pub fn client(&self, target: &ClientTarget) -> Option<NodeName> {
        let state = &*self.state;
        let (mut candidates, position) = match target {
            ClientTarget::Holder(n) => {
                let mut holders = state.clients.nodes_of(&state.recorder.holders());
                holders.retain(|&client| !state.is_paused(client));
                (holders, *n as usize)
            }
            ClientTarget::Client(n) => {
                let all = state.clients.nodes_by_id();
                let client = all.get(*n as usize % all.len().max(1)).copied();
                (client.into_iter().collect(), 0)
            }
            ClientTarget::Named(name) => (vec![NodeName::client(name)], 0),
        };
        candidates.retain(|&client| state.has_process(client));
        let count = candidates.len().max(1);
        candidates.get(position % count).copied()
    }

    /// Cuts ways.
    pub fn cut(&mut self, ways: Vec<Way>) {
        self.state.network.cuts.cut(&ways);
        self.state.clog_processes();
        self.undo.push(Undo::Cut(ways));
    }

    /// Makes the links of these ways behave like this, or worse.
    pub fn degrade(&mut self, ways: Vec<Way>, link: LinkConfig) {
        for &(from, to) in &ways {
            self.state.network.link(from, to).degrade(self.id, link);
        }
        self.undo.push(Undo::Degrade(ways));
    }

    /// Breaks every stream of a node: what is in flight is lost. New ones can be opened at once.
    pub fn break_streams(&mut self, node: NodeName) {
        self.state.with_network(|network, cx| network.break_streams_of(cx, node));
    }

    /// Breaks every stream of a node with the next frame that is sent on it, in either direction, until the fault heals.
    pub fn break_mid_frame(&mut self, node: NodeName) {
        let network = &mut self.state.network;
        for stream in network.streams.of_node(node) {
            network.breaking.insert(stream, self.id);
        }
        self.undo.push(Undo::BreakMidFrame);
    }

    /// Ends the process of a member, of a proxy or of a user as a loss of power does, and keeps it down; false if it had
    /// ended by itself.
    pub fn crash(&mut self, node: NodeName) -> bool {
        let id = self.id;
        if node.is_client() {
            let crashed = self.state.crash_user(node, id);
            if crashed {
                self.undo.push(Undo::Crash(node));
            }
            return crashed;
        }
        let Some(process) = self.process(node) else { return false };
        if process.has_ended() {
            return false;
        }
        self.state.cut_power(node, id);
        self.undo.push(Undo::Crash(node));
        true
    }

    /// Starts a process again that this fault crashed, unless another fault keeps it down.
    pub fn restart(&mut self, node: NodeName) {
        if let Some(at) = self.undo.iter().position(|undo| matches!(undo, Undo::Crash(down) if *down == node))
        {
            self.undo.remove(at).undo(self.state, self.id);
        }
    }

    /// Lets the process of a member, a proxy or a client stand still; false if there is none.
    pub fn pause(&mut self, node: NodeName) -> bool {
        let id = self.id;
        if node.is_client() {
            if !self.state.has_process(node) {
                return false;
            }
            self.state.pause_client(node, id);
        } else {
            let Some(process) = self.process(node) else { return false };
            if process.has_ended() {
                return false;
            }
            let goes_on = process.paused_by.is_empty();
            process.paused_by.insert(id);
            self.state.counters.pauses += 1;
            if goes_on {
                self.state.record(node, Event::Pause {});
            }
        }
        self.undo.push(Undo::Pause(node));
        true
    }

    /// Makes a member's disk so many times slower; false if the node has none.
    pub fn slow_disk(&mut self, node: NodeName, factor: u32) -> bool {
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        member.host.disk.slow_down(self.id, factor);
        self.undo.push(Undo::Disk(node));
        true
    }

    /// Lets no operation of a member's disk begin; false if the node has none.
    pub fn stall_disk(&mut self, node: NodeName) -> bool {
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        member.host.disk.stall(self.id);
        self.undo.push(Undo::Disk(node));
        true
    }

    /// Lets operations of these kinds fail on a member's disk: all of them, or so many; false if the node has no disk.
    pub fn fail_disk(
        &mut self,
        node: NodeName,
        works: Vec<DiskWork>,
        error: DiskError,
        times: Option<u32>,
    ) -> bool {
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        member.host.disk.fail(self.id, Failing { works, error, times });
        self.undo.push(Undo::Disk(node));
        true
    }

    /// Takes the power of a member at one of its next disk operations: after so many of this kind, or of any; false if
    /// the node has no disk. If the operation takes effect, the process never learns of it.
    pub fn crash_at(
        &mut self,
        node: NodeName,
        work: Option<DiskWork>,
        after: u32,
        takes_effect: bool,
    ) -> bool {
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        member.host.disk.lose_power_at(self.id, PowerLoss { work, after, takes_effect });
        self.undo.push(Undo::PowerLossAt(node));
        true
    }

    /// Takes the power of a member after some time, unless the fault heals before; false if the node is no member.
    pub fn crash_after(&mut self, node: NodeName, after: Duration) -> bool {
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        let never = PowerLoss { work: None, after: u32::MAX, takes_effect: false };
        member.host.disk.lose_power_at(self.id, never);
        let due_ns = self.state.now_ns + after.as_nanos() as u64;
        self.state.agenda.at(due_ns, Due::PowerOff { node, fault: self.id });
        self.undo.push(Undo::PowerLossAt(node));
        true
    }

    /// Damages durable bytes on a member's disk, for ever; false if there was nothing to damage. A process that runs
    /// does not see it: see [`FaultCx::crash`].
    pub fn damage_disk(&mut self, node: NodeName, damage: DiskDamage) -> bool {
        let mut generator = self.generator();
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        let disk = &mut member.host.disk;
        let happened = match damage {
            DiskDamage::Rot(file) => disk.rot(file, &mut generator),
            DiskDamage::Repeat => disk.misplace(true, &mut generator),
            DiskDamage::Swap => disk.misplace(false, &mut generator),
        };
        if happened {
            self.declare_damage(node, damage.to_string());
        }
        happened
    }

    /// Lets a byte of a member's file be read wrong until the fault heals, which starts a member again that ended by
    /// itself; false if there is no durable byte.
    pub fn misread_disk(&mut self, node: NodeName, file: File) -> bool {
        let mut generator = self.generator();
        let Some(member) = self.state.nodes.members.get_mut(&node) else { return false };
        let happened = member.host.disk.misread(self.id, file, &mut generator);
        if happened {
            self.declare_damage(node, format!("{} is read wrong", words_of(file)));
            self.undo.push(Undo::Misread(node));
        }
        happened
    }

    /// Copies a member's disk, and puts the copy in its place when the fault heals; false if nothing is on it.
    pub fn copy_disk(&mut self, node: NodeName) -> bool {
        let Some(member) = self.state.nodes.members.get(&node) else { return false };
        let copy = member.host.disk.durable_copy();
        let is_there = copy.wal.is_some();
        if is_there {
            self.undo.push(Undo::OldDisk(node, copy));
        }
        is_there
    }

    fn declare_damage(&mut self, node: NodeName, what: String) {
        let event = Event::Damage { what: Fingerprint::of(what.as_str()) };
        self.state.record_with(node, event, || Details::of_text(&what));
        let (at_ns, member) = (self.state.now_ns, JudgedMember(node.0));
        self.state.recorder.observe(Observation::Damaged { at_ns, member, what });
    }

    /// Lets the clock of a member or a proxy run too fast by so many parts per million, too slow if negative; false if
    /// the node has none. Of several drifts in force the one farthest from the truth counts, of two alike the fast one.
    pub fn drift_clock(&mut self, node: NodeName, ppm: i64) -> bool {
        let id = self.id;
        let Some(process) = self.process(node) else { return false };
        process.drifts_ppm.insert(id, ppm);
        let State { bounds, recorder, now_ns, .. } = &mut *self.state;
        bounds.declare(recorder, *now_ns, ppm.unsigned_abs());
        undo::set_drift(self.state, node);
        self.undo.push(Undo::Drift(node));
        true
    }

    /// Sets the wall part of a member's clock forward by so many milliseconds, back if negative; false if the node has no
    /// such clock. Its monotonic part goes on. Several jumps in force add up.
    pub fn jump_clock(&mut self, node: NodeName, ms: i64) -> bool {
        if !self.state.nodes.members.contains_key(&node) {
            return false;
        }
        self.state.process(node).jumps_ms.insert(self.id, ms);
        undo::set_wall_clock(self.state, node);
        self.undo.push(Undo::Jump(node));
        true
    }

    /// Asks the leader to hand the leadership to a member; false if there is no leader.
    pub fn transfer_leadership(&mut self, to: NodeName) -> bool {
        let Some(leader) = self.state.leader() else { return false };
        let request = Call::MoveLeader { target: to.0 };
        let frame = Box::new(ClientFrame::Call { call: 0, request, token: None, requires_leader: false });
        self.state.tell_soon(node_of(leader), Told::Client { stream: OPERATOR, frame });
        true
    }

    /// The process of a member or a proxy.
    fn process(&mut self, node: NodeName) -> Option<&mut NodeProcess> {
        Some(self.state.nodes.get(node)?.process())
    }
}
