//! Requests with one reply.
//!
//! A read is asked again elsewhere when an endpoint is lost. A request that may change something is sent once: if
//! its answer is lost, the client is told that the outcome is unknown (an error that is `Unavailable`).

use super::ProxyOutput;
use super::broadcast::BroadcastId;
use super::machine::{Proxy, send_down};
use crate::api::{RangeRequest, Request, RequestOp, Response, ResponseHeader, Token};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::frame::{Call, ClientFrame, Reply, ServerFrame, SessionId};
use crate::machine::Time;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The time a read waits for the kept answer to be known as current, in milliseconds.
const CONFIRM_MS: u64 = 200;

/// Calls that are open, by their names upstream.
#[derive(Debug, Default)]
pub(super) struct Calls {
    last: u64,
    open: BTreeMap<u64, Open>,
    by_client: BTreeMap<(SessionId, u64), u64>,
    /// Calls that wait for an endpoint.
    unsent: VecDeque<u64>,
    /// The newest revision that an answer showed: no serializable answer may be older, whichever member gives it.
    floor: i64,
    /// Reads that wait until the kept answer is known to be current at a revision, and since when they do.
    confirming: BTreeMap<u64, Confirming>,
    /// True if an answer came that is at least as new as any that an earlier life of this proxy showed.
    caught_up: bool,
}

#[derive(Clone, Copy, Debug)]
struct Confirming {
    /// The current revision, as a member said after the read came in.
    revision: i64,
    by: BroadcastId,
    since: Time,
}

#[derive(Debug)]
enum Open {
    /// For a client.
    Client(Asked),
    /// Asks if the endpoint is there, and for its leader.
    Ping,
}

#[derive(Debug)]
struct Asked {
    session: SessionId,
    call: u64,
    token: Option<Token>,
    /// The request to send again.
    request: Call,
    /// It may be sent again, even if it may have arrived.
    repeatable: bool,
    /// It was asked as serializable, and is not asked as linearizable instead.
    serializable: bool,
    /// Only the current revision was asked for: the answer may be kept here.
    confirms: bool,
    tries: usize,
}

impl Proxy {
    pub(super) fn call(
        &mut self,
        session: SessionId,
        call: u64,
        mut request: Call,
        token: Option<Token>,
        out: &mut Vec<ProxyOutput>,
    ) {
        let mut serializable = matches!(&request, Call::Kv(kv) if kv.is_read_only() && kv.is_serializable());
        if serializable && !self.calls.caught_up && make_linearizable(&mut request) {
            serializable = false;
        }
        if matches!(request, Call::Auth(_)) {
            self.drop_cache();
        }
        let kept = if token.is_none() { self.kept_range(&request) } else { None };
        if let Some(range) = kept.filter(|_| serializable)
            && let Some(response) = self.cached(range, self.calls.floor)
        {
            self.note_cached(false, out);
            self.calls.floor = self.calls.floor.max(response.header.revision);
            let result = Ok(Reply::Kv(Response::Range(response)));
            return send_down(session, ServerFrame::Reply { call, result }, out);
        }
        let confirms = kept.is_some() && !serializable;
        let repeatable = request.is_read_only();
        let asked = Asked { session, call, token, request, repeatable, serializable, confirms, tries: 0 };
        let id = self.calls.open(Open::Client(asked));
        self.calls.by_client.insert((session, call), id);
        self.calls.unsent.push_back(id);
        self.send_unsent_calls(out);
        if self.links.is_down() {
            self.refuse_unsent_calls(out);
        }
    }

    pub(super) fn send_unsent_calls(&mut self, out: &mut Vec<ProxyOutput>) {
        if self.links.is_down() {
            return;
        }
        while let Some(id) = self.calls.unsent.pop_front() {
            let Some(Open::Client(asked)) = self.calls.open.get_mut(&id) else { continue };
            asked.tries += 1;
            let request =
                if asked.confirms { current_revision(&asked.request) } else { asked.request.clone() };
            let token = asked.token.clone();
            let frame = ClientFrame::Call { call: id, request, token };
            self.send_up(frame, out);
        }
    }

    /// Refuses unsent calls, for want of an endpoint: a request that was not sent did not happen.
    pub(super) fn refuse_unsent_calls(&mut self, out: &mut Vec<ProxyOutput>) {
        while let Some(id) = self.calls.unsent.pop_front() {
            self.answer_call(id, Err(Error::NoLeader), out);
        }
    }

    /// Asks the endpoint where it stands.
    pub(super) fn ping(&mut self, out: &mut Vec<ProxyOutput>) {
        let call = self.calls.open(Open::Ping);
        self.send_up(ClientFrame::Call { call, request: Call::Status, token: None }, out);
    }

    /// Ends the calls on a lost endpoint. Gives the number of calls whose outcome is unknown.
    pub(super) fn calls_lost(&mut self, refused: bool, out: &mut Vec<ProxyOutput>) -> usize {
        let most = self.config.endpoints + 1;
        self.calls.unsent.clear();
        self.calls.confirming.clear();
        let mut unknown = Vec::new();
        let mut given_up = Vec::new();
        let Calls { open, unsent, .. } = &mut self.calls;
        open.retain(|&id, open| {
            let Open::Client(asked) = open else { return false };
            asked.confirms = false;
            match (refused || asked.repeatable, asked.tries < most) {
                (true, true) => unsent.push_back(id),
                (true, false) => given_up.push(id),
                (false, _) => unknown.push(id),
            }
            true
        });
        for id in given_up {
            self.answer_call(id, Err(Error::NoLeader), out);
        }
        let count = unknown.len();
        for id in unknown {
            self.answer_call(id, Err(Error::Stopped), out);
        }
        count
    }

    pub(super) fn call_answered(
        &mut self,
        id: u64,
        result: Result<Reply, Error>,
        out: &mut Vec<ProxyOutput>,
    ) {
        let header = result.as_ref().ok().and_then(Reply::header).copied();
        if let Some(header) = &header {
            self.links.note_header(header);
        }
        match self.calls.open.get_mut(&id) {
            None => {}
            Some(Open::Ping) => {
                self.calls.open.remove(&id);
                let known = matches!(&result, Ok(Reply::Status(status)) if status.leader != 0);
                self.links.note_leader(known, self.now);
            }
            Some(Open::Client(asked)) if asked.confirms => self.revision_confirmed(id, header, out),
            Some(Open::Client(asked)) => {
                let Some(header) = header else { return self.answer_call(id, result, out) };
                if asked.serializable && header.revision < self.calls.floor {
                    return self.ask_anew(id, out);
                }
                let binding = matches!(&result, Ok(Reply::Kv(_))) && !asked.serializable;
                if let Ok(reply) = &result
                    && asked.token.is_none()
                    && self.config.cache
                {
                    let request = asked.request.clone();
                    self.keep(&request, reply);
                }
                self.calls.caught_up |= binding;
                self.calls.floor = self.calls.floor.max(header.revision);
                self.answer_call(id, result, out);
            }
        }
    }

    /// Asks for a linearizable answer in place of a serializable one that is older than a revision shown before.
    fn ask_anew(&mut self, id: u64, out: &mut Vec<ProxyOutput>) {
        let Some(Open::Client(asked)) = self.calls.open.get_mut(&id) else { return };
        if make_linearizable(&mut asked.request) {
            asked.serializable = false;
            self.calls.unsent.push_back(id);
            self.send_unsent_calls(out);
        } else {
            self.answer_call(id, Err(Error::Timeout), out);
        }
    }

    /// The range of a read that may be answered from the cache.
    fn kept_range<'a>(&self, request: &'a Call) -> Option<&'a RangeRequest> {
        match request {
            Call::Kv(Request::Range(range)) if self.config.cache && self.is_cached(range) => Some(range),
            _ => None,
        }
    }

    /// A member said which revision is the current one, after a read came in. Without a header it did not.
    fn revision_confirmed(&mut self, id: u64, header: Option<ResponseHeader>, out: &mut Vec<ProxyOutput>) {
        let Some(Open::Client(asked)) = self.calls.open.get_mut(&id) else { return };
        asked.confirms = false;
        let Call::Kv(Request::Range(range)) = asked.request.clone() else { return };
        match (header, self.watcher_of(&range)) {
            (Some(header), Some(by)) => {
                self.calls.caught_up = true;
                let confirming = Confirming { revision: header.revision, by, since: self.now };
                self.calls.confirming.insert(id, confirming);
                if !self.answer_confirmed(id, out) {
                    self.ask_position(by, out);
                }
            }
            _ => self.ask_in_full(id, out),
        }
    }

    /// Answers a read from the cache, if the kept answer is known to be current. True if it needs nothing more.
    fn answer_confirmed(&mut self, id: u64, out: &mut Vec<ProxyOutput>) -> bool {
        let (Some(confirming), Some(Open::Client(asked))) =
            (self.calls.confirming.get(&id).copied(), self.calls.open.get(&id))
        else {
            return true;
        };
        let Call::Kv(Request::Range(range)) = asked.request.clone() else { return true };
        if self.watcher_of(&range) != Some(confirming.by) {
            self.ask_in_full(id, out);
        } else if let Some(response) = self.cached(&range, confirming.revision) {
            self.note_cached(true, out);
            self.calls.floor = self.calls.floor.max(response.header.revision);
            self.answer_call(id, Ok(Reply::Kv(Response::Range(response))), out);
        } else {
            return false;
        }
        true
    }

    fn ask_in_full(&mut self, id: u64, out: &mut Vec<ProxyOutput>) {
        self.calls.confirming.remove(&id);
        self.calls.unsent.push_back(id);
        self.send_unsent_calls(out);
    }

    /// Rechecks reads after a broadcast moved on: the kept answer may be known to be current now, or to have changed.
    pub(super) fn confirm_reads(&mut self, by: BroadcastId, out: &mut Vec<ProxyOutput>) {
        let waiting = self.calls.confirming.iter().filter(|(_, confirming)| confirming.by == by);
        for id in waiting.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.answer_confirmed(id, out);
        }
    }

    /// Asks in full for reads that waited too long to be confirmed.
    pub(super) fn tend_confirmations(&mut self, out: &mut Vec<ProxyOutput>) {
        let patience = Duration::from_millis(CONFIRM_MS);
        let late = self.calls.confirming.iter().filter(|(_, waits)| self.now - waits.since >= patience);
        for id in late.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.ask_in_full(id, out);
        }
    }

    fn answer_call(&mut self, id: u64, result: Result<Reply, Error>, out: &mut Vec<ProxyOutput>) {
        let Some(Open::Client(asked)) = self.calls.open.remove(&id) else { return };
        self.calls.by_client.remove(&(asked.session, asked.call));
        self.calls.confirming.remove(&id);
        if matches!(result, Err(Error::PermissionDenied | Error::InvalidAuthToken | Error::UserEmpty)) {
            self.drop_cache();
        }
        send_down(asked.session, ServerFrame::Reply { call: asked.call, result }, out);
    }

    pub(super) fn cancel_call(&mut self, session: SessionId, call: u64, out: &mut Vec<ProxyOutput>) {
        if let Some(id) = self.calls.by_client.remove(&(session, call)) {
            self.calls.open.remove(&id);
            self.calls.confirming.remove(&id);
            self.send_up(ClientFrame::CancelCall { call: id }, out);
        }
    }

    pub(super) fn cancel_calls_of(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        let calls = self.calls.by_client.range((session, 0)..=(session, u64::MAX));
        for call in calls.map(|((_, call), _)| *call).collect::<Vec<_>>() {
            self.cancel_call(session, call, out);
        }
    }
}

impl Calls {
    fn open(&mut self, open: Open) -> u64 {
        self.last += 1;
        self.open.insert(self.last, open);
        self.last
    }
}

/// A linearizable read of as little as possible, for the current revision.
fn current_revision(call: &Call) -> Call {
    let key = match call {
        Call::Kv(Request::Range(range)) => range.key.clone(),
        _ => Bytes::from(b"\0"),
    };
    Call::Kv(Request::Range(RangeRequest { key, count_only: true, ..RangeRequest::default() }))
}

/// Makes a read one that is as new as it can be. False if it has no say in that: a txn without operations.
fn make_linearizable(call: &mut Call) -> bool {
    match call {
        Call::Kv(Request::Range(range)) => range.serializable = false,
        Call::Kv(Request::Txn(txn)) => {
            let ops = txn.success.iter_mut().chain(&mut txn.failure);
            let mut any = false;
            for op in ops {
                if let RequestOp::Range(range) = op {
                    range.serializable = false;
                    any = true;
                }
            }
            return any;
        }
        _ => return false,
    }
    true
}
