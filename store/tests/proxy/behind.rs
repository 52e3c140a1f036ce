//! A proxy before the members of a cluster, with connections that hold frames back and break.

use crate::harness::cluster::Cluster;
use crate::harness::connections::Connections;
use revline_store::frame::{ClientFrame, ServerFrame, SessionId};
use revline_store::machine::Machine;
use revline_store::proxy::{Proxy, ProxyConfig, ProxyEvent, ProxyInput, ProxyOutput};
use std::collections::{BTreeMap, VecDeque};

/// The frames on their way on a connection.
#[derive(Default)]
struct OnTheWay {
    up: VecDeque<ClientFrame>,
    down: VecDeque<ServerFrame>,
}

pub struct Behind {
    pub cluster: Cluster,
    pub proxy: Proxy,
    connections: Connections,
    on_the_way: BTreeMap<SessionId, OnTheWay>,
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
            connections: Connections::default(),
            on_the_way: BTreeMap::new(),
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
                    self.connections.open(session, endpoint);
                    self.on_the_way.insert(session, OnTheWay::default());
                }
                ProxyOutput::Upstream { session, frame } => {
                    self.on_the_way.get_mut(&session).expect("it is connected").up.push_back(frame);
                }
                ProxyOutput::Disconnect { session } => self.disconnect(session),
                ProxyOutput::Event(event) => self.events.push(event),
            }
        }
    }

    fn disconnect(&mut self, session: SessionId) {
        self.on_the_way.remove(&session).expect("it is connected");
        self.connections.close(&mut self.cluster, session);
    }

    /// Breaks the connection in use, with the frames on their way.
    pub fn break_connection(&mut self) {
        let Some((session, _)) = self.connections.newest() else { return };
        self.disconnect(session);
        self.step(ProxyInput::UpstreamClosed { session, refused: false });
    }

    /// The next frame towards the members arrives. False if there is none.
    pub fn one_up(&mut self) -> bool {
        let Some((&session, frames)) = self.on_the_way.iter_mut().next_back() else { return false };
        let Some(frame) = frames.up.pop_front() else { return false };
        self.connections.send(&mut self.cluster, session, frame);
        self.cluster.run();
        true
    }

    /// The next frame from the members arrives. False if there is none.
    pub fn one_down(&mut self) -> bool {
        for (session, frame) in self.connections.receive(&self.cluster) {
            self.on_the_way.get_mut(&session).expect("it is connected").down.push_back(frame);
        }
        let Some((&session, frames)) = self.on_the_way.iter_mut().next_back() else { return false };
        let Some(frame) = frames.down.pop_front() else { return false };
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
