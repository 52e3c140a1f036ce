//! Requests with one reply.
//!
//! A read is asked again elsewhere when an endpoint is lost. A request that may change something is sent once: if
//! its answer is lost, the client is told that the outcome is unknown (an error that is `Unavailable`).

use super::ProxyEvent;
use super::broadcasts::{BroadcastId, Broadcasts};
use super::cx::Cx;
use crate::api::{RangeRequest, Request, RequestOp, Response, ResponseHeader, Token};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::frame::{Call, ClientFrame, Reply, ServerFrame, SessionId};
use crate::machine::Time;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The time a read waits for the kept answer to be known as current, in milliseconds.
const CONFIRM_MS: u64 = 200;

/// The open calls of the clients, by their numbers upstream.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: BTreeMap<u64, Asked>,
    by_client: BTreeMap<(SessionId, u64), u64>,
    /// Calls that wait for an endpoint.
    unsent: VecDeque<u64>,
    /// Reads that wait until the kept answer is known to be current at a revision.
    confirming: BTreeMap<u64, Confirming>,
    /// The newest revision that an answer showed: no serializable answer may be older, whichever member gives it.
    floor: i64,
    /// True if an answer came that is at least as new as any that an earlier life of this proxy showed.
    caught_up: bool,
}

/// A read that waits until the kept answer is known to be current.
#[derive(Clone, Copy, Debug)]
struct Confirming {
    /// The current revision, as a member said after the read came in.
    revision: i64,
    by: BroadcastId,
    since: Time,
}

/// An open call of a client.
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

impl Asked {
    /// The range it asks for, if it reads one.
    fn range(&self) -> Option<&RangeRequest> {
        match &self.request {
            Call::Kv(Request::Range(range)) => Some(range),
            _ => None,
        }
    }

    /// The frame that asks for the answer, or for the current revision only.
    fn frame(&self, call: u64) -> ClientFrame {
        let request = if self.confirms { current_revision(&self.request) } else { self.request.clone() };
        ClientFrame::Call { call, request, token: self.token.clone(), requires_leader: false }
    }
}

impl Calls {
    /// Takes a request of a client: answers it from the cache, or forwards it.
    pub fn begin(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        session: SessionId,
        call: u64,
        mut request: Call,
        token: Option<Token>,
    ) {
        let mut serializable = matches!(&request, Call::Kv(kv) if kv.is_read_only() && kv.is_serializable());
        if serializable && !self.caught_up && make_linearizable(&mut request) {
            serializable = false;
        }
        if matches!(request, Call::Auth(_)) {
            broadcasts.drop_answers();
        }
        let kept = match &request {
            Call::Kv(Request::Range(range)) if cx.config.cache && token.is_none() => {
                Some(range).filter(|range| broadcasts.keeps_answer(range))
            }
            _ => None,
        };
        if let Some(range) = kept.filter(|_| serializable)
            && let Some(response) = broadcasts.kept_answer(range, self.floor)
        {
            cx.report(ProxyEvent::Cached { linearizable: false });
            self.floor = self.floor.max(response.header.revision);
            let result = Ok(Reply::Kv(Response::Range(response)));
            return cx.send_down(session, ServerFrame::Reply { call, result });
        }
        let confirms = kept.is_some() && !serializable;
        let repeatable = request.is_read_only();
        let asked = Asked { session, call, token, request, repeatable, serializable, confirms, tries: 0 };
        let id = cx.upstream.next_call();
        self.open.insert(id, asked);
        self.by_client.insert((session, call), id);
        self.unsent.push_back(id);
        self.send_unsent(cx);
        if cx.upstream.is_down() {
            self.refuse_unsent(cx);
        }
    }

    /// Sends the calls that wait for an endpoint, if there is one now.
    pub fn send_unsent(&mut self, cx: &mut Cx<'_>) {
        if cx.upstream.is_down() {
            return;
        }
        while let Some(id) = self.unsent.pop_front() {
            let Some(asked) = self.open.get_mut(&id) else { continue };
            asked.tries += 1;
            cx.send_up(asked.frame(id));
        }
    }

    /// Refuses unsent calls, for want of an endpoint: a request that was not sent did not happen.
    pub fn refuse_unsent(&mut self, cx: &mut Cx<'_>) {
        while let Some(id) = self.unsent.pop_front() {
            self.answer(cx, id, Err(Error::NoLeader));
        }
    }

    /// Ends the calls on a lost connection, or keeps those that may be sent again; returns the number of calls whose
    /// outcome is unknown. With `refused` nothing that was sent on it arrived.
    pub fn connection_lost(&mut self, cx: &mut Cx<'_>, refused: bool) -> usize {
        let most = cx.config.endpoints + 1;
        self.unsent.clear();
        self.confirming.clear();
        let mut unknown = Vec::new();
        let mut given_up = Vec::new();
        for (&id, asked) in &mut self.open {
            asked.confirms = false;
            match (refused || asked.repeatable, asked.tries < most) {
                (true, true) => self.unsent.push_back(id),
                (true, false) => given_up.push(id),
                (false, _) => unknown.push(id),
            }
        }
        for id in given_up {
            self.answer(cx, id, Err(Error::NoLeader));
        }
        let count = unknown.len();
        for id in unknown {
            self.answer(cx, id, Err(Error::Stopped));
        }
        count
    }

    /// Takes an answer from upstream. Returns the broadcast whose position tells whether a kept answer is current, if
    /// a read waits for that from now on.
    pub fn answered(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        id: u64,
        result: Result<Reply, Error>,
    ) -> Option<BroadcastId> {
        let asked = self.open.get(&id)?;
        let header = result.as_ref().ok().and_then(Reply::header).copied();
        if asked.confirms {
            return self.revision_confirmed(cx, broadcasts, id, header);
        }
        match (&result, header) {
            (Ok(_), Some(header)) if asked.serializable && header.revision < self.floor => {
                self.ask_anew(cx, id);
                return None;
            }
            (Ok(reply), Some(header)) => {
                if asked.token.is_none() && cx.config.cache {
                    broadcasts.keep(&asked.request, reply);
                }
                self.caught_up |= matches!(reply, Reply::Kv(_)) && !asked.serializable;
                self.floor = self.floor.max(header.revision);
            }
            (Err(Error::PermissionDenied | Error::InvalidAuthToken | Error::UserEmpty), _) => {
                broadcasts.drop_answers();
            }
            _ => {}
        }
        self.answer(cx, id, result);
        None
    }

    /// Asks for a linearizable answer in place of a serializable one that is older than a revision shown before.
    fn ask_anew(&mut self, cx: &mut Cx<'_>, id: u64) {
        let Some(asked) = self.open.get_mut(&id) else { return };
        if make_linearizable(&mut asked.request) {
            asked.serializable = false;
            self.unsent.push_back(id);
            self.send_unsent(cx);
        } else {
            self.answer(cx, id, Err(Error::Timeout));
        }
    }

    /// A member said which revision is the current one, after a read came in. Without a header it did not.
    fn revision_confirmed(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &Broadcasts,
        id: u64,
        header: Option<ResponseHeader>,
    ) -> Option<BroadcastId> {
        let asked = self.open.get_mut(&id)?;
        asked.confirms = false;
        let by = broadcasts.keeper_of(asked.range()?);
        let (Some(header), Some(by)) = (header, by) else {
            self.ask_in_full(cx, id);
            return None;
        };
        self.caught_up = true;
        self.confirming.insert(id, Confirming { revision: header.revision, by, since: cx.now });
        (!self.answer_confirmed(cx, broadcasts, id)).then_some(by)
    }

    /// Answers a read from the cache, if the kept answer is known to be current. True if it needs nothing more.
    fn answer_confirmed(&mut self, cx: &mut Cx<'_>, broadcasts: &Broadcasts, id: u64) -> bool {
        let (Some(confirming), Some(range)) =
            (self.confirming.get(&id), self.open.get(&id).and_then(Asked::range))
        else {
            return true;
        };
        if broadcasts.keeper_of(range) != Some(confirming.by) {
            self.ask_in_full(cx, id);
            return true;
        }
        let Some(response) = broadcasts.kept_answer(range, confirming.revision) else { return false };
        cx.report(ProxyEvent::Cached { linearizable: true });
        self.floor = self.floor.max(response.header.revision);
        self.answer(cx, id, Ok(Reply::Kv(Response::Range(response))));
        true
    }

    fn ask_in_full(&mut self, cx: &mut Cx<'_>, id: u64) {
        self.confirming.remove(&id);
        self.unsent.push_back(id);
        self.send_unsent(cx);
    }

    /// Rechecks reads after a broadcast moved on: the kept answer may be known to be current now, or to have changed.
    pub fn confirm_reads(&mut self, cx: &mut Cx<'_>, broadcasts: &Broadcasts, by: BroadcastId) {
        let waiting = self.confirming.iter().filter(|(_, confirming)| confirming.by == by);
        for id in waiting.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.answer_confirmed(cx, broadcasts, id);
        }
    }

    /// Asks in full for reads that waited too long to be confirmed.
    pub fn tick(&mut self, cx: &mut Cx<'_>) {
        let patience = Duration::from_millis(CONFIRM_MS);
        let late = self.confirming.iter().filter(|(_, waits)| cx.now - waits.since >= patience);
        for id in late.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.ask_in_full(cx, id);
        }
    }

    fn answer(&mut self, cx: &mut Cx<'_>, id: u64, result: Result<Reply, Error>) {
        let Some(asked) = self.open.remove(&id) else { return };
        self.by_client.remove(&(asked.session, asked.call));
        self.confirming.remove(&id);
        cx.send_down(asked.session, ServerFrame::Reply { call: asked.call, result });
    }

    /// Cancels a call that its client gives up.
    pub fn cancel(&mut self, cx: &mut Cx<'_>, session: SessionId, call: u64) {
        if let Some(id) = self.by_client.remove(&(session, call)) {
            self.open.remove(&id);
            self.confirming.remove(&id);
            cx.send_up(ClientFrame::CancelCall { call: id });
        }
    }

    /// Cancels the calls of a client that is gone.
    pub fn cancel_session(&mut self, cx: &mut Cx<'_>, session: SessionId) {
        let calls = self.by_client.range((session, 0)..=(session, u64::MAX));
        for call in calls.map(|((_, call), _)| *call).collect::<Vec<_>>() {
            self.cancel(cx, session, call);
        }
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

/// Makes a read linearizable. False if it reads nothing, as a txn without ranges.
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
