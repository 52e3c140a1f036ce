//! A proxy before the members of a cluster, with connections that hold frames back and break.

use crate::harness::cluster::{Cluster, FIRST_HOST};
use revline_store::frame::{ClientFrame, ServerFrame, SessionId};
use revline_store::machine::{Machine, MemberId};
use revline_store::member::Input;
use revline_store::proxy::{Proxy, ProxyConfig, ProxyEvent, ProxyInput, ProxyOutput};
use std::collections::{BTreeMap, VecDeque};

#[derive(Default)]
struct Connection {
    member: MemberId,
    up: VecDeque<ClientFrame>,
    down: VecDeque<ServerFrame>,
}

pub struct Behind {
    pub cluster: Cluster,
    pub proxy: Proxy,
    connections: BTreeMap<SessionId, Connection>,
    /// The number of frames of each member that were looked at.
    read: BTreeMap<MemberId, usize>,
    /// The frames sent to clients, in order.
    pub received: Vec<(SessionId, ServerFrame)>,
    /// Clients that were sent away.
    pub closed: Vec<SessionId>,
    pub events: Vec<ProxyEvent>,
}

impl Behind {
    pub fn new(cluster: Cluster, configure: impl Fn(&mut ProxyConfig)) -> Behind {
        let mut config = ProxyConfig::new(101, cluster.nodes.len());
        configure(&mut config);
        Behind {
            cluster,
            proxy: Proxy::new(config),
            connections: BTreeMap::new(),
            read: BTreeMap::new(),
            received: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
        }
    }

    pub fn step(&mut self, input: ProxyInput) {
        let mut out = Vec::new();
        self.proxy.step(self.cluster.now, input, &mut out);
        for output in out {
            match output {
                ProxyOutput::Client { session, frame } => self.received.push((session, frame)),
                ProxyOutput::CloseSession { session } => self.closed.push(session),
                ProxyOutput::Connect { session, endpoint } => {
                    let connection = Connection { member: endpoint as u64 + 1, ..Connection::default() };
                    assert!(self.connections.insert(session, connection).is_none());
                }
                ProxyOutput::Upstream { session, frame } => {
                    self.connections.get_mut(&session).expect("it is connected").up.push_back(frame);
                }
                ProxyOutput::Disconnect { session } => self.disconnect(session),
                ProxyOutput::Event(event) => self.events.push(event),
            }
        }
    }

    fn disconnect(&mut self, session: SessionId) {
        let connection = self.connections.remove(&session).expect("it is connected");
        self.cluster.step(connection.member, Input::SessionClosed { session: FIRST_HOST + session });
    }

    /// Breaks the connection in use, with the frames on their way.
    pub fn break_connection(&mut self) {
        let Some(&session) = self.connections.keys().last() else { return };
        self.disconnect(session);
        self.step(ProxyInput::UpstreamClosed { session, refused: false });
    }

    /// Takes the frames that the members sent.
    fn collect(&mut self) {
        for (&id, node) in &self.cluster.nodes {
            let read = self.read.entry(id).or_default();
            for (session, frame) in &node.frames[*read..] {
                let name = session.wrapping_sub(FIRST_HOST);
                if let Some(connection) = self.connections.get_mut(&name) {
                    connection.down.push_back(frame.clone());
                }
            }
            *read = node.frames.len();
        }
    }

    /// The next frame towards the members arrives. False if there is none.
    pub fn one_up(&mut self) -> bool {
        let Some((&session, connection)) = self.connections.iter_mut().next_back() else { return false };
        let (member, frame) = (connection.member, connection.up.pop_front());
        let Some(frame) = frame else { return false };
        self.cluster.step(member, Input::Client { session: FIRST_HOST + session, frame });
        self.cluster.run();
        true
    }

    /// The next frame from the members arrives. False if there is none.
    pub fn one_down(&mut self) -> bool {
        self.collect();
        let Some((&session, connection)) = self.connections.iter_mut().next_back() else { return false };
        let Some(frame) = connection.down.pop_front() else { return false };
        self.step(ProxyInput::Upstream { session, frame });
        true
    }

    /// Everything on its way arrives.
    pub fn run(&mut self) {
        self.cluster.run();
        while self.one_up() || self.one_down() {}
    }

    pub fn tick(&mut self) {
        self.cluster.ticks(1);
        self.step(ProxyInput::Tick);
    }
}
