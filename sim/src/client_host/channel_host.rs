//! The host of a channel: connections over which whoever holds the channel sends frames as it likes, and the notes that the
//! history has of them.
//!
//! A [`ClientHost`](super::ClientHost) decides by itself where a call goes, what it carries and when it is over. Here another
//! client decides that, one that knows nothing of the world. What it learns is recorded where the frames pass: a call that
//! it makes again is another operation, an answer counts that it threw away.

use super::call_records::CallRecords;
use super::hash_seen::HashSeen;
use super::manner::Manner;
use super::notes::Notes;
use super::observer_queues::ObserverQueues;
use super::watch_queues::{WatchQueues, Watching};
use crate::around::Around;
use crate::network::stream::Opening;
use crate::parcel::{Direction, Frame, StreamId};
use crate::prefix::Prefix;
use crate::trace::{NodeName, node_of};
use revline_checker::history::{ClientId, MemberId as JudgedMember};
use revline_store::api::{
    AuthRequest, AuthResponse, LeaderRequest, Token, WatchCreateRequest, WatchRequest, WatchResponse,
};
use revline_store::client::{CallError, Concerns, UnknownCause, WatchIds};
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::machine::MemberId;
use std::collections::BTreeMap;
use std::task::Waker;

/// The side of a connection that whoever holds the channel sees. It is told with the world locked.
pub(crate) trait Inbound: Send {
    /// A frame of the server came.
    fn received(&self, frame: ServerFrame);

    /// The connection is gone. `refused`: no process took it, so that nothing which was sent arrived.
    fn lost(&self, refused: bool);
}

/// A channel: its connections, and what is open on them.
pub(crate) struct ChannelHost {
    node: NodeName,
    /// Its number in the history.
    pub id: ClientId,
    connections: BTreeMap<StreamId, Connection>,
    calls: CallRecords,
    watches: WatchQueues,
    observers: ObserverQueues,
    /// The users of the tokens that its logins were given.
    users: BTreeMap<Token, String>,
    last_call: u64,
    last_stream: u64,
}

struct Connection {
    server: MemberId,
    inbound: Box<dyn Inbound>,
    /// The calls that are not answered, by their numbers on the connection.
    calls: BTreeMap<u64, OpenCall>,
    streams: BTreeMap<u64, OpenStream>,
}

struct OpenCall {
    /// Its number among all of the channel.
    number: u64,
    request: Call,
}

enum OpenStream {
    Watches(OpenWatches),
    /// The number among all of the channel.
    Observer(u64),
}

/// A stream with watches.
struct OpenWatches {
    /// Its number among all of the channel.
    number: u64,
    ids: WatchIds,
    /// The watches so far.
    count: u32,
}

impl ChannelHost {
    /// The host of a channel that has no endpoint yet.
    pub fn new(id: ClientId, notes: &mut Notes<'_>) -> ChannelHost {
        ChannelHost {
            node: notes.node,
            id,
            connections: BTreeMap::new(),
            calls: CallRecords::new(id, Prefix::default(), notes),
            watches: WatchQueues::default(),
            observers: ObserverQueues::default(),
            users: BTreeMap::new(),
            last_call: 0,
            last_stream: 0,
        }
    }

    /// Takes over the prefix that an endpoint puts before the keys.
    ///
    /// # Panics
    /// If calls were made at endpoints that show other keys.
    pub fn shows(&mut self, around: &mut Around<'_>, prefix: Prefix) {
        if *self.calls.prefix() != prefix {
            let is_unused = self.last_call == 0 && self.last_stream == 0;
            let is_first = is_unused && self.calls.prefix().is_empty();
            assert!(is_first, "the endpoints of a client show one namespace");
            self.calls.set_prefix(prefix, &mut Notes::on(self.node, around));
        }
    }

    /// Opens a connection to a server. Frames may be sent at once.
    pub fn connect(
        &mut self,
        around: &mut Around<'_>,
        server: MemberId,
        inbound: Box<dyn Inbound>,
    ) -> StreamId {
        let opening =
            Opening { client: self.node, server: node_of(server), session: 0, queues_responses: true };
        let stream = around.network.open_stream(&mut around.cx, opening);
        let connection = Connection { server, inbound, calls: BTreeMap::new(), streams: BTreeMap::new() };
        self.connections.insert(stream, connection);
        stream
    }

    /// Sends a frame on a connection. On one that is gone it goes nowhere.
    pub fn send(&mut self, around: &mut Around<'_>, stream: StreamId, frame: ClientFrame) {
        if !self.connections.contains_key(&stream) {
            return;
        }
        around.cx.marks.sent(&frame);
        match &frame {
            ClientFrame::Call { call, request, token, requires_leader } => {
                self.call_began(around, stream, *call, (request, *requires_leader), token.as_ref());
            }
            ClientFrame::CancelCall { call } => {
                if let Some(call) = self.open_call(stream, *call) {
                    self.answered(around, call, Err(CallError::Unknown(UnknownCause::GivenUp)));
                }
            }
            ClientFrame::Watch { stream: on_wire, request, token } => {
                self.watch_asked(around, stream, *on_wire, request, token.as_ref());
            }
            ClientFrame::Observe { stream: on_wire, request, .. } => {
                self.observer_began(around, stream, *on_wire, request);
            }
            ClientFrame::CloseStream { stream: on_wire } => {
                let open = self.connections.get_mut(&stream).and_then(|open| open.streams.remove(on_wire));
                if let Some(open) = open {
                    self.stream_closed(around, &open);
                }
            }
        }
        let frame = Frame::ToServer(Box::new(frame));
        around.network.send_frame(&mut around.cx, stream, Direction::ToServer, frame);
    }

    fn call_began(
        &mut self,
        around: &mut Around<'_>,
        stream: StreamId,
        call: u64,
        (request, requires_leader): (&Call, bool),
        token: Option<&Token>,
    ) {
        let Some(connection) = self.connections.get_mut(&stream) else { return };
        self.last_call += 1;
        let number = self.last_call;
        let user = token.and_then(|token| self.users.get(token)).map(String::as_str);
        let apart = around.members.is_apart(connection.server);
        let notes = &mut Notes::on(self.node, around);
        let manner = Manner { requires_leader, ..Manner::default() };
        self.calls.begin(number, request, manner, user, notes);
        self.calls.sent_to(number, connection.server, apart, notes);
        // Nobody takes its answer here.
        self.calls.abandon(number);
        connection.calls.insert(call, OpenCall { number, request: request.clone() });
    }

    fn open_call(&mut self, stream: StreamId, call: u64) -> Option<OpenCall> {
        self.connections.get_mut(&stream)?.calls.remove(&call)
    }

    fn answered(&mut self, around: &mut Around<'_>, call: OpenCall, answer: Result<Reply, CallError>) {
        if let (
            Call::Auth(AuthRequest::Authenticate(login)),
            Ok(Reply::Auth(AuthResponse::Authenticate { token, .. })),
        ) = (&call.request, &answer)
        {
            self.users.insert(token.clone(), login.name.clone());
        }
        let hash = HashSeen::of(&answer);
        self.calls.answered(call.number, answer, false, &mut Notes::on(self.node, around));
        if let Some(hash) = hash {
            hash.compare(around);
        }
    }

    fn watch_asked(
        &mut self,
        around: &mut Around<'_>,
        stream: StreamId,
        on_wire: u64,
        request: &WatchRequest,
        token: Option<&Token>,
    ) {
        let user = token.and_then(|token| self.users.get(token)).cloned();
        let Some(connection) = self.connections.get_mut(&stream) else { return };
        let open = connection.streams.entry(on_wire).or_insert_with(|| {
            self.last_stream += 1;
            self.watches.open(self.last_stream, false);
            let number = self.last_stream;
            OpenStream::Watches(OpenWatches { number, ids: WatchIds::default(), count: 0 })
        });
        let OpenStream::Watches(open) = open else { return };
        let notes = &mut Notes::on(self.node, around);
        match request {
            WatchRequest::Create(request) => {
                let watching =
                    Watching { client: self.id, server: Some(connection.server), user, resumes: None };
                open.begin(request, watching, &mut self.watches, notes);
            }
            WatchRequest::Cancel(cancel) => {
                if let Some(watch) = open.ids.of_id(cancel.watch_id) {
                    self.watches.cancel(open.number, watch, notes);
                }
            }
            WatchRequest::Progress => {}
        }
    }

    fn observer_began(
        &mut self,
        around: &mut Around<'_>,
        stream: StreamId,
        on_wire: u64,
        request: &LeaderRequest,
    ) {
        let Some(connection) = self.connections.get_mut(&stream) else { return };
        self.last_stream += 1;
        let server = Some(JudgedMember(connection.server));
        let index = around.recorder.observer(self.id, server, request.name.clone(), around.cx.now_ns);
        self.observers.open(self.last_stream, index);
        connection.streams.insert(on_wire, OpenStream::Observer(self.last_stream));
    }

    fn stream_closed(&mut self, around: &mut Around<'_>, open: &OpenStream) {
        let notes = &mut Notes::on(self.node, around);
        match open {
            OpenStream::Watches(open) => self.watches.close(open.number, notes),
            OpenStream::Observer(number) => self.observers.close(*number, notes),
        }
    }

    /// The client took a response of a watch stream.
    pub fn response_taken(&mut self, around: &mut Around<'_>, stream: StreamId, on_wire: u64) {
        around.network.response_taken(&mut around.cx, stream, on_wire);
    }

    /// A frame came on a connection.
    pub fn received(&mut self, around: &mut Around<'_>, stream: StreamId, frame: ServerFrame) {
        around.cx.marks.received(&frame);
        match &frame {
            ServerFrame::Reply { call, result } => {
                if let Some(call) = self.open_call(stream, *call) {
                    let answer = result.clone().map_err(|error| CallError::of(&call.request, error));
                    self.answered(around, call, answer);
                }
            }
            ServerFrame::Watch { stream: on_wire, response } => {
                self.watched(around, stream, *on_wire, response);
            }
            ServerFrame::Observe { stream: on_wire, response } => {
                let open = self.connections.get(&stream).and_then(|open| open.streams.get(on_wire));
                if let Some(&OpenStream::Observer(number)) = open {
                    let notes = &mut Notes::on(self.node, around);
                    self.observers.arrived(number, response.clone(), notes);
                    // The client has it from the connection.
                    self.observers.next(number, Waker::noop());
                }
            }
        }
        if let Some(connection) = self.connections.get(&stream) {
            connection.inbound.received(frame);
        }
    }

    fn watched(&mut self, around: &mut Around<'_>, stream: StreamId, on_wire: u64, response: &WatchResponse) {
        let open = self.connections.get_mut(&stream).and_then(|open| open.streams.get_mut(&on_wire));
        let Some(OpenStream::Watches(open)) = open else { return };
        let Some(concerns) = open.ids.concerned(response) else { return };
        let notes = &mut Notes::on(self.node, around);
        self.watches.arrived(open.number, (stream, on_wire), &concerns, response.clone(), notes);
        // The client has it from the connection.
        self.watches.take(open.number);
        if response.canceled && matches!(concerns, Concerns::All(_)) {
            self.watches.ended(open.number, false, notes);
        }
    }

    /// A connection broke, or was never made.
    pub fn stream_broke(&mut self, around: &mut Around<'_>, stream: StreamId, refused: bool) {
        let broke = CallError::Unknown(UnknownCause::ConnectionBroke);
        self.lost(around, stream, if refused { CallError::Refused } else { broke });
    }

    /// The client closes a connection.
    pub fn close(&mut self, around: &mut Around<'_>, stream: StreamId) {
        self.lost(around, stream, CallError::Unknown(UnknownCause::Disconnected));
        around.network.close_stream_at_client(&mut around.cx, stream);
    }

    /// The process of the client ends, and every connection with it.
    pub fn crash(&mut self, around: &mut Around<'_>) {
        for stream in self.connections.keys().copied().collect::<Vec<_>>() {
            self.close(around, stream);
        }
    }

    fn lost(&mut self, around: &mut Around<'_>, stream: StreamId, error: CallError) {
        let Some(connection) = self.connections.remove(&stream) else { return };
        for call in connection.calls.into_values() {
            self.answered(around, call, Err(error.clone()));
        }
        for open in connection.streams.values() {
            let notes = &mut Notes::on(self.node, around);
            match open {
                OpenStream::Watches(open) => self.watches.ended(open.number, true, notes),
                OpenStream::Observer(number) => self.observers.broke(*number, notes),
            }
            self.stream_closed(around, open);
        }
        connection.inbound.lost(error == CallError::Refused);
    }
}

impl OpenWatches {
    /// Notes that a watch begins.
    fn begin(
        &mut self,
        request: &WatchCreateRequest,
        watching: Watching,
        watches: &mut WatchQueues,
        notes: &mut Notes<'_>,
    ) {
        let watch = self.count;
        self.count += 1;
        self.ids.requested(watch);
        watches.began(self.number, watch, request, watching, notes);
    }
}
