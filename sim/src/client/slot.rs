//! A client as the world sees it: its connection, its open calls, its watches and observers.

use super::auth::Identity;
use super::open_call::OpenCall;
use super::open_observer::OpenObserver;
use super::open_watch::OpenWatchStream;
use super::{CallError, ClientConfig};
use crate::network::stream::{Direction, Frame, StreamId};
use crate::prefix::Prefix;
use crate::state::{State, node_of};
use crate::trace::NodeName;
use revline_checker::history::ClientId;
use revline_store::api::Token;
use revline_store::defect::Defects;
use revline_store::machine::{ClientFrame, MemberId, ServerFrame};
use revline_store::namespace::Namespace;
use std::collections::BTreeMap;

pub(crate) struct ClientSlot {
    /// Its number in the history.
    pub id: ClientId,
    pub(super) config: ClientConfig,
    /// The endpoints it uses: all members if there are none.
    endpoints: Vec<MemberId>,
    next_endpoint: usize,
    /// The endpoint it used last.
    last_endpoint: Option<MemberId>,
    pub(super) connection: Option<(StreamId, MemberId)>,
    pub(super) calls: BTreeMap<u64, OpenCall>,
    pub(super) next_call: u64,
    pub(super) watch_streams: BTreeMap<u64, OpenWatchStream>,
    /// Names streams of watches and observers.
    pub(super) next_watch: u64,
    pub(super) observers: BTreeMap<u64, OpenObserver>,
    /// The client itself, while it has no call open.
    pub(super) idle: Vec<ClientId>,
    /// Its other processes that have no call open.
    pub(super) idle_extra: Vec<ClientId>,
    pub(super) extra_processes: u32,
    /// Who it is, if it said so.
    pub(super) identity: Option<Identity>,
    /// What it does to its keys itself.
    namespace: Option<Namespace>,
    /// What its keys begin with in the cluster, by itself or by proxies.
    prefix: Prefix,
}

impl ClientSlot {
    pub fn new(id: ClientId, config: ClientConfig, endpoints: Vec<MemberId>, first: usize) -> ClientSlot {
        ClientSlot {
            id,
            config,
            next_endpoint: first % endpoints.len().max(1),
            endpoints,
            last_endpoint: None,
            connection: None,
            calls: BTreeMap::new(),
            next_call: 0,
            watch_streams: BTreeMap::new(),
            next_watch: 0,
            observers: BTreeMap::new(),
            idle: vec![id],
            idle_extra: Vec::new(),
            extra_processes: 0,
            identity: None,
            namespace: None,
            prefix: Prefix::default(),
        }
    }

    /// A client in a namespace of its own, behind endpoints that show everything below another prefix.
    pub fn in_namespace(self, own: &Prefix, behind: &Prefix, defects: Defects) -> ClientSlot {
        let namespace = (!own.is_empty()).then(|| Namespace::new(own.in_store()).with_defects(defects));
        ClientSlot { namespace, prefix: behind.inside(own), ..self }
    }

    /// The token it shows.
    pub(super) fn token(&self) -> Option<Token> {
        self.identity.as_ref().map(|identity| identity.token.clone())
    }

    /// The user whose token that is.
    pub(super) fn user(&self) -> Option<String> {
        self.identity.as_ref().map(|identity| identity.user.clone())
    }

    fn fail_over(&mut self) {
        self.next_endpoint = (self.next_endpoint + 1) % self.endpoints.len().max(1);
    }

    /// The endpoint it connects to next, if these are the members.
    fn endpoint(&mut self, present: &[MemberId]) -> MemberId {
        let next = match (self.endpoints.get(self.next_endpoint), self.last_endpoint) {
            (Some(&listed), _) => Some(listed),
            (None, Some(last)) => present.iter().copied().find(|&id| id > last),
            (None, None) => None,
        };
        let endpoint = next.or(present.first().copied()).expect("a cluster has a member");
        self.last_endpoint = Some(endpoint);
        endpoint
    }
}

impl State {
    pub(super) fn client(&mut self, node: NodeName) -> &mut ClientSlot {
        self.clients.get_mut(&node).expect("a client of this world")
    }

    /// Tells the history which keys a process of a client means.
    pub fn process_began(&mut self, node: NodeName, process: ClientId) {
        let prefix = self.client(node).prefix.clone();
        if !prefix.is_empty() {
            self.recorder.namespace(process, prefix.0);
        }
    }

    /// Sends what a client says.
    pub(super) fn send_to_server(&mut self, node: NodeName, stream: StreamId, mut frame: ClientFrame) {
        if let Some(namespace) = &self.client(node).namespace {
            namespace.request(&mut frame);
        }
        self.send_frame(stream, Direction::ToServer, Frame::ToServer(frame));
    }

    /// The stream of a client, opened if there is none.
    pub(super) fn connect(&mut self, node: NodeName) -> (StreamId, MemberId) {
        if let Some(connection) = self.client(node).connection {
            return connection;
        }
        let present = self.present();
        let member = self.client(node).endpoint(&present);
        let stream = self.open_stream(node, node_of(member));
        self.client(node).connection = Some((stream, member));
        (stream, member)
    }

    /// Ends a client's connection: whatever waits on it has no answer.
    pub fn disconnect(&mut self, node: NodeName, why: &'static str) {
        let Some((stream, _)) = self.client(node).connection else { return };
        self.with_network(|network, cx| network.close_stream_at_client(cx, stream));
        self.connection_lost(node, stream, &CallError::Unknown(why));
    }

    fn connection_lost(&mut self, node: NodeName, stream: StreamId, error: &CallError) {
        let client = self.client(node);
        client.connection = None;
        client.fail_over();
        let calls: Vec<u64> =
            client.calls.iter().filter(|(_, call)| call.result.is_none()).map(|(&call, _)| call).collect();
        for call in calls {
            self.finish_call(node, call, Err(error.clone()));
        }
        self.end_watches(node, stream);
        self.end_observers(node, stream);
    }

    /// A stream broke, or was never made.
    pub fn stream_broke_at_client(&mut self, node: NodeName, stream: StreamId, refused: bool) {
        if self.client(node).connection.is_some_and(|(connected, _)| connected == stream) {
            let error = if refused { CallError::Refused } else { CallError::Unknown("stream broke") };
            self.connection_lost(node, stream, &error);
        }
    }

    /// A frame from the member a client is connected to.
    pub fn client_received(&mut self, node: NodeName, stream: StreamId, mut frame: ServerFrame) {
        let client = self.client(node);
        if client.connection.is_none_or(|(connected, _)| connected != stream) {
            return;
        }
        if let Some(namespace) = &client.namespace {
            namespace.response(&mut frame);
        }
        match frame {
            ServerFrame::Reply { call, result } => self.reply_received(node, call, result),
            ServerFrame::Watch { stream, response } => self.watch_received(node, stream, response),
            ServerFrame::Observe { stream, response } => self.leader_received(node, stream, response),
        }
    }
}
