//! Requests with one reply. Each is sent once.

use super::ambiguity::Ambiguity;
use super::credentials::Credentials;
use super::cx::Cx;
use super::{CallError, CallNumber, CallOptions, ClientOutput, UnknownCause};
use crate::api::{AuthRequest, AuthenticateRequest, ElectionRequest, LeaseKeepAliveResponse, LockRequest};
use crate::defect::{Defects, altered};
use crate::error::{Code, Error};
use crate::frame::{Call, ClientFrame, Reply};
use crate::machine::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The calls of a session.
#[derive(Debug, Default)]
pub(super) struct Calls {
    last: CallNumber,
    open: BTreeMap<CallNumber, OpenCall>,
    deadlines: BTreeSet<(Time, CallNumber)>,
    /// Calls whose answers are held until another one, a login, is answered.
    held: BTreeMap<CallNumber, CallNumber>,
    /// Logins that were answered, and their outcomes: for the credentials.
    logins: Vec<Login>,
    /// Writes to send once more: only with that defect on.
    repeats: Vec<(CallNumber, Call)>,
    /// The last answers to keepalives, by lease: only with that defect on.
    kept_alive: BTreeMap<i64, LeaseKeepAliveResponse>,
}

/// A login that was answered.
#[derive(Debug)]
struct Login {
    request: AuthenticateRequest,
    answer: Result<Reply, CallError>,
}

#[derive(Debug)]
struct OpenCall {
    deadline: Time,
    ambiguity: Ambiguity,
    /// It is answered when its turn comes. Giving it up cancels it, and keeps the connection.
    queues: bool,
    /// The application no longer waits for it.
    abandoned: bool,
    login: Option<AuthenticateRequest>,
    /// The request to send again should its outcome be unknown: only with that defect on.
    repeat: Option<Call>,
}

/// The state of an endpoint after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// It serves.
    Serves,
    /// It does not: another one may.
    Unavailable,
}

impl Calls {
    /// Reserves the number of the next call.
    pub fn reserve(&mut self) -> CallNumber {
        self.last += 1;
        self.last
    }

    /// Sends a request.
    pub fn begin(&mut self, call: CallNumber, request: Call, options: CallOptions, cx: &mut Cx<'_>) {
        let connection = cx.connect();
        let patience = options.deadline.unwrap_or(Duration::from_millis(cx.config.deadline_ms));
        let open = OpenCall {
            deadline: cx.now + patience,
            ambiguity: Ambiguity::of(&request),
            queues: matches!(
                &request,
                Call::Lock(LockRequest::Lock(_)) | Call::Election(ElectionRequest::Campaign(_))
            ),
            abandoned: false,
            login: Credentials::login(&request),
            repeat: repeated(&request, cx.config.defects),
        };
        let deadline = open.deadline;
        self.open.insert(call, open);
        cx.send(
            connection,
            ClientFrame::Call {
                call,
                request,
                token: cx.credentials.token(),
                requires_leader: options.requires_leader,
            },
        );
        self.deadlines.insert((deadline, call));
    }

    /// The next deadline.
    pub fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The application no longer waits for a call.
    pub fn abandon(&mut self, call: CallNumber, cx: &mut Cx<'_>) {
        self.held.retain(|_, held| *held != call);
        let Some(open) = self.open.get_mut(&call) else { return };
        open.abandoned = true;
        if open.queues {
            self.cancel(call, cx);
        }
    }

    /// Gives up a call that waits for its turn.
    fn cancel(&mut self, call: CallNumber, cx: &mut Cx<'_>) {
        let connection = cx.connect();
        cx.send(connection, ClientFrame::CancelCall { call });
        self.finish(call, Err(CallError::Unknown(UnknownCause::GivenUp)), cx);
    }

    /// Takes a reply, and says whether its endpoint is still good.
    pub fn answered(&mut self, call: CallNumber, result: Result<Reply, Error>, cx: &mut Cx<'_>) -> Endpoint {
        let Some(open) = self.open.get(&call) else { return Endpoint::Serves };
        let error = match result {
            Ok(reply) => {
                let reply = altered!(
                    cx.config.defects,
                    keepalive_outlives_revoke::from_queue(&mut self.kept_alive, reply),
                    reply
                );
                self.finish(call, Ok(reply), cx);
                return Endpoint::Serves;
            }
            Err(error) => error,
        };
        let answer = CallError::after(open.ambiguity, error);
        self.finish(call, Err(answer), cx);
        if error.code() == Code::Unavailable || error == Error::NotSupportedForLearner {
            Endpoint::Unavailable
        } else {
            Endpoint::Serves
        }
    }

    /// Ends every call, because the connection is gone.
    pub fn connection_lost(&mut self, error: &CallError, cx: &mut Cx<'_>) {
        for call in self.open.keys().copied().collect::<Vec<_>>() {
            self.finish(call, Err(error.clone()), cx);
        }
    }

    /// Ends calls whose deadline passed; true if one of them is owed an answer, so that the connection is no good.
    pub fn expire(&mut self, cx: &mut Cx<'_>) -> bool {
        while let Some(&(deadline, call)) = self.deadlines.first()
            && deadline <= cx.now
        {
            self.deadlines.pop_first();
            match self.open.get(&call) {
                Some(open) if open.queues => self.cancel(call, cx),
                Some(_) => return true,
                None => {}
            }
        }
        false
    }

    /// Notes the outcome of a call.
    fn finish(&mut self, call: CallNumber, answer: Result<Reply, CallError>, cx: &mut Cx<'_>) {
        if matches!(answer, Err(CallError::Unknown(_)))
            && let Some(open) = self.open.get_mut(&call)
            && let Some(request) = open.repeat.take()
        {
            self.deadlines.remove(&(open.deadline, call));
            return self.repeats.push((call, request));
        }
        let Some(open) = self.open.remove(&call) else { return };
        self.deadlines.remove(&(open.deadline, call));
        if let Some(request) = open.login {
            self.logins.push(Login { request, answer: answer.clone() });
            cx.out.push(ClientOutput::Answered { call, answer, held: false });
            if let Some(released) = self.held.remove(&call) {
                cx.out.push(ClientOutput::Released { call: released });
            }
            return;
        }
        let renewal = cx.credentials.renewal(&answer).filter(|_| !open.abandoned);
        cx.out.push(ClientOutput::Answered { call, answer, held: renewal.is_some() });
        if let Some(login) = renewal {
            self.renew(call, login, cx);
        }
    }

    /// Logs in again, and holds the answer of the call that failed until then.
    fn renew(&mut self, held: CallNumber, login: AuthenticateRequest, cx: &mut Cx<'_>) {
        let call = self.reserve();
        self.held.insert(call, held);
        let request = Call::Auth(AuthRequest::Authenticate(login));
        cx.out.push(ClientOutput::Called { call, request: request.clone() });
        self.begin(call, request, CallOptions::default(), cx);
    }

    /// Tells the credentials of the logins that were answered.
    pub fn log_in(&mut self, credentials: &mut Credentials) {
        for Login { request, answer } in self.logins.drain(..) {
            credentials.logged_in(request, &answer);
        }
    }

    /// Sends writes once more: only with that defect on.
    pub fn repeat(&mut self, cx: &mut Cx<'_>) {
        for (call, request) in std::mem::take(&mut self.repeats) {
            let connection = cx.connect();
            cx.send(
                connection,
                ClientFrame::Call { call, request, token: cx.credentials.token(), requires_leader: false },
            );
            let deadline = cx.now + Duration::from_millis(cx.config.deadline_ms);
            if let Some(open) = self.open.get_mut(&call) {
                open.deadline = deadline;
            }
            self.deadlines.insert((deadline, call));
        }
    }
}

/// The request to send again should the outcome of a write be unknown: none, unless that defect is on.
fn repeated(request: &Call, defects: Defects) -> Option<Call> {
    let write = matches!(request, Call::Kv(request) if !request.is_read_only());
    (write && altered!(defects, retry_unknown_write)).then(|| request.clone())
}
