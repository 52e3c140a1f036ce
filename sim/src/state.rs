//! The world's state: one structure, under one lock, changed by one event at a time.

use crate::agenda::Agenda;
use crate::alarms_seen::AlarmsSeen;
use crate::client::process::Processes;
use crate::client::slot::ClientSlot;
use crate::counters::Counters;
use crate::cpu::CpuConfig;
use crate::lease_bounds::LeaseBounds;
use crate::machine_slot::{Incoming, MemberSlot};
use crate::network::Network;
use crate::network::link::Passage;
use crate::network::stream::{Direction, Frame, StreamId};
use crate::proxy_slot::ProxySlot;
use crate::recorder::Recorder;
use crate::trace::{Kind, NodeName, Record, Trace};
use revline_checker::history::{History, Observation};
use revline_store::defect::Defects;
use revline_store::machine::{Call, Input, MemberId, ServerFrame, SessionId};
use revline_store::peer::PeerMessage;
use revline_store::proxy::ProxyInput;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What comes due.
#[derive(Debug)]
pub(crate) enum Due {
    /// A datagram arrives.
    Datagram(PeerMessage),
    /// A frame arrives.
    Frame { stream: StreamId, direction: Direction, frame: Frame },
    /// A stream's frames may have waited too long.
    Stall { stream: StreamId, direction: Direction },
    /// Who took a stream notices that it is gone.
    BrokenAtServer { server: NodeName, stream: StreamId },
    /// Who opened a stream notices that it is gone. `refused`: it never was.
    BrokenAtClient { client: NodeName, session: SessionId, stream: StreamId, refused: bool },
    /// A process's clock ticks.
    Tick { node: NodeName, incarnation: u64 },
    /// A process is done with what it was busy with.
    Worked { node: NodeName, incarnation: u64 },
    /// A member's disk finished an operation.
    Disk { member: MemberId, incarnation: u64 },
    /// A client has waited long enough for a call.
    Deadline { client: NodeName, call: u64 },
    /// A client sends a call once more.
    Repeat { client: NodeName, call: u64, request: Box<Call> },
}

/// The state, shared by everything that lives in the world.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub fn new(state: State) -> Shared {
        Shared(Arc::new(Mutex::new(state)))
    }

    /// The state, at the present moment of simulated time.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // One thread runs the whole world, so nobody else can have panicked with the lock held and lived.
        let mut state = self.0.lock().expect("the world runs on one thread");
        state.now_ns = crate::agenda::elapsed_ns(&state.time).max(state.now_ns);
        state
    }

    /// The history of a world that panicked, perhaps with the state locked.
    pub fn history_of_panicked(&self) -> History {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recorder.take()
    }
}

pub(crate) struct State {
    pub time: madsim::time::TimeHandle,
    pub now_ns: u64,
    pub agenda: Agenda<Due>,
    pub trace: Trace,
    pub network: Network,
    pub members: BTreeMap<MemberId, MemberSlot>,
    pub proxies: BTreeMap<NodeName, ProxySlot>,
    pub bounds: LeaseBounds,
    /// Those that are decided in the client.
    pub defects: Defects,
    pub cpu: CpuConfig,
    pub clients: BTreeMap<NodeName, ClientSlot>,
    pub processes: Processes,
    pub recorder: Recorder,
    /// Where members stand, not yet told to the history.
    pub settled: Vec<Observation>,
    pub alarms: AlarmsSeen,
    /// The name and the password of an administrator, if there may be one.
    pub administrator: Option<(String, String)>,
    pub counters: Counters,
}

/// A member or a proxy as the network knows it.
pub(crate) fn node_of(member: MemberId) -> NodeName {
    NodeName(u32::try_from(member).expect("members and proxies are few"))
}

/// The member with this name.
pub(crate) fn member_of(node: NodeName) -> MemberId {
    debug_assert!(node.0 <= NodeName::FIRST_PROXY);
    u64::from(node.0)
}

impl State {
    /// Whether all members that were inspected stand at one revision, of keys and of users.
    pub fn settled_alike(&self) -> bool {
        let mut revisions = self.settled.iter().filter_map(|observation| match observation {
            Observation::Settled { revision, auth_revision, .. } => Some((*revision, *auth_revision)),
            _ => None,
        });
        let first = revisions.next();
        revisions.all(|revision| Some(revision) == first)
    }

    pub fn record(&mut self, kind: Kind, node: NodeName, arguments: [u64; 3]) {
        self.record_message(kind, node, "", arguments);
    }

    /// As [`State::record`], of a message of some kind.
    fn record_message(&mut self, kind: Kind, node: NodeName, message: &'static str, arguments: [u64; 3]) {
        self.trace.push(Record { at_ns: self.now_ns, kind, node, message, arguments });
    }

    /// Hands out everything that is due.
    pub fn deliver_due(&mut self, now_ns: u64) {
        while let Some(due) = self.agenda.pop_due(now_ns) {
            self.deliver(due);
        }
    }

    pub fn deliver(&mut self, due: Due) {
        let Some(due) = self.keep_from_paused(due) else { return };
        match due {
            Due::Datagram(message) => self.deliver_datagram(message),
            Due::Frame { stream, direction, frame } => self.deliver_frame(stream, direction, frame),
            Due::Stall { stream, direction } => self.check_stall(stream, direction),
            Due::BrokenAtServer { server, stream: session } => {
                if server.is_proxy() {
                    self.tell_proxy(server, ProxyInput::SessionClosed { session });
                } else {
                    let closed = Input::SessionClosed { session };
                    self.push_incoming(member_of(server), Incoming::Step(closed));
                }
            }
            Due::BrokenAtClient { client, session, stream, refused } => {
                if client.is_proxy() {
                    self.stream_broke_at_proxy(client, session, stream, refused);
                } else {
                    self.stream_broke_at_client(client, stream, refused);
                }
            }
            Due::Tick { node, incarnation } => {
                if !self.still_runs(node, incarnation) {
                } else if node.is_proxy() {
                    self.tell_proxy(node, ProxyInput::Tick);
                } else {
                    self.push_incoming(member_of(node), Incoming::Step(Input::Tick));
                }
            }
            Due::Worked { node, incarnation } => self.worked(node, incarnation),
            Due::Disk { member, incarnation } => {
                if self.still_runs(node_of(member), incarnation) {
                    self.disk_finished(member);
                }
            }
            Due::Deadline { client, call } => self.call_expired(client, call),
            Due::Repeat { client, call, request } => self.repeat_call(client, call, *request),
        }
    }

    /// Sends a datagram between members.
    pub fn send_datagram(&mut self, message: PeerMessage) {
        let (from, to) = (node_of(message.from()), node_of(message.to()));
        let (kind, fingerprint) = (message.kind(), message.fingerprint());
        let arguments = [u64::from(to.0), fingerprint, message.size_bytes() as u64];
        self.record_message(Kind::Send, from, kind, arguments);
        match self.network.datagram(from, to, self.now_ns) {
            Passage::Cut => self.datagram_lost(&message, 0),
            Passage::Lost => self.datagram_lost(&message, 1),
            Passage::Arrives { due_ns, again_ns } => {
                if let Some(again_ns) = again_ns {
                    self.record_message(Kind::Duplicate, from, kind, [u64::from(to.0), fingerprint, 0]);
                    self.agenda.at(again_ns, Due::Datagram(message.clone()));
                }
                self.agenda.at(due_ns, Due::Datagram(message));
            }
        }
    }

    fn deliver_datagram(&mut self, message: PeerMessage) {
        let to = message.to();
        if self.is_running(node_of(to)) {
            let arguments = [message.from(), message.fingerprint(), 0];
            self.record_message(Kind::Deliver, node_of(to), message.kind(), arguments);
            self.push_incoming(to, Incoming::Step(Input::Peer(message)));
        } else {
            self.datagram_lost(&message, 2);
        }
    }

    fn datagram_lost(&mut self, message: &PeerMessage, why: u64) {
        self.counters.datagrams_lost += 1;
        let arguments = [message.to(), message.fingerprint(), why];
        self.record_message(Kind::Drop, node_of(message.from()), message.kind(), arguments);
    }

    /// Opens a stream. If nobody is there to take it, who opened it will be told.
    pub fn open_stream(&mut self, client: NodeName, server: NodeName, session: SessionId) -> StreamId {
        let stream = self.network.streams.open(client, server, session);
        self.record(Kind::StreamOpen, client, [u64::from(server.0), stream, 0]);
        // A handshake: there, and back.
        let there_ns = self.network.link(client, server).frame_due_ns(self.now_ns);
        let established_ns = self.network.link(server, client).frame_due_ns(there_ns);
        let cut = self.network.cuts.is_cut(client, server) || self.network.cuts.is_cut(server, client);
        if !cut && !self.is_running(server) {
            self.network.streams.remove(stream);
            let due = Due::BrokenAtClient { client, session, stream, refused: true };
            self.agenda.at(established_ns, due);
        } else if let Some(open) = self.network.streams.get(stream) {
            open.in_order(Direction::ToServer, established_ns);
        }
        stream
    }

    /// Who opened a stream closes it; the other end will notice.
    pub fn close_stream_at_client(&mut self, client: NodeName, server: NodeName, stream: StreamId) {
        if self.network.streams.remove(stream).is_some() {
            let due_ns = self.network.link(client, server).frame_due_ns(self.now_ns);
            self.agenda.at(due_ns, Due::BrokenAtServer { server, stream });
        }
    }

    /// Sends a frame on a stream. On one that is gone it goes nowhere.
    pub fn send_frame(&mut self, stream: StreamId, direction: Direction, frame: Frame) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        let behind_stalled = open.is_stalled(direction);
        if let Frame::ToClient(ServerFrame::Watch { stream: watch_stream, .. }) = &frame {
            self.response_sent(stream, *watch_stream);
        }
        self.record_message(Kind::FrameSend, from, frame.kind(), [u64::from(to.0), stream, 0]);
        if behind_stalled || self.network.cuts.is_cut(from, to) {
            let (now_ns, stall_ns) = (self.now_ns, self.network.streams.stall_ns());
            let first =
                self.network.streams.get(stream).is_some_and(|open| open.stall(direction, frame, now_ns));
            if first {
                self.agenda.at(now_ns + stall_ns, Due::Stall { stream, direction });
            }
            return;
        }
        self.transmit(stream, direction, frame);
    }

    fn transmit(&mut self, stream: StreamId, direction: Direction, frame: Frame) {
        let Some((from, to)) = self.network.streams.get(stream).map(|open| open.ends(direction)) else {
            return;
        };
        let due_ns = self.network.link(from, to).frame_due_ns(self.now_ns);
        if let Some(open) = self.network.streams.get(stream) {
            let due_ns = open.in_order(direction, due_ns);
            self.agenda.at(due_ns, Due::Frame { stream, direction, frame });
        }
    }

    fn deliver_frame(&mut self, stream: StreamId, direction: Direction, frame: Frame) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let ((from, to), session) = (open.ends(direction), open.session);
        self.record_message(Kind::FrameDeliver, to, frame.kind(), [u64::from(from.0), stream, 0]);
        match frame {
            Frame::ToServer(frame) if to.is_proxy() => {
                self.tell_proxy(to, ProxyInput::Client { session: stream, frame });
            }
            Frame::ToServer(frame) => {
                self.push_incoming(member_of(to), Incoming::Step(Input::Client { session: stream, frame }))
            }
            Frame::ToClient(frame) if to.is_proxy() => self.proxy_received(to, session, stream, frame),
            Frame::ToClient(frame) => self.client_received(to, stream, frame),
        }
    }

    fn check_stall(&mut self, stream: StreamId, direction: Direction) {
        let stall_ns = self.network.streams.stall_ns();
        let Some(since_ns) =
            self.network.streams.get(stream).and_then(|open| open.stalled_since_ns(direction))
        else {
            return;
        };
        if self.now_ns >= since_ns + stall_ns {
            self.break_stream(stream);
        } else {
            self.agenda.at(since_ns + stall_ns, Due::Stall { stream, direction });
        }
    }

    /// Breaks a stream: what is in flight is lost, and either end notices.
    pub fn break_stream(&mut self, stream: StreamId) {
        let Some(gone) = self.network.streams.remove(stream) else { return };
        self.record(Kind::StreamBreak, gone.client, [u64::from(gone.server.0), stream, 0]);
        self.counters.streams_broken += 1;
        let (client, server, session) = (gone.client, gone.server, gone.session);
        let to_server = self.network.link(client, server).frame_due_ns(self.now_ns);
        let to_client = self.network.link(server, client).frame_due_ns(self.now_ns);
        self.agenda.at(to_server, Due::BrokenAtServer { server, stream });
        self.agenda.at(to_client, Due::BrokenAtClient { client, session, stream, refused: false });
    }

    /// Some ways are open again: what waited for them goes on.
    pub fn resume_streams(&mut self) {
        for (stream, direction) in self.network.streams.stalled() {
            let Some(open) = self.network.streams.get(stream) else { continue };
            let (from, to) = open.ends(direction);
            if self.network.cuts.is_cut(from, to) {
                continue;
            }
            let frames =
                self.network.streams.get(stream).map(|open| open.take_stalled(direction)).unwrap_or_default();
            for frame in frames {
                self.transmit(stream, direction, frame);
            }
        }
    }
}
