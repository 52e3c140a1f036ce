//! Frames of clients, on their way to the part that serves them.

use crate::api::{ClusterRequest, MaintenanceRequest, MemberInfo, Request, Token, validate};
use crate::error::Error;
use crate::frame::{Call, ClientFrame, ClientStream, Reply, SessionId};
use crate::member::Member;
use crate::member::Output;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::membership::Change;
use crate::member::state::command::Action;
use crate::member::v3_server::query::Query;

impl Member {
    /// Takes a frame, unless it has to wait for its token.
    pub(super) fn client_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<Output>) {
        let admitted = self.server.gate.admit_frame(&self.core.cx(out), session, frame);
        if let Some(frame) = admitted {
            self.take_frame(session, frame, out);
        }
    }

    fn take_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<Output>) {
        match frame {
            ClientFrame::Call { call, request, token, requires_leader } => {
                let caller = Caller::Client { session, call };
                let cx = &mut self.core.cx(out);
                if requires_leader && cx.leader().is_none() {
                    return cx.reply(caller, Err(Error::NoLeader));
                }
                if let Err(error) = self.call(caller, request, token, out) {
                    self.core.cx(out).reply(caller, Err(error));
                }
            }
            ClientFrame::CancelCall { call } => {
                let caller = Caller::Client { session, call };
                self.forget(|other| *other == caller, out);
            }
            ClientFrame::Watch { stream, request, token } => {
                let (cx, gate) = (&mut self.core.cx(out), &mut self.server.gate);
                self.streams.request(cx, gate, ClientStream { session, stream }, &request, token.as_ref());
            }
            ClientFrame::Observe { stream, request, token } => {
                let (cx, server) = (&mut self.core.cx(out), &mut self.server);
                self.services.observe(cx, server, ClientStream { session, stream }, &request, token);
            }
            ClientFrame::CloseStream { stream } => {
                self.services.close_stream(&mut self.server, ClientStream { session, stream });
                self.streams.close(ClientStream { session, stream });
            }
        }
    }

    /// Goes on with the frames whose token is known by now.
    pub(super) fn release_early_frames(&mut self, out: &mut Vec<Output>) {
        for (session, frame) in self.server.gate.early.take_due(self.core.state.index) {
            self.take_frame(session, frame, out);
        }
    }

    /// Refuses the frames whose token was made by no entry of this log: a call at once, another frame in the words of
    /// the part that takes it.
    pub(super) fn refuse_early_frames(&mut self, out: &mut Vec<Output>) {
        for (session, frame) in self.server.gate.early.take_expired(self.core.now) {
            match frame {
                ClientFrame::Call { call, .. } => {
                    let caller = Caller::Client { session, call };
                    self.core.cx(out).reply(caller, Err(Error::InvalidAuthToken));
                }
                other => self.take_frame(session, other, out),
            }
        }
    }

    /// A connection is gone, and its calls and streams with it.
    pub(super) fn session_closed(&mut self, session: SessionId, out: &mut Vec<Output>) {
        self.server.gate.early.forget(session);
        self.forget(|caller| caller.is_of(session), out);
        self.services.close_session(&mut self.server, session);
        self.streams.close_session(session);
    }

    fn forget(&mut self, gone: impl Fn(&Caller) -> bool, out: &mut Vec<Output>) {
        self.services.forget(&mut self.core.cx(out), &mut self.server, &gone);
        self.server.forget(&gone);
        self.transfers.forget(&gone);
        self.storage_work.forget(&gone);
        self.changes.forget(&gone);
    }

    fn call(
        &mut self,
        caller: Caller,
        request: Call,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        let (cx, server) = (&mut self.core.cx(out), &mut self.server);
        admit_member(cx, &request)?;
        server.writes.quota.check_call(cx, &request)?;
        // The form of a request is checked before its permission (`api/v3rpc/key.go`).
        if let Call::Kv(request) = &request {
            validate(request)?;
        }
        server.gate.permit_call(cx, &request, token.as_ref())?;
        match request {
            Call::Kv(request) => server.kv(cx, caller, request, token),
            Call::Lease(request) => server.lease(cx, caller, request, token),
            Call::Auth(request) => server.auth(cx, caller, request, token.as_ref()),
            Call::Lock(request) => self.services.lock(cx, server, caller, request, token),
            Call::Election(request) => self.services.election(cx, server, caller, request, token),
            Call::Cluster(request) => self.cluster_call(caller, request, out),
            Call::Maintenance(request) => self.maintenance_call(caller, request, token, out),
            Call::MoveLeader { target } => self.transfers.begin(cx, caller, target),
            Call::Status => {
                let status = self.core.status();
                self.core.cx(out).reply(caller, Ok(Reply::Status(status)));
                Ok(())
            }
        }
    }

    fn cluster_call(
        &mut self,
        caller: Caller,
        request: ClusterRequest,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        let cx = &mut self.core.cx(out);
        let change = match request {
            ClusterRequest::List(list) if list.linearizable => {
                self.server.reads.push(cx, caller, Query::Members, None);
                return Ok(());
            }
            ClusterRequest::List(_) => {
                self.server.answer(cx, caller, &Query::Members, None);
                return Ok(());
            }
            ClusterRequest::Add(add) => {
                Change::Add(MemberInfo { id: add.id, name: add.name, is_learner: add.is_learner })
            }
            ClusterRequest::Promote(promote) => Change::Promote(promote.id),
            ClusterRequest::Remove(remove) => Change::Remove(remove.id),
            ClusterRequest::Update(update) => Change::Update(update.id, update.name),
        };
        self.changes.push(cx, &self.peers, caller, change)
    }

    fn maintenance_call(
        &mut self,
        caller: Caller,
        request: MaintenanceRequest,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        let cx = &mut self.core.cx(out);
        match request {
            MaintenanceRequest::Alarm(alarm) => {
                self.server.write(cx, caller, token.as_ref(), Action::Alarm(alarm))?;
            }
            MaintenanceRequest::Defragment => {
                cx.state.store.defragment();
                self.server.writes.quota.settled();
                let token = self.persistence.defragment(cx);
                self.storage_work.defragmenting(token, caller);
            }
            MaintenanceRequest::Hash | MaintenanceRequest::HashKv { .. } | MaintenanceRequest::Snapshot => {
                self.server.maintenance(cx, caller, request, token);
            }
        }
        Ok(())
    }
}

/// Checks that this member takes a call. A learner, and a member that was not added yet, serves only serializable
/// ranges, status and snapshots (`server/etcdserver/api/v3rpc/interceptor.go`, `isRPCSupportedForLearner`).
fn admit_member(cx: &Cx<'_>, call: &Call) -> Result<(), Error> {
    let always = match call {
        Call::Status | Call::Maintenance(MaintenanceRequest::Snapshot) => true,
        Call::Kv(Request::Range(range)) => range.serializable,
        _ => false,
    };
    if always || cx.is_voter() { Ok(()) } else { Err(Error::NotSupportedForLearner) }
}
