//! The host of a client's session: carries out what the session asks for, and notes what it learns.

use super::call_records::CallRecords;
use super::hash_seen::HashSeen;
use super::manner::Manner;
use super::notes::Notes;
use super::observer_queues::ObserverQueues;
use super::watch_queues::{WatchQueues, Watching};
use crate::around::Around;
use crate::config::ClientConfig;
use crate::due::Due;
use crate::network::stream::Opening;
use crate::parcel::{Direction, Frame, StreamId};
use crate::prefix::Prefix;
use crate::trace::{NodeName, node_of};
use revline_checker::history::{ClientId, MemberId as JudgedMember};
use revline_store::api::{LeaderRequest, WatchCreateRequest, WatchResponse};
use revline_store::client::{
    CallError, CallOptions, ClientInput, ClientOutput, ClientSession, ConnectionNumber, Resumption,
    SessionConfig,
};
use revline_store::defect::Defects;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::machine::{Machine, MemberId, Time};
use std::task::{Poll, Waker};
use std::time::Duration;

/// A client: its session, and what its application has not taken yet.
pub(crate) struct ClientHost {
    node: NodeName,
    /// Its number in the history.
    pub id: ClientId,
    session: ClientSession,
    endpoints: Endpoints,
    connected: Option<Connected>,
    pub calls: CallRecords,
    watches: WatchQueues,
    pub observers: ObserverQueues,
    outputs: Vec<ClientOutput>,
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
pub(crate) struct Placed {
    pub id: ClientId,
    pub endpoints: Vec<MemberId>,
    pub first: usize,
    /// The prefix that it puts before its keys itself.
    pub namespace: Prefix,
    /// The prefix that its endpoints put before its keys.
    pub behind: Prefix,
}

impl ClientHost {
    pub fn new(placed: Placed, config: ClientConfig, defects: Defects, notes: &mut Notes<'_>) -> ClientHost {
        let Placed { id, endpoints, first, namespace, behind } = placed;
        let config = SessionConfig {
            first_endpoint: first,
            deadline_ms: config.deadline_ms,
            namespace: (!namespace.is_empty()).then(|| namespace.0.clone()),
            defects,
            ..SessionConfig::new(endpoints.len().max(1))
        };
        ClientHost {
            node: notes.node,
            id,
            session: ClientSession::new(config),
            endpoints: Endpoints { listed: endpoints, last: None },
            connected: None,
            calls: CallRecords::new(id, behind.inside(&namespace), notes),
            watches: WatchQueues::default(),
            observers: ObserverQueues::default(),
            outputs: Vec::new(),
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

    /// Lets the session take a step.
    fn step(&mut self, around: &mut Around<'_>, input: ClientInput) {
        let mut outputs = std::mem::take(&mut self.outputs);
        self.session.step(Time(around.cx.now_ns), input, &mut outputs);
        for output in outputs.drain(..) {
            self.carry_out(around, output);
        }
        self.outputs = outputs;
    }

    fn carry_out(&mut self, around: &mut Around<'_>, output: ClientOutput) {
        match output {
            ClientOutput::Connect { connection, endpoint } => self.connect(around, connection, endpoint),
            ClientOutput::Disconnect { connection } => {
                if let Some(stream) = self.stream_of(connection) {
                    self.connected = None;
                    around.network.close_stream_at_client(&mut around.cx, stream);
                }
            }
            ClientOutput::Send { connection, frame } => self.send(around, connection, frame),
            ClientOutput::WakeAt { at } => {
                around.cx.agenda.at(at.0, Due::WakeClient { client: self.node });
            }
            ClientOutput::Called { call, request } => {
                self.begin_call(around, call, &request, Manner::default());
                // The application does not wait for it.
                self.calls.abandon(call);
            }
            ClientOutput::Answered { call, answer, held } => self.answered(around, call, answer, held),
            ClientOutput::Released { call } => self.calls.released(call),
            ClientOutput::Watched { stream, on_wire, concerns, response } => {
                if let Some(Connected { stream: connection, .. }) = self.connected {
                    let notes = &mut Notes::on(self.node, around);
                    self.watches.arrived(stream, (connection, on_wire), &concerns, response, notes);
                }
            }
            ClientOutput::Discarded { connection, on_wire } => {
                if let Some(stream) = self.stream_of(connection) {
                    around.network.response_taken(&mut around.cx, stream, on_wire);
                }
            }
            ClientOutput::CancelConfirmed { stream, watch } => self.watches.cancel_confirmed(stream, watch),
            ClientOutput::StreamEnded { stream, broken } => {
                let notes = &mut Notes::on(self.node, around);
                self.watches.ended(stream, broken, notes);
                self.observers.broke(stream, notes);
            }
            ClientOutput::Resumed { stream, watches, .. } => {
                self.watches.resumed(stream);
                for Resumption { watch, request, continues } in watches {
                    let resumes = self.watches.index_of(stream, watch).filter(|_| continues);
                    self.watch_began(around, stream, watch, &request, resumes);
                }
            }
            ClientOutput::Observed { stream, response } => {
                self.observers.arrived(stream, response, &mut Notes::on(self.node, around));
            }
        }
    }

    fn connect(&mut self, around: &mut Around<'_>, connection: ConnectionNumber, endpoint: usize) {
        let server = self.endpoints.resolve(endpoint, &around.members.present());
        let opening = Opening {
            client: self.node,
            server: node_of(server),
            session: connection,
            queues_responses: true,
        };
        let stream = around.network.open_stream(&mut around.cx, opening);
        self.connected = Some(Connected { connection, stream, server });
    }

    fn send(&mut self, around: &mut Around<'_>, connection: ConnectionNumber, frame: ClientFrame) {
        let Some(stream) = self.stream_of(connection) else { return };
        around.cx.marks.sent(&frame);
        if let (ClientFrame::Call { call, .. }, Some(server)) = (&frame, self.server()) {
            let apart = around.members.is_apart(server);
            self.calls.sent_to(*call, server, apart, &mut Notes::on(self.node, around));
        }
        let frame = Frame::ToServer(Box::new(frame));
        around.network.send_frame(&mut around.cx, stream, Direction::ToServer, frame);
    }

    fn begin_call(&mut self, around: &mut Around<'_>, call: u64, request: &Call, manner: Manner) {
        let user = self.session.user();
        self.calls.begin(call, request, manner, user, &mut Notes::on(self.node, around));
    }

    fn answered(&mut self, around: &mut Around<'_>, call: u64, answer: Result<Reply, CallError>, held: bool) {
        let hash = HashSeen::of(&answer);
        self.calls.answered(call, answer, held, &mut Notes::on(self.node, around));
        if let Some(hash) = hash {
            hash.compare(around);
        }
    }

    /// Begins a call.
    pub fn invoke(&mut self, around: &mut Around<'_>, request: Call, manner: Manner) -> u64 {
        let call = self.session.reserve_call();
        self.begin_call(around, call, &request, manner);
        let options = CallOptions {
            deadline: manner.deadline_ms.map(Duration::from_millis),
            requires_leader: manner.requires_leader,
        };
        self.step(around, ClientInput::Call { call, request, options });
        call
    }

    /// The application no longer waits for a call.
    pub fn abandon_call(&mut self, around: &mut Around<'_>, call: u64) {
        if self.calls.has(call) {
            self.calls.abandon(call);
            self.step(around, ClientInput::Abandon { call });
        }
    }

    /// Opens a watch stream, which may `resume` by itself when it breaks; returns its number.
    pub fn open_watch_stream(&mut self, around: &mut Around<'_>, resume: bool) -> u64 {
        let stream = self.session.reserve_stream();
        self.watches.open(stream, resume);
        self.step(around, ClientInput::OpenWatchStream { stream, resume });
        stream
    }

    /// Begins a watch on a stream.
    pub fn watch(&mut self, around: &mut Around<'_>, stream: u64, watch: u32, request: WatchCreateRequest) {
        self.watch_began(around, stream, watch, &request, None);
        self.step(around, ClientInput::Watch { stream, watch, request });
    }

    /// Notes that a watch begins, on the present connection. It may continue another one, by its index in the history.
    fn watch_began(
        &mut self,
        around: &mut Around<'_>,
        stream: u64,
        watch: u32,
        request: &WatchCreateRequest,
        resumes: Option<u64>,
    ) {
        let user = self.session.user().map(str::to_owned);
        let watching = Watching { client: self.id, server: self.server(), user, resumes };
        self.watches.began(stream, watch, request, watching, &mut Notes::on(self.node, around));
    }

    /// Takes the next response on a watch stream; without one, `waker` is woken once there is.
    pub fn next_response(
        &mut self,
        around: &mut Around<'_>,
        stream: u64,
        waker: &Waker,
    ) -> Poll<Option<(Option<u32>, WatchResponse)>> {
        let Some(arrived) = self.watches.take(stream) else {
            return if self.watches.wait(stream, waker) { Poll::Pending } else { Poll::Ready(None) };
        };
        around.network.response_taken(&mut around.cx, arrived.connection, arrived.on_wire);
        Poll::Ready(Some((arrived.watch, arrived.response)))
    }

    /// Asks how far the watches of a stream have come.
    pub fn request_progress(&mut self, around: &mut Around<'_>, stream: u64) {
        self.step(around, ClientInput::RequestProgress { stream });
    }

    /// Ends one watch of a stream.
    pub fn cancel_watch(&mut self, around: &mut Around<'_>, stream: u64, watch: u32) {
        self.watches.cancel(stream, watch, &mut Notes::on(self.node, around));
        self.step(around, ClientInput::CancelWatch { stream, watch });
    }

    /// Returns true once the server said that a watch which was ended is over; false if it never will, as the stream ended.
    pub fn is_cancel_confirmed(&mut self, stream: u64, watch: u32, waker: &Waker) -> Poll<bool> {
        match self.watches.is_cancel_confirmed(stream, watch) {
            true => Poll::Ready(true),
            false if self.watches.wait(stream, waker) => Poll::Pending,
            false => Poll::Ready(false),
        }
    }

    /// Opens a stream of the election service; returns its number.
    pub fn open_observer(&mut self, around: &mut Around<'_>, request: LeaderRequest) -> u64 {
        let stream = self.session.reserve_stream();
        let name = request.name.clone();
        self.step(around, ClientInput::Observe { stream, request });
        let server = self.server().map(JudgedMember);
        let index = around.recorder.observer(self.id, server, name, around.cx.now_ns);
        self.observers.open(stream, index);
        stream
    }

    /// Closes a stream, of watches or of an observer.
    pub fn close_stream(&mut self, around: &mut Around<'_>, stream: u64) {
        let notes = &mut Notes::on(self.node, around);
        self.watches.close(stream, notes);
        self.observers.close(stream, notes);
        self.step(around, ClientInput::CloseStream { stream });
    }

    /// Closes the connection.
    pub fn disconnect(&mut self, around: &mut Around<'_>) {
        self.step(around, ClientInput::Disconnect);
    }

    /// Wakes the session, at a moment that it asked for.
    pub fn wake(&mut self, around: &mut Around<'_>) {
        self.step(around, ClientInput::Wake);
    }

    /// A stream broke, or was never made.
    pub fn stream_broke(&mut self, around: &mut Around<'_>, stream: StreamId, refused: bool) {
        if let Some(connection) = self.connection_of(stream) {
            self.connected = None;
            self.step(around, ClientInput::ConnectionClosed { connection, refused });
        }
    }

    /// A frame came on a stream.
    pub fn received(&mut self, around: &mut Around<'_>, stream: StreamId, frame: ServerFrame) {
        around.cx.marks.received(&frame);
        if let Some(connection) = self.connection_of(stream) {
            self.step(around, ClientInput::Frame { connection, frame });
        }
    }
}
