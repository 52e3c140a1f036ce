//! The KV, lease and auth services of a member, for clients and for the services that live in it
//! (etcd: `server/etcdserver/v3_server.go`).
//!
//! A write goes through the log ([`Writes`]), a linearizable read waits for the read index ([`Reads`]), a keepalive is
//! the leader's to answer ([`Leases`]). Permissions are looked at by the [`AuthGate`].

pub(super) mod auth_gate;
pub(super) mod early_frames;
pub(super) mod leases;
pub(super) mod query;
pub(super) mod quota;
pub(super) mod read_index;
pub(super) mod reads;
pub(super) mod writes;

use crate::api::{AuthRequest, LeaseRequest, MaintenanceRequest, Request, Token};
use crate::auth::AuthAction;
use crate::defect::altered;
use crate::error::Error;
use crate::lease::{self, LeaseAction, LeaseQuestion};
use crate::machine::Time;
use crate::mark::{Mark, reach};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::state::command::Action;
use crate::member::v3_server::auth_gate::{AuthGate, draw_secret};
use crate::member::v3_server::leases::Leases;
use crate::member::v3_server::query::Query;
use crate::member::v3_server::reads::{Asked, Reads};
use crate::member::v3_server::writes::Writes;

/// The parts that serve calls of the KV, lease and auth services. See the [module](self).
#[derive(Debug)]
pub(super) struct V3Server {
    pub gate: AuthGate,
    pub reads: Reads,
    pub writes: Writes,
    pub leases: Leases,
}

impl V3Server {
    pub fn new(gate: AuthGate) -> V3Server {
        V3Server { gate, reads: Reads::default(), writes: Writes::default(), leases: Leases::default() }
    }

    /// A call of the KV service: a read, or a write.
    pub fn kv(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        request: Request,
        token: Option<Token>,
    ) -> Result<(), Error> {
        if request.is_read_only() {
            self.range(cx, caller, request, token);
            return Ok(());
        }
        self.write(cx, caller, token.as_ref(), Action::Kv(request))
    }

    fn range(&mut self, cx: &mut Cx<'_>, caller: Caller, request: Request, token: Option<Token>) {
        let defects = &cx.config.defects;
        let clock = &self.leases.clock;
        let local = altered!(defects, reads_own_member_stale_as_linearizable)
            || (altered!(defects, local_read_by_leader) && cx.is_leader())
            || altered!(
                defects,
                lease_read_under_skew::answers(clock.confirmed_at(cx), cx.now, cx.config),
                false
            );
        let serializable = request.is_serializable();
        let query = Query::Kv(request);
        if local {
            self.answer(cx, caller, &query, token.as_ref());
        } else if serializable {
            self.read_locally(cx, caller, query, token);
        } else {
            reach(Mark::SerializableReadWaits);
            self.reads.push(cx, caller, query, token);
        }
    }

    /// A call of the lease service.
    pub fn lease(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        request: LeaseRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        match request {
            LeaseRequest::Grant(grant) => {
                let actor = self.gate.actor_of(cx, token.as_ref())?;
                let id = cx.next_id();
                let drawn = lease::draw_id(cx.config.election_seed, id.member, id.incarnation, id.sequence);
                let grant = lease::settle(&grant, cx.config.min_lease_ttl_s(), drawn);
                let deadline = cx.request_deadline();
                let action = Action::Lease(LeaseAction::Grant(grant));
                self.writes.write_as(cx, id, caller, actor, action, deadline)?;
            }
            LeaseRequest::Revoke(revoke) => {
                self.write(cx, caller, token.as_ref(), Action::Lease(LeaseAction::Revoke(revoke)))?;
            }
            LeaseRequest::KeepAlive(request) => {
                self.leases.calls.push(cx, caller, LeaseQuestion::Renew { id: request.id }, token);
            }
            LeaseRequest::TimeToLive(request) => {
                let question = LeaseQuestion::TimeToLive { id: request.id, keys: request.keys };
                self.leases.calls.push(cx, caller, question, token);
            }
            LeaseRequest::Leases(_) => self.read_locally(cx, caller, Query::Leases, token),
        }
        Ok(())
    }

    /// A call of the auth service.
    pub fn auth(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        request: AuthRequest,
        token: Option<&Token>,
    ) -> Result<(), Error> {
        if let AuthRequest::Authenticate(request) = request {
            self.reads.push(cx, caller, Query::Authenticate(request), None);
            return Ok(());
        }
        let actor = self.gate.actor_of(cx, token)?;
        let salt = draw_secret(cx);
        self.writes.write(cx, caller, actor, Action::Auth(AuthAction::of(request, salt)))
    }

    /// Proposes a command for a caller that showed this token.
    pub fn write(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        token: Option<&Token>,
        action: Action,
    ) -> Result<(), Error> {
        let actor = self.gate.actor_of(cx, token)?;
        self.writes.write(cx, caller, actor, action)
    }

    /// As [`V3Server::write`], with a deadline of its own.
    pub fn write_until(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        token: Option<&Token>,
        action: Action,
        deadline: Time,
    ) -> Result<(), Error> {
        let actor = self.gate.actor_of(cx, token)?;
        self.writes.write_until(cx, caller, actor, action, deadline)
    }

    /// Answers a hash or a snapshot of the applied state.
    pub fn maintenance(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        request: MaintenanceRequest,
        token: Option<Token>,
    ) {
        self.read_locally(cx, caller, Query::Maintenance(request), token);
    }

    /// Answers from the applied state, once that is as new as the one an earlier life of the member showed.
    fn read_locally(&mut self, cx: &mut Cx<'_>, caller: Caller, query: Query, token: Option<Token>) {
        if self.reads.serves_locally() {
            self.answer(cx, caller, &query, token.as_ref());
        } else {
            self.reads.push(cx, caller, query, token);
        }
    }

    /// Answers a read from the applied state, if it is permitted now.
    pub fn answer(&mut self, cx: &mut Cx<'_>, caller: Caller, query: &Query, token: Option<&Token>) {
        if let Query::Authenticate(request) = query {
            if let Err(error) = self.gate.authenticate(cx, &mut self.writes, caller, request) {
                cx.reply(caller, Err(error));
            }
            return;
        }
        let permitted = self.gate.permit_query(cx, query, token);
        let result = permitted.and_then(|()| query.answer(cx));
        cx.reply(caller, result);
    }

    /// Asks for the read index, for the reads that wait.
    pub fn ask_read_index(&mut self, cx: &mut Cx<'_>) {
        if self.reads.ask(cx) == Asked::Answered {
            self.answer_ready(cx);
        }
    }

    /// The read index of a question: as of when it was asked, a leader knows that it leads.
    pub fn read_index_answered(&mut self, cx: &Cx<'_>, context: &[u8], index: u64) {
        if let Some(asked_at) = self.reads.answered(context, index) {
            self.leases.clock.leadership_confirmed(cx, asked_at);
        }
    }

    /// Answers the reads whose index is applied.
    pub fn answer_ready(&mut self, cx: &mut Cx<'_>) {
        for read in self.reads.take_ready(cx) {
            self.answer(cx, read.caller, &read.query, read.token.as_ref());
        }
    }

    /// Goes on with the calls about leases; a leader that cannot answer them makes sure that it still leads.
    pub fn advance_lease_calls(&mut self, cx: &mut Cx<'_>) {
        let confirmation_wanted = self.leases.advance_calls(cx, &mut self.gate);
        self.reads.want_confirmation(confirmation_wanted);
    }

    /// Answers the callers that waited too long.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        self.writes.expire(cx);
        self.reads.expire(cx);
        self.leases.calls.expire(cx);
    }

    /// Forgets callers that went away.
    pub fn forget(&mut self, gone: &impl Fn(&Caller) -> bool) {
        self.writes.forget(gone);
        self.reads.forget(gone);
        self.leases.calls.forget(gone);
    }
}
