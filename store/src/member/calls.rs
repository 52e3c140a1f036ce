//! What clients ask for.

use super::Member;
use super::caller::Caller;
use super::command::{Action, RequestId};
use super::read_index::{Query, Read, context_of, id_of};
use crate::api::{LeaseRequest, Request, Response, Token, validate};
use crate::auth::Actor;
use crate::defect::Defect;
use crate::error::Error;
use crate::machine::{Call, ClientFrame, MemberId, Output, Reply, SessionId, Time};
use std::time::Duration;

impl Member {
    pub(super) fn client_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<Output>) {
        if let Some(frame) = self.keep_early(session, frame) {
            self.take_frame(session, frame, out);
        }
    }

    pub(super) fn take_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<Output>) {
        match frame {
            ClientFrame::Call { call, request, token } => {
                let caller = Caller::Client { session, call };
                if let Err(error) = self.call(caller, request, token, out) {
                    self.reply(caller, Err(error), out);
                }
            }
            ClientFrame::CancelCall { call } => {
                let caller = Caller::Client { session, call };
                self.forget(|other| *other == caller);
            }
            ClientFrame::Watch { stream, request, token } => {
                self.watch_request(session, stream, request, token.as_ref(), out);
            }
            ClientFrame::Observe { stream, request, token } => {
                self.observe(session, stream, request, token, out);
            }
            ClientFrame::CloseStream { stream } => self.close_stream(session, stream),
        }
    }

    pub(super) fn session_closed(&mut self, session: SessionId) {
        self.early.retain(|early| !early.is_of(session));
        self.forget(|caller| caller.is_of(session));
        self.close_streams_of(session);
    }

    pub(super) fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.forget_clients_of_services(&gone);
        self.forget_callers(gone);
    }

    pub(super) fn forget_callers(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.writes.forget(&gone);
        self.transfers.forget(&gone);
        self.storage_work.forget(&gone);
        self.changes.forget(&gone);
        self.reads.forget(&gone);
        self.lease_calls.retain(|call| !call.caller().is_some_and(|caller| gone(&caller)));
    }

    fn call(
        &mut self,
        caller: Caller,
        request: Call,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        self.admit_call(&request)?;
        self.writes.quota.check_call(&self.core.cx(out), &request)?;
        // What is malformed is refused before anybody asks who sent it (`api/v3rpc/key.go`).
        if let Call::Kv(request) = &request {
            validate(request)?;
        }
        self.permit_call(&request, token.as_ref())?;
        match request {
            Call::Kv(request) => {
                if request.is_read_only() {
                    self.read(caller, request, token, out)
                } else {
                    let actor = self.actor_of(token.as_ref())?;
                    self.write(caller, actor, Action::Kv(request))
                }
            }
            Call::Lease(LeaseRequest::Leases(_)) => {
                self.read_locally(caller, Query::Leases, token, out);
                Ok(())
            }
            Call::Lease(request) => self.lease_call(caller, request, token),
            Call::Lock(request) => self.lock_call(caller, request, token),
            Call::Election(request) => self.election_call(caller, request, token),
            Call::Cluster(request) => self.cluster_call(caller, request, out),
            Call::Maintenance(request) => self.maintenance_call(caller, request, token, out),
            Call::Auth(request) => self.auth_call(caller, request, token.as_ref()),
            Call::MoveLeader { target } => self.transfers.begin(&mut self.core.cx(out), caller, target),
            Call::Status => {
                self.reply(caller, Ok(Reply::Status(self.status())), out);
                Ok(())
            }
        }
    }

    fn read(
        &mut self,
        caller: Caller,
        request: Request,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        let defects = &self.core.config.defects;
        let local = defects.has(Defect::ReadsOwnMemberStaleAsLinearizable)
            || (self.is_leader() && defects.has(Defect::LocalReadByLeader))
            || (defects.has(Defect::LeaseReadUnderSkew) && self.has_leader_lease());
        let serializable = request.is_serializable();
        let query = Query::Kv(request);
        if local {
            self.answer_read(caller, &query, token.as_ref(), out);
        } else if serializable {
            self.read_locally(caller, query, token, out);
        } else {
            self.read_linearizably(caller, query, token);
        }
        Ok(())
    }

    /// Answers from what was applied here, once that is as new as what an earlier life showed.
    pub(super) fn read_locally(
        &mut self,
        caller: Caller,
        query: Query,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) {
        if self.caught_up {
            self.answer_read(caller, &query, token.as_ref(), out);
        } else {
            self.read_linearizably(caller, query, token);
        }
    }

    pub(super) fn read_linearizably(&mut self, caller: Caller, query: Query, token: Option<Token>) {
        let deadline = self.core.now + self.core.config.request_timeout();
        self.reads.push(Read { caller, query, token, deadline });
    }

    pub(super) fn answer_read(
        &mut self,
        caller: Caller,
        query: &Query,
        token: Option<&Token>,
        out: &mut Vec<Output>,
    ) {
        if let Query::Authenticate(request) = query {
            if let Err(error) = self.authenticate(caller, request) {
                self.reply(caller, Err(error), out);
            }
            return;
        }
        if let Err(error) = self.permit_query(query, token) {
            return self.reply(caller, Err(error), out);
        }
        let result = match query {
            Query::Kv(Request::Range(range)) => {
                self.core.state.store.range(range).map(|response| Reply::Kv(Response::Range(response)))
            }
            Query::Kv(Request::Txn(txn)) => {
                self.core.state.store.read_txn(txn).map(|response| Reply::Kv(Response::Txn(response)))
            }
            Query::Kv(_) => unreachable!("only ranges and read-only txns are reads"),
            Query::Leases => Ok(Reply::Lease(self.list_leases())),
            Query::Members => Ok(Reply::Cluster(self.core.state.membership.response())),
            Query::Maintenance(request) => self.maintenance_answer(request).map(Reply::Maintenance),
            Query::Authenticate(_) => unreachable!("it is no read"),
        };
        self.reply(caller, result, out);
    }

    pub(super) fn write(&mut self, caller: Caller, actor: Actor, action: Action) -> Result<(), Error> {
        self.writes.write(&mut self.core.cx(&mut Vec::new()), caller, actor, action)
    }

    pub(super) fn write_until(
        &mut self,
        caller: Caller,
        actor: Actor,
        action: Action,
        deadline: Time,
    ) -> Result<(), Error> {
        self.writes.write_until(&mut self.core.cx(&mut Vec::new()), caller, actor, action, deadline)
    }

    pub(super) fn write_as(
        &mut self,
        id: RequestId,
        caller: Caller,
        actor: Actor,
        action: Action,
        deadline: Time,
    ) -> Result<(), Error> {
        self.writes.write_as(&mut self.core.cx(&mut Vec::new()), id, caller, actor, action, deadline)
    }

    /// Asks the leader how far the log must be applied before waiting reads may be answered.
    pub(super) fn ask_read_index(&mut self, out: &mut Vec<Output>) {
        if self.reads.wants_question() && self.core.raft.raft.leader_id != raft::INVALID_ID {
            let id = self.next_id();
            self.reads.asked(id, self.core.now);
            self.put_question(id, out);
        } else if self.reads.wants_retry(self.core.now) {
            let id = if self.core.config.defects.has(Defect::ReadIndexContextReused) {
                self.reads.same_question()
            } else {
                self.next_id()
            };
            self.reads.asked_again(id, self.core.now);
            self.put_question(id, out);
        }
    }

    fn put_question(&mut self, id: RequestId, out: &mut Vec<Output>) {
        if let Some(index) = self.read_index_without_own_commit() {
            self.reads.answered(id, index);
            self.answer_ready_reads(out);
        } else {
            self.core.raft.read_index(context_of(id));
        }
    }

    /// What a new leader answers that does not wait for the first commit of its own term.
    pub(super) fn read_index_without_own_commit(&self) -> Option<u64> {
        let hasty = self.core.config.defects.has(Defect::ReadIndexBeforeOwnTerm)
            && self.is_leader()
            && !self.core.raft.raft.commit_to_current_term();
        hasty.then_some(self.core.raft.raft.raft_log.committed)
    }

    /// Whether nobody else can lead yet, if all clocks go alike: a majority followed this leader less than an
    /// election timeout ago. One tick less, because a follower may have been about to tick.
    fn has_leader_lease(&self) -> bool {
        let lease = self.core.config.election_timeout() - Duration::from_millis(self.core.config.tick_ms);
        let stands = |at: Time| self.core.now - at < lease;
        // Whoever serves its lease must still have applied what others may have shown: another rule, and kept.
        self.is_leader()
            && self.core.state.index >= self.core.raft.raft.raft_log.committed
            && self.core.raft.raft.lead_transferee.is_none()
            && self.primary.as_ref().is_some_and(|primary| {
                primary.term == self.core.raft.raft.term && primary.confirmed_at.is_some_and(stands)
            })
    }

    pub(super) fn read_index_answered(&mut self, context: &[u8], index: u64) {
        let asked_at = id_of(context).and_then(|id| self.reads.answered(id, index));
        if let Some(asked_at) = asked_at {
            self.leadership_confirmed(asked_at);
        }
    }

    pub(super) fn answer_ready_reads(&mut self, out: &mut Vec<Output>) {
        let ready = self.reads.take_ready(self.core.state.index);
        self.caught_up |= !ready.is_empty();
        for read in ready {
            self.answer_read(read.caller, &read.query, read.token.as_ref(), out);
        }
    }

    /// There is a leader this member did not follow before.
    pub(super) fn leader_changed(&mut self, leader: MemberId, out: &mut Vec<Output>) {
        for read in self.reads.take_unanswered() {
            self.reply(read.caller, Err(Error::LeaderChanged), out);
        }
        self.transfers.leader_changed(&mut self.core.cx(out), leader);
    }
}
