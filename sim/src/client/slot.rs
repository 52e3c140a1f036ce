//! A client as the world sees it: its connection, its open calls, its watches.

use super::{CallError, ClientConfig};
use crate::network::stream::{Direction, Frame, StreamId};
use crate::recorder::{OperationIndex, WatchIndex, fingerprint};
use crate::state::{Due, State, node_of};
use crate::trace::{Kind, NodeName};
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember, Outcome, WatchEnd};
use revline_store::api::{Request, Response, WatchCreateRequest, WatchRequest, WatchResponse};
use revline_store::error::{Code, Error};
use revline_store::machine::{Call, ClientFrame, MemberId, Reply, ServerFrame};
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// Processes beyond a client's first are numbered from here: a client that calls while a call of its own is
/// open is, to the judge, two processes.
const FIRST_EXTRA_PROCESS: u32 = 1_000_000;

pub(crate) struct ClientSlot {
    config: ClientConfig,
    endpoints: Vec<MemberId>,
    next_endpoint: usize,
    connection: Option<(StreamId, MemberId)>,
    calls: BTreeMap<u64, OpenCall>,
    next_call: u64,
    watches: BTreeMap<u64, OpenWatch>,
    next_watch: u64,
    /// Processes that have no call open.
    idle: Vec<ClientId>,
    extra_processes: u32,
}

struct OpenCall {
    operation: OperationIndex,
    process: ClientId,
    write: bool,
    result: Option<Result<Response, CallError>>,
    waker: Option<Waker>,
}

pub(crate) struct OpenWatch {
    pub index: WatchIndex,
    connection: StreamId,
    pub arrived: VecDeque<WatchResponse>,
    pub ended: bool,
    waker: Option<Waker>,
}

impl ClientSlot {
    pub fn new(id: ClientId, config: ClientConfig, endpoints: Vec<MemberId>, first: usize) -> ClientSlot {
        assert!(!endpoints.is_empty(), "a client has an endpoint");
        ClientSlot {
            config,
            next_endpoint: first % endpoints.len(),
            endpoints,
            connection: None,
            calls: BTreeMap::new(),
            next_call: 0,
            watches: BTreeMap::new(),
            next_watch: 0,
            idle: vec![id],
            extra_processes: 0,
        }
    }

    fn fail_over(&mut self) {
        self.next_endpoint = (self.next_endpoint + 1) % self.endpoints.len();
    }
}

impl State {
    fn client(&mut self, node: NodeName) -> &mut ClientSlot {
        self.clients.get_mut(&node).expect("a client of this world")
    }

    /// The stream of a client, opened if there is none.
    fn connect(&mut self, node: NodeName) -> (StreamId, MemberId) {
        let client = self.client(node);
        if let Some(connection) = client.connection {
            return connection;
        }
        let member = client.endpoints[client.next_endpoint];
        let server = node_of(member);
        let stream = self.network.streams.open(node, server);
        self.client(node).connection = Some((stream, member));
        self.record(Kind::StreamOpen, node, [member, stream, 0]);
        // A handshake: there, and back.
        let there_ns = self.network.link(node, server).frame_due_ns(self.now_ns);
        let established_ns = self.network.link(server, node).frame_due_ns(there_ns);
        let cut = self.network.cuts.is_cut(node, server) || self.network.cuts.is_cut(server, node);
        if !cut && !self.slot(member).running {
            self.network.streams.remove(stream);
            self.agenda.at(established_ns, Due::BrokenAtClient { client: node, stream, refused: true });
        } else if let Some(open) = self.network.streams.get(stream) {
            open.in_order(Direction::ToMember, established_ns);
        }
        (stream, member)
    }

    /// Ends a client's connection: whatever waits on it has no answer.
    pub fn disconnect(&mut self, node: NodeName, why: &'static str) {
        let Some((stream, member)) = self.client(node).connection else { return };
        if self.network.streams.remove(stream).is_some() {
            let due_ns = self.network.link(node, node_of(member)).frame_due_ns(self.now_ns);
            self.agenda.at(due_ns, Due::BrokenAtMember { member, stream });
        }
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
    }

    fn end_watches(&mut self, node: NodeName, stream: StreamId) {
        let now_ns = self.now_ns;
        let mut ended = Vec::new();
        for watch in self.client(node).watches.values_mut() {
            if watch.connection == stream && !watch.ended {
                watch.ended = true;
                ended.push(watch.index);
                if let Some(waker) = watch.waker.take() {
                    waker.wake();
                }
            }
        }
        for index in ended {
            self.recorder.watch_ended(index, WatchEnd::Broken, now_ns);
        }
    }

    /// Begins a call.
    pub fn invoke(&mut self, node: NodeName, request: Request) -> u64 {
        let now_ns = self.now_ns;
        let client = self.client(node);
        client.next_call += 1;
        let call = client.next_call;
        let deadline_ns = now_ns + client.config.deadline_ms * 1_000_000;
        let process = client.idle.pop().unwrap_or_else(|| {
            client.extra_processes += 1;
            ClientId(FIRST_EXTRA_PROCESS + (node.0 << 8) + client.extra_processes)
        });
        let judged = translate::request(&request);
        let request_fingerprint = fingerprint(&judged);
        let operation = self.recorder.invoke(process, judged, now_ns);
        self.record(Kind::Invoke, node, [operation as u64, request_fingerprint, 0]);
        let (stream, member) = self.connect(node);
        self.recorder.sent_to(operation, JudgedMember(member));
        let write = !request.is_read_only();
        let open = OpenCall { operation, process, write, result: None, waker: None };
        self.client(node).calls.insert(call, open);
        let frame = ClientFrame::Call { call, request: Call::Kv(request) };
        self.send_frame(stream, Direction::ToMember, Frame::ToMember(frame));
        self.agenda.at(deadline_ns, Due::Deadline { client: node, call });
        call
    }

    /// The result of a call, once.
    pub fn take_result(&mut self, node: NodeName, call: u64) -> Option<Result<Response, CallError>> {
        let calls = &mut self.client(node).calls;
        calls.get(&call)?.result.as_ref()?;
        calls.remove(&call).and_then(|open| open.result)
    }

    pub fn await_result(&mut self, node: NodeName, call: u64, waker: &Waker) {
        if let Some(open) = self.client(node).calls.get_mut(&call) {
            open.waker = Some(waker.clone());
        }
    }

    fn finish_call(&mut self, node: NodeName, call: u64, result: Result<Response, CallError>) {
        let now_ns = self.now_ns;
        let client = self.client(node);
        let Some(open) = client.calls.get_mut(&call).filter(|open| open.result.is_none()) else { return };
        let outcome = match &result {
            Ok(response) => Outcome::Ok(translate::response(response)),
            Err(CallError::Failed(error)) => Outcome::Failed(translate::error(*error)),
            Err(CallError::Refused) => Outcome::Failed(revline_checker::history::Error {
                code: "Unavailable".to_owned(),
                message: "connection refused: nothing was sent".to_owned(),
            }),
            Err(CallError::Unknown(why)) => Outcome::Unknown((*why).to_owned()),
        };
        open.result = Some(result);
        if let Some(waker) = open.waker.take() {
            waker.wake();
        }
        let (operation, process) = (open.operation, open.process);
        client.idle.push(process);
        let outcome_fingerprint = self.recorder.returned(operation, outcome, now_ns);
        self.record(Kind::Return, node, [operation as u64, outcome_fingerprint, 0]);
    }

    /// A call's deadline passed.
    pub fn call_expired(&mut self, node: NodeName, call: u64) {
        match self.client(node).calls.get(&call) {
            Some(open) if open.result.is_none() => self.disconnect(node, "deadline exceeded"),
            _ => {}
        }
    }

    /// A stream broke, or was never made.
    pub fn stream_broke_at_client(&mut self, node: NodeName, stream: StreamId, refused: bool) {
        if self.client(node).connection.is_some_and(|(connected, _)| connected == stream) {
            let error = if refused { CallError::Refused } else { CallError::Unknown("stream broke") };
            self.connection_lost(node, stream, &error);
        }
    }

    /// A frame from the member a client is connected to.
    pub fn client_received(&mut self, node: NodeName, stream: StreamId, frame: ServerFrame) {
        if self.client(node).connection.is_none_or(|(connected, _)| connected != stream) {
            return;
        }
        match frame {
            ServerFrame::Reply { call, result } => self.reply_received(node, call, result),
            ServerFrame::Watch { stream: watch, response } => self.watch_received(node, watch, response),
        }
    }

    fn reply_received(&mut self, node: NodeName, call: u64, result: Result<Reply, Error>) {
        let write = self.client(node).calls.get(&call).is_some_and(|open| open.write);
        match result {
            Ok(Reply::Kv(response)) => self.finish_call(node, call, Ok(response)),
            Ok(
                Reply::MovedLeader
                | Reply::Status(_)
                | Reply::Lease(_)
                | Reply::Cluster(_)
                | Reply::Maintenance(_),
            ) => {
                debug_assert!(false, "nobody asked for it")
            }
            Err(error) => {
                // Unavailable from a write that may have been proposed leaves its outcome open. `no leader`
                // is said of what was never proposed.
                let open = write && error.code() == Code::Unavailable && error != Error::NoLeader;
                let failure = if open { CallError::Unknown("unavailable") } else { CallError::Failed(error) };
                self.finish_call(node, call, Err(failure));
                if error.code() == Code::Unavailable {
                    self.disconnect(node, "left an endpoint that is unavailable");
                }
            }
        }
    }

    /// Begins a watch; returns its name on this client.
    pub fn watch(&mut self, node: NodeName, request: WatchCreateRequest, resumes: Option<u64>) -> u64 {
        let now_ns = self.now_ns;
        let (stream, member) = self.connect(node);
        let client = ClientId(node.0 - NodeName::FIRST_CLIENT);
        let judged = translate::watch_request(&request);
        let index = self.recorder.watch(client, JudgedMember(member), resumes, judged, now_ns);
        self.counters.watches_resumed += u64::from(resumes.is_some());
        let client = self.client(node);
        client.next_watch += 1;
        let watch = client.next_watch;
        let open =
            OpenWatch { index, connection: stream, arrived: VecDeque::new(), ended: false, waker: None };
        client.watches.insert(watch, open);
        let frame = ClientFrame::Watch { stream: watch, request: WatchRequest::Create(request) };
        self.send_frame(stream, Direction::ToMember, Frame::ToMember(frame));
        watch
    }

    fn watch_received(&mut self, node: NodeName, watch: u64, response: WatchResponse) {
        let now_ns = self.now_ns;
        let Some(index) =
            self.client(node).watches.get(&watch).filter(|open| !open.ended).map(|open| open.index)
        else {
            return;
        };
        let frame = translate::watch_frame(&response, now_ns);
        let revision = response.header.revision;
        let frame_fingerprint = self.recorder.watch_frame(index, frame);
        self.record(Kind::WatchFrame, node, [index as u64, revision as u64, frame_fingerprint]);
        if response.canceled {
            self.counters.watches_compacted += u64::from(response.compact_revision != 0);
            self.recorder.watch_ended(index, WatchEnd::Canceled, now_ns);
        }
        if let Some(open) = self.client(node).watches.get_mut(&watch) {
            open.ended |= response.canceled;
            open.arrived.push_back(response);
            if let Some(waker) = open.waker.take() {
                waker.wake();
            }
        }
    }

    pub fn open_watch(&mut self, node: NodeName, watch: u64) -> Option<&mut OpenWatch> {
        self.client(node).watches.get_mut(&watch)
    }

    /// Sends something more on the stream of a watch.
    pub fn watch_send(&mut self, node: NodeName, watch: u64, request: WatchRequest) {
        if let Some(stream) = self.open_watch(node, watch).map(|open| open.connection) {
            let frame = ClientFrame::Watch { stream: watch, request };
            self.send_frame(stream, Direction::ToMember, Frame::ToMember(frame));
        }
    }

    /// The client is done with a watch.
    pub fn close_watch(&mut self, node: NodeName, watch: u64) {
        let now_ns = self.now_ns;
        let Some(open) = self.client(node).watches.remove(&watch) else { return };
        self.recorder.watch_ended(open.index, WatchEnd::Closed, now_ns);
        if !open.ended {
            let frame = Frame::ToMember(ClientFrame::CloseStream { stream: watch });
            self.send_frame(open.connection, Direction::ToMember, frame);
        }
    }
}

impl OpenWatch {
    pub fn wait(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }
}
