//! The calls of a client that its application waits for, and what the history has of them.

use super::manner::Manner;
use super::notes::Notes;
use crate::details;
use crate::prefix::Prefix;
use crate::recorder::{AdminIndex, OperationIndex};
use crate::trace::{Event, Fingerprint};
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember, Outcome};
use revline_store::client::{CallError, UnknownCause};
use revline_store::error::{Code, Error};
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;
use std::collections::BTreeMap;
use std::task::Waker;

/// The processes of a client beyond its first are numbered from here: a client that calls while a call of its own is
/// open is several processes in the history.
const FIRST_EXTRA_PROCESS: u32 = 1_000_000;

/// The calls of one client.
pub(crate) struct CallRecords {
    calls: BTreeMap<u64, CallRecord>,
    processes: CallingProcesses,
}

struct CallRecord {
    recorded: Recorded,
    /// An endpoint was named to the history.
    sent: bool,
    background: bool,
    /// The gRPC code of an error that answers it.
    error_code: fn(Error) -> Code,
    answer: Option<Result<Reply, CallError>>,
    /// The application is told later.
    held: bool,
    waker: Option<Waker>,
    /// The application no longer waits for it.
    abandoned: bool,
}

/// The place of a call in the history.
#[derive(Clone, Copy)]
enum Recorded {
    /// An operation, and its process.
    Operation(OperationIndex, ClientId),
    /// A call that says nothing of keys.
    Admin(AdminIndex),
}

/// The processes of a client that have no call open.
struct CallingProcesses {
    client: ClientId,
    idle: Vec<ClientId>,
    /// The idle processes beyond the first.
    idle_extra: Vec<ClientId>,
    extra: u32,
    /// The prefix of the client's keys in the cluster.
    prefix: Prefix,
}

impl CallingProcesses {
    /// A process for a call: one that is idle, or a new one.
    fn take(&mut self, background: bool, notes: &mut Notes<'_>) -> ClientId {
        let idle = if background { &mut self.idle_extra } else { &mut self.idle };
        idle.pop().or_else(|| self.idle_extra.pop()).unwrap_or_else(|| {
            self.extra += 1;
            let process = ClientId(FIRST_EXTRA_PROCESS + (self.client.0 << 8) + self.extra);
            self.began(process, notes);
            process
        })
    }

    fn release(&mut self, process: ClientId, background: bool) {
        let extra = background || process.0 >= FIRST_EXTRA_PROCESS;
        (if extra { &mut self.idle_extra } else { &mut self.idle }).push(process);
    }

    /// Notes the keys that a process means.
    fn began(&self, process: ClientId, notes: &mut Notes<'_>) {
        if !self.prefix.is_empty() {
            notes.recorder.namespace(process, self.prefix.0.clone());
        }
    }
}

impl CallRecords {
    /// The records of a client whose keys have `prefix` in the cluster.
    pub fn new(client: ClientId, prefix: Prefix, notes: &mut Notes<'_>) -> CallRecords {
        let (idle, idle_extra) = (vec![client], Vec::new());
        let processes = CallingProcesses { client, idle, idle_extra, extra: 0, prefix };
        processes.began(client, notes);
        CallRecords { calls: BTreeMap::new(), processes }
    }

    /// Takes over the prefix that the endpoints put before the keys, before any call.
    pub fn set_prefix(&mut self, prefix: Prefix, notes: &mut Notes<'_>) {
        self.processes.prefix = prefix;
        self.processes.began(self.processes.client, notes);
    }

    /// The prefix of the client's keys in the cluster.
    pub fn prefix(&self) -> &Prefix {
        &self.processes.prefix
    }

    /// Notes that a call begins.
    pub fn begin(
        &mut self,
        call: u64,
        request: &Call,
        Manner { background, requires_leader, .. }: Manner,
        user: Option<&str>,
        notes: &mut Notes<'_>,
    ) {
        let user = user.map(str::to_owned);
        let recorded = if let Some(asked) = translate::admin::request(request) {
            let asking = Fingerprint::of(request);
            let admin =
                notes.recorder.ask(self.processes.client, user, (asked, requires_leader), notes.now_ns);
            notes.record(Event::Ask { call, request: asking }, || details::asked(request));
            Recorded::Admin(admin)
        } else {
            let process = self.processes.take(background, notes);
            let judged = translate::request(request);
            let asked = Fingerprint::of(&judged);
            let operation = notes.recorder.invoke(process, judged, notes.now_ns);
            notes.recorder.by_user(operation, user);
            let event = Event::Invoke { call, request: asked };
            notes.record(event, || details::asked(request));
            Recorded::Operation(operation, process)
        };
        let record = CallRecord {
            recorded,
            sent: false,
            background,
            error_code: request.error_code(),
            answer: None,
            held: false,
            waker: None,
            abandoned: false,
        };
        self.calls.insert(call, record);
    }

    /// Notes the endpoint that a call was sent to first. `apart`: it belongs to another cluster than that of the history,
    /// and so do its members and alarms.
    pub fn sent_to(&mut self, call: u64, server: MemberId, apart: bool, notes: &mut Notes<'_>) {
        let Some(record) = self.calls.get_mut(&call).filter(|record| !record.sent) else { return };
        record.sent = true;
        match record.recorded {
            Recorded::Operation(operation, _) => notes.recorder.sent_to(operation, JudgedMember(server)),
            Recorded::Admin(admin) if apart => notes.recorder.leave_out(admin),
            Recorded::Admin(admin) => notes.recorder.asked_at(admin, JudgedMember(server)),
        }
    }

    /// Notes the outcome of a call, and tells the application unless that is `held`.
    pub fn answered(
        &mut self,
        call: u64,
        answer: Result<Reply, CallError>,
        held: bool,
        notes: &mut Notes<'_>,
    ) {
        let Some(record) = self.calls.get_mut(&call) else { return };
        let without_space = matches!(
            answer,
            Err(CallError::Failed(Error::NoSpace) | CallError::Unknown(UnknownCause::NoSpace))
        );
        notes.counters.refused_no_space += u64::from(without_space);
        match record.recorded {
            Recorded::Operation(operation, process) => {
                self.processes.release(process, record.background);
                let learned = || outcome(&answer, record.error_code, translate::reply);
                let outcome = Fingerprint(notes.recorder.returned(operation, learned(), notes.now_ns));
                notes.record(Event::Return { call, outcome }, || details::outcome(&learned()));
            }
            Recorded::Admin(admin) => {
                let learned = || outcome(&answer, record.error_code, translate::admin::response);
                notes.recorder.answered(admin, learned(), notes.now_ns);
                let outcome = Fingerprint::of(&answer);
                notes.record(Event::Answer { call, outcome }, || details::admin_outcome(&learned()));
            }
        }
        (record.answer, record.held) = (Some(answer), held);
        if record.abandoned {
            self.calls.remove(&call);
        } else if !held {
            record.wake();
        }
    }

    /// Tells the application of an answer that was held.
    pub fn released(&mut self, call: u64) {
        if let Some(record) = self.calls.get_mut(&call) {
            record.held = false;
            record.wake();
        }
    }

    /// Takes the answer of a call; without one, `waker` is woken once there is.
    pub fn take(&mut self, call: u64, waker: &Waker) -> Option<Result<Reply, CallError>> {
        let record = self.calls.get_mut(&call)?;
        if record.answer.is_none() || record.held {
            record.waker = Some(waker.clone());
            return None;
        }
        self.calls.remove(&call)?.answer
    }

    /// The application no longer waits for a call. An answer that comes is recorded all the same.
    pub fn abandon(&mut self, call: u64) {
        match self.calls.get_mut(&call) {
            Some(record) if record.answer.is_none() => record.abandoned = true,
            _ => drop(self.calls.remove(&call)),
        }
    }

    /// True if a call is open, or its answer not taken.
    pub fn has(&self, call: u64) -> bool {
        self.calls.contains_key(&call)
    }
}

impl CallRecord {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// An answer as the history has it.
fn outcome<R>(
    answer: &Result<Reply, CallError>,
    error_code: fn(Error) -> Code,
    response: fn(&Reply) -> R,
) -> Outcome<R> {
    match answer {
        Ok(reply) => Outcome::Ok(response(reply)),
        Err(CallError::Failed(error)) => Outcome::Failed(translate::error(*error, error_code(*error))),
        Err(CallError::Refused) => Outcome::Failed(revline_checker::history::Error {
            code: "Unavailable".to_owned(),
            message: "connection refused: nothing was sent".to_owned(),
        }),
        Err(CallError::Unknown(cause)) => Outcome::Unknown(cause.to_string()),
    }
}
