//! The world's state: one structure, under one lock, changed by one event at a time.

use crate::agenda::Agenda;
use crate::alarms_seen::AlarmsSeen;
use crate::client::host::ClientHost;
use crate::client::process::Processes;
use crate::counters::Counters;
use crate::cpu::CpuConfig;
use crate::lease_bounds::LeaseBounds;
use crate::machine_slot::{Incoming, MemberSlot};
use crate::member_host::run_member;
use crate::network::Network;
use crate::network::link::Passage;
use crate::network::stream::{Direction, Frame, Parcel, StreamId};
use crate::proxy_host::run_proxy;
use crate::proxy_slot::ProxySlot;
use crate::recorder::Recorder;
use crate::sleep::Wakeup;
use crate::tasks::{Ready, Tasks};
use crate::trace::{Kind, NodeName, Record, Trace};
use revline_checker::history::{History, Observation};
use revline_store::client::ClientOutput;
use revline_store::machine::{Input, MemberId, ServerFrame, SessionId};
use revline_store::peer::PeerMessage;
use revline_store::proxy::ProxyInput;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What comes due.
#[derive(Debug)]
pub(crate) enum Due {
    /// A datagram arrives.
    Datagram(PeerMessage),
    /// A frame arrives.
    Frame { stream: StreamId, direction: Direction, parcel: Parcel },
    /// A stream's frames may have waited too long.
    Stall { stream: StreamId, direction: Direction },
    /// A half of a stream's handshake arrives.
    Handshake { stream: StreamId, direction: Direction },
    /// A stream may have waited too long to be established.
    NotEstablished { stream: StreamId },
    /// The process that took a stream notices that it is gone.
    BrokenAtServer { server: NodeName, incarnation: u64, stream: StreamId },
    /// The client of a stream notices that it is gone. `refused`: it never was established.
    BrokenAtClient { client: NodeName, session: SessionId, stream: StreamId, refused: bool },
    /// A process's clock ticks.
    Tick { node: NodeName, incarnation: u64 },
    /// A process is done with what it was busy with.
    Worked { node: NodeName, incarnation: u64 },
    /// A member's disk finished an operation.
    Disk { member: MemberId, incarnation: u64 },
    /// The session of a client wants to be woken.
    WakeClient { client: NodeName },
    /// A sleep is over.
    Wakeup(Wakeup),
}

/// The state, shared by everything that lives in the world.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub fn new(state: State) -> Shared {
        Shared(Arc::new_cyclic(|own| Mutex::new(State { own: own.clone(), ..state })))
    }

    /// The state, at the present moment of simulated time: that of the event that happens, or of madsim's clock for what
    /// runs by that.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // One thread runs the whole world, so nobody else can have panicked with the lock held and lived.
        let mut state = self.0.lock().expect("the world runs on one thread");
        if state.ready.driver_waits() {
            state.now_ns = crate::agenda::elapsed_ns(&state.time).max(state.now_ns);
        }
        state
    }

    /// The history of a world that panicked, perhaps with the state locked.
    pub fn history_of_panicked(&self) -> History {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recorder.take()
    }
}

pub(crate) struct State {
    /// Itself, for the processes that it starts.
    pub own: Weak<Mutex<State>>,
    pub time: madsim::time::TimeHandle,
    pub now_ns: u64,
    pub agenda: Agenda<Due>,
    pub tasks: Tasks,
    pub ready: Arc<Ready>,
    pub trace: Trace,
    pub network: Network,
    pub members: BTreeMap<MemberId, MemberSlot>,
    pub proxies: BTreeMap<NodeName, ProxySlot>,
    pub bounds: LeaseBounds,
    pub cpu: CpuConfig,
    pub clients: BTreeMap<NodeName, ClientHost>,
    /// Room for what the session of a client asks for.
    pub client_outputs: Vec<ClientOutput>,
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
    NodeName(member)
}

/// The member with this name.
pub(crate) fn member_of(node: NodeName) -> MemberId {
    debug_assert!(node.0 <= NodeName::FIRST_PROXY);
    node.0
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

    /// Starts the process of a member or a proxy, which is not there yet.
    pub fn start_process(&mut self, node: NodeName) {
        self.process(node).starting = true;
        let Some(own) = self.own.upgrade().map(Shared) else { return };
        if node.is_proxy() {
            self.tasks.spawn(node, Box::pin(run_proxy(own, node)));
        } else {
            self.tasks.spawn(node, Box::pin(run_member(own, member_of(node))));
        }
    }

    /// The name of a node.
    pub fn name(&self, node: NodeName) -> String {
        self.trace.name_of(node)
    }

    pub fn record(&mut self, kind: Kind, node: NodeName, arguments: [u64; 3]) {
        self.record_message(kind, node, "", arguments);
    }

    /// As [`State::record`], of a message of some kind.
    fn record_message(&mut self, kind: Kind, node: NodeName, message: &'static str, arguments: [u64; 3]) {
        self.trace.push(Record { at_ns: self.now_ns, kind, node, message, arguments });
    }

    /// Lets the next event happen: it is that time now.
    pub fn happen(&mut self) {
        if let Some((due_ns, due)) = self.agenda.pop() {
            self.now_ns = due_ns.max(self.now_ns);
            self.deliver(due);
        }
    }

    pub fn deliver(&mut self, due: Due) {
        let Some(due) = self.keep_from_paused(due) else { return };
        match due {
            Due::Datagram(message) => self.deliver_datagram(message),
            Due::Frame { stream, direction, parcel } => self.deliver_frame(stream, direction, parcel),
            Due::Stall { stream, direction } => self.check_stall(stream, direction),
            Due::Handshake { stream, direction } => self.handshake_arrived(stream, direction),
            Due::NotEstablished { stream } => self.give_up_handshake(stream),
            Due::BrokenAtServer { server, incarnation, stream: session } => {
                if !self.still_runs(server, incarnation) {
                } else if server.is_proxy() {
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
            Due::Wakeup(wakeup) => wakeup.ring(),
            Due::WakeClient { client } => self.wake_client(client),
        }
    }

    /// Sends a datagram between members.
    pub fn send_datagram(&mut self, message: PeerMessage) {
        let (from, to) = (node_of(message.from()), node_of(message.to()));
        let (kind, fingerprint) = (message.kind(), message.fingerprint());
        let arguments = [to.0, fingerprint, message.size_bytes() as u64];
        self.record_message(Kind::Send, from, kind, arguments);
        match self.network.datagram(from, to, self.now_ns) {
            Passage::Cut => self.datagram_lost(&message, 0),
            Passage::Lost => self.datagram_lost(&message, 1),
            Passage::Arrives { due_ns, again_ns } => {
                if let Some(again_ns) = again_ns {
                    self.record_message(Kind::Duplicate, from, kind, [to.0, fingerprint, 0]);
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

    /// Sends a frame on a stream. On one that is gone it goes nowhere.
    pub fn send_frame(&mut self, stream: StreamId, direction: Direction, frame: Frame) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        if let Frame::ToClient(ServerFrame::Watch { stream: watch_stream, .. }) = &frame {
            self.response_sent(stream, *watch_stream);
        }
        let (kind, parcel) = (frame.kind(), Parcel::new(frame));
        self.record_message(Kind::FrameSend, from, kind, [to.0, stream, parcel.content]);
        self.forward(stream, direction, parcel);
    }

    /// Puts a frame on its way, or behind those that wait.
    pub fn forward(&mut self, stream: StreamId, direction: Direction, parcel: Parcel) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        if direction == Direction::ToServer && !open.established {
            open.unsent.push_back(parcel);
            return;
        }
        let behind_stalled = open.is_stalled(direction);
        if behind_stalled || self.network.cuts.is_cut(from, to) {
            let (now_ns, stall_ns) = (self.now_ns, self.network.streams.stall_ns());
            let first =
                self.network.streams.get(stream).is_some_and(|open| open.stall(direction, parcel, now_ns));
            if first {
                self.agenda.at(now_ns + stall_ns, Due::Stall { stream, direction });
            }
            return;
        }
        self.transmit(stream, direction, parcel);
    }

    fn transmit(&mut self, stream: StreamId, direction: Direction, parcel: Parcel) {
        let Some((from, to)) = self.network.streams.get(stream).map(|open| open.ends(direction)) else {
            return;
        };
        let due_ns = self.network.link(from, to).frame_due_ns(self.now_ns);
        if let Some(open) = self.network.streams.get(stream) {
            let due_ns = open.in_order(direction, due_ns);
            self.agenda.at(due_ns, Due::Frame { stream, direction, parcel });
        }
    }

    fn deliver_frame(&mut self, stream: StreamId, direction: Direction, parcel: Parcel) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let ((from, to), session) = (open.ends(direction), open.session);
        let Parcel { frame, content } = parcel;
        self.record_message(Kind::FrameDeliver, to, frame.kind(), [from.0, stream, content]);
        match frame {
            Frame::ToServer(frame) if to.is_proxy() => {
                self.tell_proxy(to, ProxyInput::Client { session: stream, frame });
            }
            Frame::ToServer(frame) => {
                debug_assert!(self.is_running(to), "a stream never outlives the process at its end");
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
            self.break_stream_that_waited(stream, direction);
        } else {
            self.agenda.at(since_ns + stall_ns, Due::Stall { stream, direction });
        }
    }

    /// Some ways are open again: what waited for them goes on.
    pub fn resume_streams(&mut self) {
        for (stream, direction) in self.network.streams.handshakes_waiting() {
            self.shake_hands(stream, direction);
        }
        for (stream, direction) in self.network.streams.stalled() {
            let Some(open) = self.network.streams.get(stream) else { continue };
            let (from, to) = open.ends(direction);
            if self.network.cuts.is_cut(from, to) {
                continue;
            }
            let parcels =
                self.network.streams.get(stream).map(|open| open.take_stalled(direction)).unwrap_or_default();
            for parcel in parcels {
                self.transmit(stream, direction, parcel);
            }
        }
    }
}
