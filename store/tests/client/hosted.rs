//! The smallest host: a session before the members of a cluster in memory.

use crate::harness::cluster::Cluster;
use crate::harness::connections::Connections;
use revline_store::api::WatchCreateRequest;
use revline_store::client::{
    CallError, CallNumber, CallOptions, ClientInput, ClientOutput, ClientSession, SessionConfig, WatchItem,
};
use revline_store::frame::{Call, Reply};
use revline_store::machine::{Machine, MemberId};
use std::collections::{BTreeMap, VecDeque};

pub struct Hosted {
    pub cluster: Cluster,
    session: ClientSession,
    connections: Connections,
    /// Inputs that follow from its outputs.
    pending: VecDeque<ClientInput>,
    pub answers: BTreeMap<CallNumber, Result<Reply, CallError>>,
    pub items: Vec<WatchItem>,
}

impl Hosted {
    pub fn new(cluster: Cluster) -> Hosted {
        let session = ClientSession::new(SessionConfig::new(cluster.nodes.len()));
        Hosted {
            cluster,
            session,
            connections: Connections::default(),
            pending: VecDeque::new(),
            answers: BTreeMap::new(),
            items: Vec::new(),
        }
    }

    /// Takes an input, and lets everything happen that follows.
    pub fn step(&mut self, input: ClientInput) {
        self.pending.push_back(input);
        while let Some(input) = self.pending.pop_front() {
            let mut out = Vec::new();
            self.session.step(self.cluster.now, input, &mut out);
            out.into_iter().for_each(|output| self.carry_out(output));
            self.cluster.run();
            self.collect();
        }
    }

    fn carry_out(&mut self, output: ClientOutput) {
        match output {
            ClientOutput::Connect { connection, endpoint } => {
                let member = self.connections.open(connection, endpoint);
                if self.cluster.nodes[&member].member.is_none() {
                    self.lose_connection(true);
                }
            }
            ClientOutput::Send { connection, frame } => {
                self.connections.send(&mut self.cluster, connection, frame);
            }
            ClientOutput::Disconnect { connection } => self.connections.close(&mut self.cluster, connection),
            ClientOutput::Answered { call, answer, .. } => {
                assert!(self.answers.insert(call, answer).is_none(), "one outcome");
            }
            ClientOutput::Watched { concerns, response, .. } => {
                self.items.extend(WatchItem::of(response, concerns.one().is_none()));
            }
            _ => {}
        }
    }

    fn lose_connection(&mut self, refused: bool) {
        if let Some(connection) = self.connections.lose_newest() {
            self.pending.push_back(ClientInput::ConnectionClosed { connection, refused });
        }
    }

    /// Takes the frames that the members sent.
    fn collect(&mut self) {
        for (connection, frame) in self.connections.receive(&self.cluster) {
            self.pending.push_back(ClientInput::Frame { connection, frame });
        }
    }

    /// Makes a call, and gives its answer, if there is one before time passes.
    pub fn ask(&mut self, request: Call) -> Option<Result<Reply, CallError>> {
        let call = self.session.reserve_call();
        self.step(ClientInput::Call { call, request, options: CallOptions::default() });
        self.answers.get(&call).cloned()
    }

    /// Begins a watch on a stream of its own, which resumes.
    pub fn watch(&mut self, request: WatchCreateRequest) {
        let stream = self.session.reserve_stream();
        self.step(ClientInput::OpenWatchStream { stream, resume: true });
        self.step(ClientInput::Watch { stream, watch: 0, request });
    }

    /// The member in use loses power.
    pub fn crash(&mut self) -> MemberId {
        let member = self.connections.newest().map_or(1, |(_, member)| member);
        self.cluster.crash(member);
        self.lose_connection(false);
        self.step(ClientInput::Wake);
        member
    }

    /// Time passes, tick by tick.
    pub fn ticks(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.cluster.ticks(1);
            self.collect();
            self.step(ClientInput::Wake);
        }
    }
}
