//! The calls a client has open, as the world sees them.

use super::CallError;
use crate::due::Due;
use crate::node::member_events;
use crate::recorder::OperationIndex;
use crate::state::State;
use crate::trace::{Event, Fingerprint, NodeName};
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember, Outcome};
use revline_store::api::{
    ElectionRequest, LeaseRequest, LockRequest, MaintenanceResponse, Request, RequestOp,
};
use revline_store::defect::Defect;
use revline_store::error::{Code, Error};
use revline_store::machine::{Call, ClientFrame, Reply};
use std::task::Waker;

/// Processes beyond a client's first are numbered from here: a client that calls while a call of its own is
/// open is, to the judge, two processes.
const FIRST_EXTRA_PROCESS: u32 = 1_000_000;

/// Why it is not known what came of a call: who is told that there is no space is not told whether the request was
/// refused for that, or was the last one that was applied.
pub const NO_SPACE: &str = "no space";

/// How a call is made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// How long it may take, in milliseconds; as the client is configured if not said.
    pub deadline_ms: Option<u64>,
    /// The client makes it besides what its caller does: to the judge, another process.
    pub background: bool,
}

pub(crate) struct OpenCall {
    /// Its place in the history, and as whose; `None` if it is no operation on keys.
    recorded: Option<(OperationIndex, ClientId)>,
    background: bool,
    /// What an answer that it could not be done says of whether it was.
    doubt: Doubt,
    /// The code that an error travels with.
    error_code: fn(Error) -> Code,
    pub result: Option<Result<Reply, CallError>>,
    waker: Option<Waker>,
    /// It waits for its turn: who gives up says so, and keeps the connection.
    waits: bool,
    /// Nobody waits for it any more.
    abandoned: bool,
    /// A write that is sent once more if its outcome is not known: only with that defect on.
    repeat: Option<Call>,
}

/// What `Unavailable`, or for lack of space `ResourceExhausted`, leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// Nothing: it changes nothing.
    Never,
    /// It may have been proposed, unless there was no leader to propose it to.
    Proposed,
    /// That too; and it may have been applied although there was no space for it any more.
    Stored,
    /// It may have reached a leader, whatever the member that was asked knows of it.
    Forwarded,
}

impl Doubt {
    fn of(call: &Call) -> Doubt {
        match call {
            Call::Kv(request) if request.is_read_only() => Doubt::Never,
            Call::Kv(request) if may_put(request) => Doubt::Stored,
            Call::Kv(_) => Doubt::Proposed,
            Call::Lease(LeaseRequest::Grant(_)) => Doubt::Stored,
            Call::Lease(LeaseRequest::Revoke(_)) => Doubt::Proposed,
            Call::Lease(LeaseRequest::KeepAlive(_)) => Doubt::Forwarded,
            Call::Lease(LeaseRequest::TimeToLive(_) | LeaseRequest::Leases(_)) => Doubt::Never,
            Call::Election(ElectionRequest::Leader(_)) => Doubt::Never,
            Call::Lock(LockRequest::Lock(_)) => Doubt::Stored,
            Call::Election(ElectionRequest::Campaign(_) | ElectionRequest::Proclaim(_)) => Doubt::Stored,
            Call::Lock(_) | Call::Election(_) => Doubt::Proposed,
            Call::MoveLeader { .. } | Call::Cluster(_) | Call::Maintenance(_) | Call::Auth(_) => {
                Doubt::Proposed
            }
            Call::Status => Doubt::Never,
        }
    }

    fn leaves_open(self, error: Error) -> bool {
        match self {
            Doubt::Never => false,
            Doubt::Stored if error == Error::NoSpace => true,
            Doubt::Proposed | Doubt::Stored => error.code() == Code::Unavailable && error != Error::NoLeader,
            Doubt::Forwarded => error.code() == Code::Unavailable,
        }
    }
}

/// What a client learned, in the judge's words.
fn outcome(learned: &Result<Reply, CallError>, error_code: fn(Error) -> Code) -> Outcome {
    match learned {
        Ok(reply) => Outcome::Ok(translate::reply(reply)),
        Err(CallError::Failed(error)) => Outcome::Failed(translate::error(*error, error_code(*error))),
        Err(CallError::Refused) => Outcome::Failed(revline_checker::history::Error {
            code: "Unavailable".to_owned(),
            message: "connection refused: nothing was sent".to_owned(),
        }),
        Err(CallError::Unknown(why)) => Outcome::Unknown((*why).to_owned()),
    }
}

fn may_put(request: &Request) -> bool {
    match request {
        Request::Put(_) => true,
        Request::Txn(txn) => txn.success.iter().chain(&txn.failure).any(|op| match op {
            RequestOp::Put(_) => true,
            RequestOp::Txn(nested) => may_put(&Request::Txn(nested.clone())),
            RequestOp::Range(_) | RequestOp::DeleteRange(_) | RequestOp::Empty => false,
        }),
        Request::Range(_) | Request::DeleteRange(_) | Request::Compaction(_) => false,
    }
}

fn is_write(call: &Call) -> bool {
    matches!(call, Call::Kv(request) if !request.is_read_only())
}

impl State {
    /// Begins a call.
    pub fn invoke(&mut self, node: NodeName, request: Call, manner: Manner) -> u64 {
        let now_ns = self.now_ns;
        let client = self.client(node);
        client.next_call += 1;
        let call = client.next_call;
        let deadline_ms = manner.deadline_ms.unwrap_or(client.config.deadline_ms);
        let recorded = self.begin(node, call, &request, manner);
        let repeats = self.defects.has(Defect::RetryUnknownWrite) && is_write(&request);
        let (stream, member) = self.connect(node);
        if let Some((operation, _)) = recorded {
            self.recorder.sent_to(operation, JudgedMember(member));
        }
        let open = OpenCall {
            recorded,
            background: manner.background,
            doubt: Doubt::of(&request),
            error_code: request.error_code(),
            result: None,
            waker: None,
            waits: matches!(
                &request,
                Call::Lock(LockRequest::Lock(_)) | Call::Election(ElectionRequest::Campaign(_))
            ),
            abandoned: false,
            repeat: repeats.then(|| request.clone()),
        };
        let client = self.client(node);
        client.calls.insert(call, open);
        let (token, user) = (client.token(), client.user());
        if let Some((operation, _)) = recorded {
            self.recorder.by_user(operation, user);
        }
        let frame = ClientFrame::Call { call, request, token };
        self.send_to_server(node, stream, frame);
        self.agenda.at(now_ns + deadline_ms * 1_000_000, Due::Deadline { client: node, call });
        call
    }

    /// Notes that a call begins.
    fn begin(
        &mut self,
        node: NodeName,
        call: u64,
        request: &Call,
        manner: Manner,
    ) -> Option<(OperationIndex, ClientId)> {
        if !translate::is_operation(request) {
            let request = Fingerprint::of(&format!("{request:?}"));
            self.record(node, Event::Ask { call, request });
            return None;
        }
        let now_ns = self.now_ns;
        let client = self.client(node);
        let idle = if manner.background { &mut client.idle_extra } else { &mut client.idle };
        let process = match idle.pop().or_else(|| client.idle_extra.pop()) {
            Some(process) => process,
            None => {
                client.extra_processes += 1;
                let process = ClientId(FIRST_EXTRA_PROCESS + (client.id.0 << 8) + client.extra_processes);
                self.process_began(node, process);
                process
            }
        };
        let judged = translate::request(request);
        let request = Fingerprint::of(&judged);
        let operation = self.recorder.invoke(process, judged, now_ns);
        self.record(node, Event::Invoke { call, request });
        Some((operation, process))
    }

    /// The result of a call, once.
    pub fn take_result(&mut self, node: NodeName, call: u64) -> Option<Result<Reply, CallError>> {
        let calls = &mut self.client(node).calls;
        calls.get(&call)?.result.as_ref()?;
        calls.remove(&call).and_then(|open| open.result)
    }

    pub fn await_result(&mut self, node: NodeName, call: u64, waker: &Waker) {
        if let Some(open) = self.client(node).calls.get_mut(&call) {
            open.waker = Some(waker.clone());
        }
    }

    pub(super) fn finish_call(&mut self, node: NodeName, call: u64, result: Result<Reply, CallError>) {
        let now_ns = self.now_ns;
        let client = self.client(node);
        let Some(open) = client.calls.get_mut(&call).filter(|open| open.result.is_none()) else { return };
        if matches!(result, Err(CallError::Unknown(_)))
            && let Some(request) = open.repeat.take()
        {
            self.agenda.at(now_ns, Due::Repeat { client: node, call, request: Box::new(request) });
            return;
        }
        let noted = open.recorded.map(|recorded| (recorded, outcome(&result, open.error_code)));
        let answer = noted.is_none().then(|| result.clone());
        open.result = Some(result);
        if let Some(waker) = open.waker.take() {
            waker.wake();
        }
        let (background, abandoned) = (open.background, open.abandoned);
        if abandoned {
            client.calls.remove(&call);
        }
        if let Some(answer) = answer {
            self.answered(node, call, &answer);
        }
        let Some(((operation, process), outcome)) = noted else { return };
        let client = self.client(node);
        let extra = background || process.0 >= FIRST_EXTRA_PROCESS;
        (if extra { &mut client.idle_extra } else { &mut client.idle }).push(process);
        let outcome = Fingerprint(self.recorder.returned(operation, outcome, now_ns));
        self.record(node, Event::Return { call, outcome });
    }

    /// Notes what came of a call that is no operation on keys.
    fn answered(&mut self, node: NodeName, call: u64, learned: &Result<Reply, CallError>) {
        let outcome = Fingerprint::of(&format!("{learned:?}"));
        self.record(node, Event::Answer { call, outcome });
        if let Ok(Reply::Maintenance(MaintenanceResponse::HashKv {
            header,
            hash,
            compact_revision,
            hash_revision,
        })) = learned
        {
            let revisions = (*hash_revision, *compact_revision);
            member_events::hashed(&mut self.split().1, header.member_id, revisions, *hash);
        }
    }

    /// Sends a call once more, whatever came of it before.
    pub fn repeat_call(&mut self, node: NodeName, call: u64, request: Call) {
        if !self.clients.contains_key(&node) {
            return;
        }
        let deadline_ns = self.now_ns + self.client(node).config.deadline_ms * 1_000_000;
        let (stream, _) = self.connect(node);
        let token = self.client(node).token();
        let frame = ClientFrame::Call { call, request, token };
        self.send_to_server(node, stream, frame);
        self.agenda.at(deadline_ns, Due::Deadline { client: node, call });
    }

    /// A call's deadline passed.
    pub fn call_expired(&mut self, node: NodeName, call: u64) {
        match self.client(node).calls.get(&call) {
            Some(open) if open.result.is_none() && open.waits => self.cancel_call(node, call),
            Some(open) if open.result.is_none() => self.disconnect(node, "deadline exceeded"),
            _ => {}
        }
    }

    /// Gives up a call that waits for its turn.
    fn cancel_call(&mut self, node: NodeName, call: u64) {
        let (stream, _) = self.connect(node);
        self.send_to_server(node, stream, ClientFrame::CancelCall { call });
        self.finish_call(node, call, Err(CallError::Unknown("given up")));
    }

    /// Nobody waits for a call any more. What comes of it is still recorded.
    pub fn abandon_call(&mut self, node: NodeName, call: u64) {
        let Some(client) = self.clients.get_mut(&node) else { return };
        match client.calls.get_mut(&call) {
            Some(open) if open.result.is_none() => {
                open.abandoned = true;
                if open.waits {
                    self.cancel_call(node, call);
                }
            }
            Some(_) => {
                client.calls.remove(&call);
            }
            None => {}
        }
    }

    pub(super) fn reply_received(&mut self, node: NodeName, call: u64, result: Result<Reply, Error>) {
        let Some(doubt) = self.client(node).calls.get(&call).map(|open| open.doubt) else { return };
        match result {
            Ok(reply) => self.finish_call(node, call, Ok(reply)),
            Err(error) => {
                self.counters.refused_no_space += u64::from(error == Error::NoSpace);
                let failure = if doubt.leaves_open(error) {
                    CallError::Unknown(if error == Error::NoSpace { NO_SPACE } else { "unavailable" })
                } else {
                    CallError::Failed(error)
                };
                self.finish_call(node, call, Err(failure));
                if error.code() == Code::Unavailable || error == Error::NotSupportedForLearner {
                    self.disconnect(node, "left an endpoint that is unavailable");
                }
            }
        }
    }
}
