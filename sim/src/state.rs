//! The state of a world: its nodes and their surroundings, under one lock, changed by one event at a time.

use crate::agenda::Agenda;
use crate::alarms_seen::AlarmsSeen;
use crate::around::Around;
use crate::client_host::{ChannelHost, ClientHost, Clients};
use crate::counters::Counters;
use crate::cpu::CpuConfig;
use crate::cx::Cx;
use crate::due::{Due, Told};
use crate::fault_id::FaultId;
use crate::lease_bounds::LeaseBounds;
use crate::marks::Reached;
use crate::members_seen::MembersSeen;
use crate::network::Network;
use crate::network::frames::Arrived;
use crate::network::stream::{Direction, Frame, StreamId};
use crate::node::member::MemberHost;
use crate::node::{AnyNode, End, NodeProcess, Nodes};
use crate::parts::Parts;
use crate::processes::{Order, Processes};
use crate::program_notes::ProgramNotes;
use crate::recorder::Recorder;
use crate::tasks::{Ready, Tasks};
use crate::trace::{Details, Event, NodeName, Trace, node_of};
use revline_checker::history::{ClientId, Observation};
use revline_store::machine::MemberId;
use revline_store::peer::PeerMessage;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The state, shared by everything that lives in the world.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub fn new(state: State) -> Shared {
        Shared(Arc::new(Mutex::new(state)))
    }

    /// The state, at the present moment of simulated time: that of the event that happens, or of madsim's clock for
    /// tasks that run by that.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // One thread runs the whole world, so nobody else can have panicked with the lock held and lived.
        let mut state = self.0.lock().expect("the world runs on one thread");
        if state.ready.driver_waits() {
            state.now_ns = crate::agenda::elapsed_ns(&state.time).max(state.now_ns);
        }
        state
    }

    /// The state of a world that panicked, perhaps with it locked.
    pub fn lock_panicked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct State {
    pub time: madsim::time::TimeHandle,
    pub now_ns: u64,
    pub agenda: Agenda<Due>,
    pub tasks: Tasks,
    pub ready: Arc<Ready>,
    pub trace: Trace,
    pub network: Network,
    pub nodes: Nodes,
    pub members: MembersSeen,
    pub bounds: LeaseBounds,
    pub cpu: CpuConfig,
    pub clients: Clients,
    pub processes: Processes,
    pub recorder: Recorder,
    /// The states of members that were inspected, not yet told to the history.
    pub settled: Vec<Observation>,
    pub alarms: AlarmsSeen,
    /// The name and the password of an administrator, if there may be one.
    pub administrator: Option<(String, String)>,
    pub counters: Counters,
    /// The marks that the run reached.
    pub marks: Reached,
    pub parts: Parts,
    pub notes: ProgramNotes,
}

impl State {
    /// The nodes of machines, and their surroundings.
    pub fn split(&mut self) -> (&mut Nodes, Around<'_>) {
        let (nodes, _, around) = self.parts();
        (nodes, around)
    }

    /// The nodes of machines, the clients, and the surroundings of both.
    fn parts(&mut self) -> (&mut Nodes, &mut Clients, Around<'_>) {
        let cx = Cx {
            now_ns: self.now_ns,
            agenda: &mut self.agenda,
            trace: &mut self.trace,
            counters: &mut self.counters,
            marks: &mut self.marks,
        };
        let around = Around {
            cx,
            cpu: self.cpu,
            network: &mut self.network,
            recorder: &mut self.recorder,
            members: &mut self.members,
            alarms: &mut self.alarms,
        };
        (&mut self.nodes, &mut self.clients, around)
    }

    /// Lets the network do something now.
    pub fn with_network<T>(&mut self, act: impl FnOnce(&mut Network, &mut Cx<'_>) -> T) -> T {
        let (_, Around { mut cx, network, .. }) = self.split();
        act(network, &mut cx)
    }

    /// Calls `act` with the node of a machine, if there is one with this name.
    pub fn with_node<T>(
        &mut self,
        node: NodeName,
        act: impl FnOnce(&mut dyn AnyNode, &mut Around<'_>) -> T,
    ) -> Option<T> {
        let (nodes, mut around) = self.split();
        nodes.get(node).map(|node| act(node, &mut around))
    }

    /// A client of the world.
    pub fn client(&mut self, node: NodeName) -> &mut ClientHost {
        self.clients.host(node)
    }

    /// Calls `act` with a client and its surroundings.
    pub fn with_client<T>(
        &mut self,
        node: NodeName,
        act: impl FnOnce(&mut ClientHost, &mut Around<'_>) -> T,
    ) -> T {
        let (_, clients, mut around) = self.parts();
        act(clients.host(node), &mut around)
    }

    /// Calls `act` with a channel and its surroundings, if the node is one.
    pub fn with_channel<T>(
        &mut self,
        node: NodeName,
        act: impl FnOnce(&mut ChannelHost, &mut Around<'_>) -> T,
    ) -> Option<T> {
        let (_, clients, mut around) = self.parts();
        clients.channels.get_mut(&node).map(|host| act(host, &mut around))
    }

    /// True if a client has a process, which can be paused.
    pub fn has_process(&self, client: NodeName) -> bool {
        self.processes.has(client)
    }

    /// True if a client stands still.
    pub fn is_paused(&self, client: NodeName) -> bool {
        self.processes.is_paused(client)
    }

    /// Pauses a client that has a process.
    pub fn pause_client(&mut self, client: NodeName, fault: FaultId) {
        self.counters.client_pauses += 1;
        if self.processes.pause(client, fault) {
            self.tasks.pause(client);
            self.record(client, Event::Pause {});
            self.order(Order::Pause(client));
        }
    }

    /// Lets a client go on, unless another fault keeps it, and notice the events that it missed.
    pub fn resume_client(&mut self, client: NodeName, fault: FaultId) {
        if let Some(unnoticed) = self.processes.resume(client, fault) {
            self.tasks.resume(client);
            self.record(client, Event::Resume {});
            self.order(Order::Resume(client));
            unnoticed.into_iter().for_each(|due| self.deliver(due));
        }
    }

    /// Records an event that happens now.
    pub fn record(&mut self, node: NodeName, event: Event) {
        self.split().1.cx.record(node, event);
    }

    /// Records an event that happens now, with its details, which are made if records are kept.
    pub fn record_with(&mut self, node: NodeName, event: Event, details: impl FnOnce() -> Details) {
        self.split().1.cx.record_with(node, event, details);
    }

    /// Lets the next event happen: it is that time now.
    pub fn happen(&mut self) {
        if let Some((due_ns, due)) = self.agenda.pop() {
            self.now_ns = due_ns.max(self.now_ns);
            self.deliver(due);
            self.note_states();
        }
    }

    /// Notes the marks that machines reached until now.
    pub fn note_states(&mut self) {
        for mark in revline_store::mark::take() {
            self.marks.state(mark, self.now_ns);
        }
    }

    pub fn deliver(&mut self, due: Due) {
        let Some(due) = self.processes.keep_back(due, &mut self.network) else { return };
        match due {
            Due::Datagram { message, content } => self.datagram_arrived(message, content),
            Due::Frame { stream, direction, parcel } => {
                let arrived =
                    self.with_network(|network, cx| network.frame_arrived(cx, stream, direction, parcel));
                arrived.into_iter().for_each(|arrived| self.frame_arrived(stream, arrived));
            }
            Due::Stall { stream, direction } => {
                self.with_network(|network, cx| network.check_stall(cx, stream, direction));
            }
            Due::Handshake { stream, direction: Direction::ToServer } => {
                let server = self.network.streams.get(stream).map(|open| open.server);
                let running = server.and_then(|server| self.nodes.running(server));
                self.with_network(|network, cx| network.request_arrived(cx, stream, running));
            }
            Due::Handshake { stream, direction: Direction::ToClient } => {
                self.with_network(|network, cx| network.acceptance_arrived(cx, stream));
            }
            Due::NotEstablished { stream } => {
                self.with_network(|network, cx| network.give_up_handshake(cx, stream));
            }
            Due::BrokenAtClient { client, session, stream, refused } => {
                let gone = Told::ServerGone { session, stream, refused };
                if self.with_node(client, |node, around| node.tell(around, gone)).is_none()
                    && self
                        .with_channel(client, |host, around| host.stream_broke(around, stream, refused))
                        .is_none()
                {
                    self.with_client(client, |host, around| host.stream_broke(around, stream, refused));
                }
            }
            Due::Tell { node, incarnation, told } => {
                if self.nodes.running(node) == Some(incarnation) {
                    self.with_node(node, |node, around| node.tell(around, told));
                }
            }
            Due::GoOn(node) => {
                self.with_node(node, |node, around| node.go_on(around));
            }
            Due::Restart(node) => {
                let process = self.process(node);
                if process.restarting && process.down_by.is_empty() {
                    self.start_again(node);
                }
            }
            Due::PowerOff { node, fault } => {
                if self.member_host(node.0).disk.is_to_lose_power(fault) {
                    self.cut_power(node, fault);
                }
            }
            Due::Inspect(member) => {
                let (nodes, mut around) = self.split();
                let member = nodes.members.get_mut(&node_of(member));
                let settled = member.and_then(|member| member.inspect(&mut around));
                self.settled.extend(settled);
            }
            Due::Wakeup(wakeup) => wakeup.ring(),
            Due::WakeClient { client } => self.with_client(client, ClientHost::wake),
        }
    }

    fn datagram_arrived(&mut self, message: PeerMessage, content: u64) {
        let to = node_of(message.to());
        let runs = self.nodes.running(to).is_some();
        if self.with_network(|network, cx| network.deliver_datagram(cx, (&message, content), runs)) {
            self.with_node(to, |node, around| node.tell(around, Told::Datagram(message)));
        }
    }

    fn frame_arrived(&mut self, stream: StreamId, Arrived { to, session, frame }: Arrived) {
        let told = match frame {
            Frame::ToServer(frame) => Told::Client { stream, frame },
            Frame::ToClient(frame) if self.clients.hosts.contains_key(&to) => {
                return self.with_client(to, |host, around| host.received(around, stream, *frame));
            }
            Frame::ToClient(frame) if self.clients.channels.contains_key(&to) => {
                self.with_channel(to, |host, around| host.received(around, stream, *frame));
                return;
            }
            Frame::ToClient(frame) => Told::Server { session, stream, frame },
        };
        self.with_node(to, |node, around| node.tell(around, told));
    }

    /// Tells the process that runs on a node something, before anything else happens.
    pub fn tell_soon(&mut self, node: NodeName, told: Told) {
        if let Some(incarnation) = self.nodes.running(node) {
            self.agenda.soon(Due::Tell { node, incarnation, told });
        }
    }

    /// Starts the process of a node, before anything else happens.
    pub fn start_process(&mut self, node: NodeName) {
        self.process(node).starting = true;
        self.agenda.soon(Due::GoOn(node));
    }

    /// Ends a process as a loss of power does, and keeps it down as long as the fault lasts.
    pub fn cut_power(&mut self, node: NodeName, fault: FaultId) {
        let process = self.process(node);
        process.starting = false;
        process.down_by.insert(fault);
        if process.running {
            self.with_node(node, |node, around| node.end(around, &End::Crash));
        }
    }

    /// Starts a process again that does not run, unless its machine is done for ever.
    pub fn start_again(&mut self, node: NodeName) {
        if !self.process(node).is_up()
            && self.with_node(node, |node, around| !node.is_retired(around)) == Some(true)
        {
            self.start_process(node);
        }
    }

    /// The host of a member.
    pub fn member_host(&mut self, member: MemberId) -> &mut MemberHost {
        &mut self.nodes.members.get_mut(&node_of(member)).expect("a member of the world").host
    }

    /// The process on the node of a machine.
    pub fn process(&mut self, node: NodeName) -> &mut NodeProcess {
        self.nodes.get(node).expect("a node of this world").process()
    }

    /// The name of a node.
    pub fn name(&self, node: NodeName) -> String {
        self.trace.name_of(node)
    }

    /// The members of the cluster, as far as the world knows.
    pub fn present(&self) -> Vec<MemberId> {
        self.members.present()
    }

    /// The leader, as far as the world can tell.
    pub fn leader(&self) -> Option<MemberId> {
        self.members.leader()
    }

    /// The nodes of every member.
    pub fn member_nodes(&self) -> Vec<NodeName> {
        self.present().into_iter().map(node_of).collect()
    }

    /// The nodes of every proxy.
    pub fn proxy_nodes(&self) -> Vec<NodeName> {
        self.nodes.proxies.keys().copied().collect()
    }

    /// The names of the clients.
    pub fn client_names(&self) -> BTreeMap<ClientId, String> {
        self.clients.numbered().map(|(id, node)| (id, self.name(node))).collect()
    }

    /// Numbers the next client, and gives it the node of its name, with a count if that is taken.
    pub fn place_client(&mut self, name: &str) -> (ClientId, NodeName, String) {
        let (mut own, mut count) = (name.to_owned(), 1);
        while self.clients.has(NodeName::client(&own)) {
            count += 1;
            own = format!("{name} #{count}");
        }
        let node = NodeName::client(&own);
        self.trace.name(node, &own);
        self.record(node, Event::Join {});
        (self.clients.next_id(), node, own)
    }
}
