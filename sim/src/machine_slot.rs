//! A member's machine as the world sees it: its disk, its clock, its inbox. These outlive the process.

use crate::clock::Clock;
use crate::disk::{Completed, Disk};
use crate::network::stream::{Direction, Frame};
use crate::process::{Inbox, Process};
use crate::state::{Due, State, node_of};
use crate::trace::{Kind, NodeName};
use revline_checker::history::{ClientId, MemberId as JudgedMember, Observation};
use revline_store::machine::{DiskImage, Input, MemberId, Output, ServerFrame};
use revline_store::member::{Config, MemberEvent, Role, Start};

/// What a running member is handed.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// An input of its machine.
    Step(Input),
    /// The host wants to know the hash of its store, and where it stands.
    Inspect,
}

pub(crate) struct MemberSlot {
    pub process: Process,
    pub inbox: Inbox<Incoming>,
    pub config: Config,
    pub disk: Disk,
    /// It learned that it was removed: its process is about to end.
    pub leaves: bool,
    /// It is no member any more.
    pub gone: bool,
    /// It belongs to another cluster than the one of the history: what the host sees of it is kept out.
    pub apart: bool,
    /// Something on its disk was durable once.
    pub kept_something: bool,
    /// What it last said of itself.
    pub role: Role,
    pub term: u64,
    pub leader: MemberId,
    pub revision: i64,
}

impl MemberSlot {
    pub fn new(config: Config, disk: Disk, clock: Clock) -> MemberSlot {
        MemberSlot {
            process: Process::new(clock),
            inbox: Inbox::new(),
            config,
            disk,
            leaves: false,
            gone: false,
            apart: false,
            kept_something: false,
            role: Role::Follower,
            term: 0,
            leader: 0,
            revision: 0,
        }
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        self.process.running
    }

    fn stop(&mut self) {
        self.process.stopped();
        self.inbox.clear();
        self.role = Role::Follower;
        self.leader = 0;
    }
}

impl State {
    pub fn slot(&mut self, member: MemberId) -> &mut MemberSlot {
        self.members.get_mut(&member).expect("a member of the cluster")
    }

    /// Hands something to a member, if its process is there.
    pub fn push_incoming(&mut self, member: MemberId, incoming: Incoming) {
        if let Some(slot) = self.members.get_mut(&member).filter(|slot| slot.is_running()) {
            slot.inbox.push(incoming);
        }
    }

    /// A member's process starts: a new incarnation, with what the disk holds.
    pub fn process_started(&mut self, member: MemberId) -> (Config, DiskImage) {
        let slot = self.slot(member);
        slot.process.started();
        slot.inbox.clear();
        let start = if slot.kept_something { Start::Restart } else { slot.config.start };
        let config = Config { incarnation: slot.process.incarnation, start, ..slot.config.clone() };
        (config, slot.disk.image())
    }

    /// A member's process is gone, and with it everything that was not durable.
    pub fn process_crashed(&mut self, member: MemberId) {
        let now_ns = self.now_ns;
        let slot = self.slot(member);
        slot.stop();
        let survived = slot.disk.crash(now_ns);
        let [(_, log), (_, snapshot)] = slot.disk.content();
        self.counters.crashes += 1;
        self.record(Kind::Crash, node_of(member), [survived as u64, log, snapshot]);
        self.break_streams_of(node_of(member));
    }

    /// A member's process ended by itself.
    pub fn process_ended(&mut self, member: MemberId) {
        let now_ns = self.now_ns;
        let slot = self.slot(member);
        slot.stop();
        slot.disk.crash(now_ns);
        self.break_streams_of(node_of(member));
    }

    /// Breaks every stream of a node.
    pub fn break_streams_of(&mut self, node: NodeName) {
        for stream in self.network.streams.of_node(node) {
            self.break_stream(stream);
        }
    }

    /// Schedules the next tick of a member's clock.
    pub fn schedule_tick(&mut self, member: MemberId) {
        let tick_ms = self.slot(member).config.tick_ms;
        self.schedule_tick_of(node_of(member), tick_ms);
    }

    /// Schedules the tick of a process that is due after so many milliseconds of its own clock.
    pub fn schedule_tick_of(&mut self, node: NodeName, tick_ms: u64) {
        let now_ns = self.now_ns;
        let process = self.process(node);
        let wait_ns = process.clock.true_duration_ns(tick_ms * 1_000_000);
        let due = Due::Tick { node, incarnation: process.incarnation };
        self.agenda.at(now_ns + wait_ns, due);
    }

    /// Carries out what a member asks for.
    pub fn carry_out(&mut self, member: MemberId, outputs: &mut Vec<Output>) {
        let mut disk = false;
        for output in outputs.drain(..) {
            match output {
                Output::Peer(message) => self.send_datagram(message),
                Output::Client { session, frame } => {
                    let watch = matches!(frame, ServerFrame::Watch { .. });
                    self.counters.watch_responses_of_members += u64::from(watch);
                    self.send_frame(session, Direction::ToClient, Frame::ToClient(frame));
                }
                Output::Disk { operation, done } => {
                    self.slot(member).disk.submit(operation, done);
                    disk = true;
                }
                Output::Event(event) => self.member_event(member, event),
            }
        }
        if disk {
            self.advance_disk(member);
        }
    }

    fn advance_disk(&mut self, member: MemberId) {
        let mut completed = Vec::new();
        let now_ns = self.now_ns;
        let slot = self.slot(member);
        let incarnation = slot.process.incarnation;
        let takes_ns = slot.disk.start_next(now_ns, &mut completed);
        for completed in completed {
            self.disk_completed(member, completed);
        }
        if let Some(takes_ns) = takes_ns {
            self.agenda.at(now_ns + takes_ns, Due::Disk { member, incarnation });
        }
    }

    pub fn disk_finished(&mut self, member: MemberId) {
        if let Some(completed) = self.slot(member).disk.finish() {
            self.disk_completed(member, completed);
        }
        self.advance_disk(member);
    }

    fn disk_completed(&mut self, member: MemberId, completed: Completed) {
        let node = node_of(member);
        let token = match completed {
            Completed::Append { file, bytes, content } => {
                self.record(Kind::DiskAppend, node, [file as u64, bytes as u64, content]);
                None
            }
            Completed::Sync { file, durable, token } => {
                self.slot(member).kept_something |= durable > 0;
                self.record(Kind::DiskSync, node, [file as u64, durable as u64, 0]);
                token
            }
            Completed::Replace { file, bytes, content, token } => {
                self.slot(member).kept_something = true;
                self.record(Kind::DiskReplace, node, [file as u64, bytes as u64, content]);
                token
            }
        };
        if let Some(token) = token {
            self.push_incoming(member, Incoming::Step(Input::DiskDone { token }));
        }
    }

    fn member_event(&mut self, member: MemberId, event: MemberEvent) {
        let node = node_of(member);
        match event {
            MemberEvent::Started { term, last_index, snapshot_index: _, torn_bytes } => {
                self.counters.torn_logs += u64::from(torn_bytes > 0);
                self.slot(member).term = term;
                self.record(Kind::Start, node, [term, last_index, torn_bytes as u64]);
                let started = Observation::Started { at_ns: self.now_ns, member: JudgedMember(member) };
                if !self.slot(member).apart {
                    self.recorder.observe(started);
                }
            }
            MemberEvent::Role { role, term, leader, last_index } => {
                self.role_changed(member, role, term, leader, last_index);
            }
            MemberEvent::Applied { index, revision } => {
                self.slot(member).revision = revision;
                self.record(Kind::Apply, node, [index, revision as u64, 0]);
            }
            MemberEvent::Digest { index, term, digest } => {
                let at_ns = self.now_ns;
                self.record(Kind::Digest, node, [index, term, digest]);
                let member = JudgedMember(member);
                self.recorder.observe(Observation::Applied { at_ns, member, index, term, digest });
            }
            MemberEvent::Removed => self.slot(member).leaves = true,
            MemberEvent::Hash { revision, compact_revision, hash } => {
                self.observe_hash(member, revision, compact_revision, hash);
            }
            MemberEvent::Compared { .. } => self.counters.members_compared += 1,
            MemberEvent::AlarmRaised { index, alarm } => self.alarm_raised(member, index, alarm),
            MemberEvent::SnapshotTaken { index } => self.record(Kind::SnapshotTake, node, [index, 0, 0]),
            MemberEvent::SnapshotInstalled { index, revision } => {
                self.slot(member).revision = revision;
                self.counters.snapshots_installed += 1;
                self.record(Kind::SnapshotInstall, node, [index, revision as u64, 0]);
            }
        }
    }

    fn role_changed(&mut self, member: MemberId, role: Role, term: u64, leader: MemberId, last_index: u64) {
        let slot = self.slot(member);
        let became_leader = role == Role::Leader && (slot.role != Role::Leader || slot.term != term);
        (slot.role, slot.term, slot.leader) = (role, term, leader);
        self.record(Kind::Role, node_of(member), [role as u64, term, leader]);
        if became_leader && !self.slot(member).apart {
            self.counters.elections += 1;
            let believers = self.members.values().filter(|slot| slot.role == Role::Leader).count();
            self.counters.two_leaders += u64::from(believers > 1);
            let at_ns = self.now_ns;
            self.recorder.observe(Observation::Leader {
                at_ns,
                member: JudgedMember(member),
                term,
                last_index: Some(last_index),
            });
        }
    }

    pub fn observe_hash(&mut self, member: MemberId, revision: i64, compact_revision: i64, hash: u32) {
        let at_ns = self.now_ns;
        let arguments = [revision as u64, compact_revision as u64, u64::from(hash)];
        self.record(Kind::Hash, node_of(member), arguments);
        self.recorder.observe(Observation::Hash {
            at_ns,
            member: JudgedMember(member),
            revision,
            compact_revision,
            hash,
        });
    }

    /// The leader, as far as the world can tell: the believer with the highest term.
    pub fn leader(&self) -> Option<MemberId> {
        self.members
            .iter()
            .filter(|(_, slot)| slot.is_running() && !slot.gone && slot.role == Role::Leader)
            .max_by_key(|(_, slot)| slot.term)
            .map(|(&member, _)| member)
    }

    /// The nodes of every member.
    pub fn member_nodes(&self) -> Vec<NodeName> {
        self.present().into_iter().map(node_of).collect()
    }

    /// The nodes of every proxy.
    pub fn proxy_nodes(&self) -> Vec<NodeName> {
        self.proxies.keys().copied().collect()
    }

    /// The nodes of every client, in the order in which they came.
    pub fn client_nodes(&self) -> Vec<NodeName> {
        let mut nodes: Vec<NodeName> = self.clients.keys().copied().collect();
        nodes.sort_by_key(|node| self.clients[node].id);
        nodes
    }

    /// The nodes of these clients, in this order.
    pub fn nodes_of(&self, clients: &[ClientId]) -> Vec<NodeName> {
        let node =
            |id: &ClientId| self.clients.iter().find(|(_, slot)| slot.id == *id).map(|(&node, _)| node);
        clients.iter().filter_map(node).collect()
    }
}
