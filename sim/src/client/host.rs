//! The host of a client's session: carries out what the session asks for, and notes what it learns.

use super::ClientConfig;
use super::call_records::CallRecords;
use super::manner::Manner;
use super::notes::Notes;
use super::observer_queues::ObserverQueues;
use super::watch_queues::{WatchQueues, Watching};
use crate::network::stream::{Direction, Frame, StreamId};
use crate::prefix::Prefix;
use crate::state::{Due, State, node_of};
use crate::trace::NodeName;
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember};
use revline_store::api::{LeaderRequest, MaintenanceResponse, WatchCreateRequest};
use revline_store::client::{
    CallOptions, ClientInput, ClientOutput, ClientSession, ConnectionNumber, SessionConfig,
};
use revline_store::defect::Defects;
use revline_store::machine::{Call, ClientFrame, Machine, MemberId, Reply, ServerFrame, Time};
use std::time::Duration;

/// A client: its session, and what its application has not taken yet.
pub(crate) struct ClientHost {
    /// Its number in the history.
    pub id: ClientId,
    session: ClientSession,
    endpoints: Endpoints,
    connected: Option<Connected>,
    pub(super) calls: CallRecords,
    pub(super) watches: WatchQueues,
    pub(super) observers: ObserverQueues,
}

/// The connection of a session, as the network knows it.
#[derive(Clone, Copy)]
struct Connected {
    connection: ConnectionNumber,
    stream: StreamId,
    server: MemberId,
}

/// The endpoints of a client: those listed, or the present members if none are.
struct Endpoints {
    listed: Vec<MemberId>,
    /// The last one in use.
    last: Option<MemberId>,
}

impl Endpoints {
    /// The endpoint that the session means, if these are the members.
    fn resolve(&mut self, endpoint: usize, present: &[MemberId]) -> MemberId {
        let next = match (self.listed.get(endpoint), self.last) {
            (Some(&listed), _) => Some(listed),
            (None, Some(last)) => present.iter().copied().find(|&id| id > last),
            (None, None) => None,
        };
        let endpoint = next.or(present.first().copied()).expect("a cluster has a member");
        self.last = Some(endpoint);
        endpoint
    }
}

/// The place of a client among the others.
pub(super) struct Placed {
    pub id: ClientId,
    pub endpoints: Vec<MemberId>,
    pub first: usize,
    /// The prefix that it puts before its keys itself.
    pub namespace: Prefix,
    /// The prefix that its endpoints put before its keys.
    pub behind: Prefix,
}

impl ClientHost {
    pub(super) fn new(
        placed: Placed,
        config: ClientConfig,
        defects: Defects,
        notes: &mut Notes<'_>,
    ) -> ClientHost {
        let Placed { id, endpoints, first, namespace, behind } = placed;
        let config = SessionConfig {
            first_endpoint: first,
            deadline_ms: config.deadline_ms,
            namespace: (!namespace.is_empty()).then(|| namespace.in_store()),
            defects,
            ..SessionConfig::new(endpoints.len().max(1))
        };
        ClientHost {
            id,
            session: ClientSession::new(config),
            endpoints: Endpoints { listed: endpoints, last: None },
            connected: None,
            calls: CallRecords::new(id, behind.inside(&namespace), notes),
            watches: WatchQueues::default(),
            observers: ObserverQueues::default(),
        }
    }

    fn server(&self) -> Option<MemberId> {
        self.connected.map(|connected| connected.server)
    }

    /// The stream of a connection, if that is the one in use.
    fn stream_of(&self, connection: ConnectionNumber) -> Option<StreamId> {
        self.connected
            .filter(|connected| connected.connection == connection)
            .map(|connected| connected.stream)
    }

    /// The connection that uses a stream, if that is the one in use.
    fn connection_of(&self, stream: StreamId) -> Option<ConnectionNumber> {
        self.connected.filter(|connected| connected.stream == stream).map(|connected| connected.connection)
    }

    fn user(&self) -> Option<String> {
        self.session.user().map(str::to_owned)
    }
}

impl State {
    /// A client, and the places for notes on it.
    pub(super) fn client(&mut self, node: NodeName) -> (&mut ClientHost, Notes<'_>) {
        let State { now_ns, clients, recorder, counters, trace, .. } = self;
        let host = clients.get_mut(&node).expect("a client of this world");
        (host, Notes { now_ns: *now_ns, node, recorder, counters, trace })
    }

    /// Lets the session of a client take a step.
    fn step_client(&mut self, node: NodeName, input: ClientInput) {
        let now = Time(self.now_ns);
        let mut outputs = std::mem::take(&mut self.client_outputs);
        self.client(node).0.session.step(now, input, &mut outputs);
        for output in outputs.drain(..) {
            self.carry_out_for_client(node, output);
        }
        self.client_outputs = outputs;
    }

    fn carry_out_for_client(&mut self, node: NodeName, output: ClientOutput) {
        match output {
            ClientOutput::Connect { connection, endpoint } => {
                let present = self.present();
                let server = self.client(node).0.endpoints.resolve(endpoint, &present);
                let stream = self.open_stream(node, node_of(server), connection);
                self.client(node).0.connected = Some(Connected { connection, stream, server });
            }
            ClientOutput::Disconnect { connection } => {
                let host = self.client(node).0;
                let used = host.connected.take_if(|connected| connected.connection == connection);
                if let Some(Connected { stream, server, .. }) = used {
                    self.close_stream_at_client(node, node_of(server), stream);
                }
            }
            ClientOutput::Send { connection, frame } => {
                let (host, mut notes) = self.client(node);
                let Some(stream) = host.stream_of(connection) else { return };
                if let (ClientFrame::Call { call, .. }, Some(server)) = (&frame, host.server()) {
                    host.calls.sent_to(*call, server, &mut notes);
                }
                self.send_frame(stream, Direction::ToServer, Frame::ToServer(frame));
            }
            ClientOutput::WakeAt { at } => self.agenda.at(at.0, Due::WakeClient { client: node }),
            ClientOutput::Called { call, request } => self.begin_call(node, call, &request, false),
            ClientOutput::Answered { call, answer, held } => {
                let hash = hash_in(&answer);
                let (host, mut notes) = self.client(node);
                host.calls.answered(call, answer, held, &mut notes);
                if let Some((member, revision, compact_revision, hash)) = hash {
                    self.observe_hash(member, revision, compact_revision, hash);
                }
            }
            ClientOutput::Released { call } => self.client(node).0.calls.released(call),
            ClientOutput::Watched { stream, on_wire, concerns, response } => {
                let (host, mut notes) = self.client(node);
                if let Some(Connected { stream: connection, .. }) = host.connected {
                    host.watches.arrived(stream, (connection, on_wire), &concerns, response, &mut notes);
                }
            }
            ClientOutput::Discarded { connection, on_wire } => {
                if let Some(stream) = self.client(node).0.stream_of(connection) {
                    self.response_taken(stream, on_wire);
                }
            }
            ClientOutput::StreamEnded { stream, broken } => {
                let (host, mut notes) = self.client(node);
                host.watches.ended(stream, broken, &mut notes);
                host.observers.broke(stream, &mut notes);
            }
            ClientOutput::Resumed { .. } => debug_assert!(false, "applications resume their streams"),
            ClientOutput::Observed { stream, response } => {
                let (host, mut notes) = self.client(node);
                host.observers.arrived(stream, response, &mut notes);
            }
        }
    }

    fn begin_call(&mut self, node: NodeName, call: u64, request: &Call, background: bool) {
        let (host, mut notes) = self.client(node);
        let user = host.session.user();
        host.calls.begin(call, request, background, user, &mut notes);
    }

    /// Begins a call.
    pub(super) fn invoke(&mut self, node: NodeName, request: Call, manner: Manner) -> u64 {
        let call = self.client(node).0.session.reserve_call();
        self.begin_call(node, call, &request, manner.background);
        let options = CallOptions { deadline: manner.deadline_ms.map(Duration::from_millis) };
        self.step_client(node, ClientInput::Call { call, request, options });
        call
    }

    /// The application no longer waits for a call.
    pub(super) fn abandon_call(&mut self, node: NodeName, call: u64) {
        if self.clients.get(&node).is_some_and(|host| host.calls.has(call)) {
            self.client(node).0.calls.abandon(call);
            self.step_client(node, ClientInput::Abandon { call });
        }
    }

    /// Opens a watch stream; returns its number.
    pub(super) fn open_watch_stream(&mut self, node: NodeName) -> u64 {
        let host = self.client(node).0;
        let stream = host.session.reserve_stream();
        host.watches.open(stream);
        self.step_client(node, ClientInput::OpenWatchStream { stream, resume: false });
        stream
    }

    /// Begins a watch on a stream.
    pub(super) fn watch(
        &mut self,
        node: NodeName,
        stream: u64,
        watch: u32,
        request: WatchCreateRequest,
        resumes: Option<u64>,
    ) {
        let (host, mut notes) = self.client(node);
        let watching = Watching { client: host.id, server: host.server(), user: host.user(), resumes };
        host.watches.began(stream, watch, &request, watching, &mut notes);
        self.step_client(node, ClientInput::Watch { stream, watch, request });
    }

    /// Asks how far the watches of a stream have come.
    pub(super) fn request_progress(&mut self, node: NodeName, stream: u64) {
        self.step_client(node, ClientInput::RequestProgress { stream });
    }

    /// Ends one watch of a stream.
    pub(super) fn cancel_watch(&mut self, node: NodeName, stream: u64, watch: u32) {
        let (host, mut notes) = self.client(node);
        host.watches.cancel(stream, watch, &mut notes);
        self.step_client(node, ClientInput::CancelWatch { stream, watch });
    }

    /// Opens a stream of the election service; returns its number.
    pub(super) fn open_observer(&mut self, node: NodeName, request: LeaderRequest) -> u64 {
        let stream = self.client(node).0.session.reserve_stream();
        let name = translate::bytes(&request.name);
        self.step_client(node, ClientInput::Observe { stream, request });
        let (host, notes) = self.client(node);
        let server = host.server().map(JudgedMember);
        let index = notes.recorder.observer(host.id, server, name, notes.now_ns);
        host.observers.open(stream, index);
        stream
    }

    /// Closes a stream, of watches or of an observer.
    pub(super) fn close_client_stream(&mut self, node: NodeName, stream: u64) {
        let (host, mut notes) = self.client(node);
        host.watches.close(stream, &mut notes);
        host.observers.close(stream, &mut notes);
        self.step_client(node, ClientInput::CloseStream { stream });
    }

    /// Closes the connection of a client.
    pub(super) fn disconnect(&mut self, node: NodeName) {
        self.step_client(node, ClientInput::Disconnect);
    }

    /// A moment has come at which a session wanted to be woken.
    pub fn wake_client(&mut self, node: NodeName) {
        self.step_client(node, ClientInput::Wake);
    }

    /// A stream broke, or was never made.
    pub fn stream_broke_at_client(&mut self, node: NodeName, stream: StreamId, refused: bool) {
        let host = self.client(node).0;
        if let Some(connection) = host.connection_of(stream) {
            host.connected = None;
            self.step_client(node, ClientInput::ConnectionClosed { connection, refused });
        }
    }

    /// A frame from the endpoint that a client is connected to.
    pub fn client_received(&mut self, node: NodeName, stream: StreamId, frame: ServerFrame) {
        if let Some(connection) = self.client(node).0.connection_of(stream) {
            self.step_client(node, ClientInput::Frame { connection, frame });
        }
    }
}

/// The hash of keys that an answer tells of: the member, the revision, the compacted revision, the hash.
fn hash_in(answer: &Result<Reply, super::CallError>) -> Option<(MemberId, i64, i64, u32)> {
    match answer {
        Ok(Reply::Maintenance(MaintenanceResponse::HashKv {
            header,
            hash,
            compact_revision,
            hash_revision,
        })) => Some((header.member_id, *hash_revision, *compact_revision, *hash)),
        _ => None,
    }
}
