//! The auth gate: the user of a token, and the permission to make a call (etcd: `server/etcdserver/v3_server.go`,
//! `server/etcdserver/api/v3rpc`).
//!
//! A write is checked when it is applied, and a read when it is answered, against this member's applied state. The
//! rest is checked here when it comes.

use crate::api::{
    AlarmAction, AuthRequest, AuthResponse, AuthenticateRequest, ClusterRequest, LeaseRequest,
    LeaseTimeToLiveRequest, MaintenanceRequest, PermissionType, Token, WatchCreateRequest,
};
use crate::auth::{Actor, AuthAction, AuthConfig, Tokens};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::frame::{Call, ClientFrame, SessionId};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::state::command::{Action, RequestId};
use crate::member::v3_server::early_frames::EarlyFrames;
use crate::member::v3_server::query::Query;
use crate::member::v3_server::reads::Reads;
use crate::member::v3_server::writes::Writes;
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The tokens of a member, and the frames and passwords that wait for one. See the [module](self).
#[derive(Debug)]
pub(in crate::member) struct AuthGate {
    tokens: Tokens,
    /// Passwords that were checked, by the command that will give the token.
    authenticating: BTreeMap<RequestId, AuthenticateRequest>,
    /// Frames that show a token which is not known yet.
    pub early: EarlyFrames,
}

impl AuthGate {
    pub fn new(config: &AuthConfig) -> AuthGate {
        let tokens = Tokens::new(config);
        AuthGate { tokens, authenticating: BTreeMap::new(), early: EarlyFrames::default() }
    }

    /// Gives a frame back, unless it has to wait for the entry that makes its token.
    pub fn admit_frame(
        &mut self,
        cx: &Cx<'_>,
        session: SessionId,
        frame: ClientFrame,
    ) -> Option<ClientFrame> {
        self.early.admit(cx, &self.tokens, session, frame)
    }

    /// The actor that a token stands for; [`Actor::Nobody`] while auth is off.
    pub fn actor_of(&mut self, cx: &Cx<'_>, token: Option<&Token>) -> Result<Actor, Error> {
        let Some(token) = token.filter(|_| cx.state.auth.is_enabled()) else { return Ok(Actor::Nobody) };
        let info = self.tokens.recognise(token, cx.state.auth.revision(), cx.token_time());
        info.map(Actor::User).ok_or(Error::InvalidAuthToken)
    }

    /// Checks a call that is not checked later.
    pub fn permit_call(&mut self, cx: &Cx<'_>, call: &Call, token: Option<&Token>) -> Result<(), Error> {
        if !cx.state.auth.is_enabled() {
            return Ok(());
        }
        // It asks for a token.
        if matches!(call, Call::Auth(AuthRequest::Authenticate(_))) {
            return Ok(());
        }
        let actor = self.actor_of(cx, token)?;
        let auth = &cx.state.auth;
        match call {
            Call::Cluster(ClusterRequest::List(_)) => Ok(()),
            Call::Maintenance(MaintenanceRequest::Alarm(alarm)) if alarm.action == AlarmAction::Get => {
                auth.permit_known(&actor)
            }
            Call::Cluster(_) | Call::MoveLeader { .. } | Call::Maintenance(_) => auth.permit_admin(&actor),
            Call::Status => auth.permit_known(&actor),
            Call::Lease(LeaseRequest::KeepAlive(request)) => {
                permit_lease(cx, &actor, PermissionType::Write, request.id)
            }
            Call::Lease(LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys: true })) => {
                permit_lease(cx, &actor, PermissionType::Read, *id)
            }
            Call::Lease(_) => auth.permit_known(&actor),
            Call::Kv(_) | Call::Lock(_) | Call::Election(_) | Call::Auth(_) => Ok(()),
        }
    }

    /// Checks a read that is answered now (`doSerialize`). It is answered in the same moment, so that nothing
    /// changes in between; but a token that says as of when has to be of just now.
    pub fn permit_query(&mut self, cx: &Cx<'_>, query: &Query, token: Option<&Token>) -> Result<(), Error> {
        if !cx.state.auth.is_enabled() || matches!(query, Query::Members | Query::Authenticate(_)) {
            return Ok(());
        }
        let actor = self.actor_of(cx, token)?;
        let (auth, leases) = (&cx.state.auth, cx.state.store.leases());
        match query {
            Query::Kv(request) => {
                auth.permit_request(&actor, request, leases)?;
                let of_now =
                    |actor: &Actor| !matches!(actor, Actor::User(info) if info.revision != auth.revision());
                if of_now(&actor) { Ok(()) } else { Err(Error::AuthOldRevision) }
            }
            Query::Leases => {
                auth.permit_known(&actor)?;
                let keys = leases.iter().flat_map(|(_, lease)| &lease.keys);
                auth.permit_keys(&actor, PermissionType::Read, keys)
            }
            Query::Maintenance(_) => auth.permit_admin(&actor),
            Query::Members | Query::Authenticate(_) => Ok(()),
        }
    }

    /// Checks that these keys, which go with a lease, may be shown for this token.
    pub fn permit_keys_shown(
        &mut self,
        cx: &Cx<'_>,
        token: Option<&Token>,
        keys: &[Bytes],
    ) -> Result<(), Error> {
        let actor = self.actor_of(cx, token)?;
        cx.state.auth.permit_keys(&actor, PermissionType::Read, keys.iter())
    }

    /// Checks that the key of a lock or an election may still be seen by its owner.
    pub fn permit_owner(&mut self, cx: &Cx<'_>, token: Option<&Token>, key: &Bytes) -> Result<(), Error> {
        let actor = self.actor_of(cx, token)?;
        cx.state.auth.permit_range(&actor, PermissionType::Read, key, &Bytes::default())
    }

    /// Checks that a watch may be created; gives the user, if auth is on.
    pub fn permit_watch(
        &mut self,
        cx: &Cx<'_>,
        create: &WatchCreateRequest,
        token: Option<&Token>,
    ) -> Result<Option<Arc<str>>, Error> {
        if !cx.state.auth.is_enabled() {
            return Ok(None);
        }
        let actor = self.actor_of(cx, token)?;
        let from_first = Bytes::from(b"\0");
        let key = if create.key.is_empty() { &from_first } else { &create.key };
        cx.state.auth.permit_range(&actor, PermissionType::Read, key, &create.range_end)?;
        Ok(actor.user().cloned())
    }

    /// Checks a password against the state committed when the request came, and proposes to give a token. Should
    /// anything change before that is applied, it is checked again.
    pub fn authenticate(
        &mut self,
        cx: &mut Cx<'_>,
        writes: &mut Writes,
        caller: Caller,
        request: &AuthenticateRequest,
    ) -> Result<(), Error> {
        let checked_revision = cx.state.auth.check_password(&request.name, &request.password)?;
        let secret = draw_secret(cx);
        let token_prefix = secret.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        let name = request.name.clone();
        let action = Action::Auth(AuthAction::Authenticate { name, checked_revision, token_prefix });
        let id = cx.next_id();
        writes.write_as(cx, id, caller, Actor::Nobody, action, cx.request_deadline())?;
        self.authenticating.retain(|id, _| writes.is_waiting(*id));
        self.authenticating.insert(id, request.clone());
        Ok(())
    }

    /// Gives a token, on all members the same. `None`: the password is being checked again.
    pub fn give_token(
        &mut self,
        cx: &Cx<'_>,
        reads: &mut Reads,
        id: RequestId,
        caller: Option<Caller>,
        action: &AuthAction,
    ) -> Option<Result<AuthResponse, Error>> {
        let request = self.authenticating.remove(&id);
        let AuthAction::Authenticate { name, checked_revision, token_prefix } = action else { return None };
        let auth = &cx.state.auth;
        if !auth.is_enabled() {
            return Some(Err(Error::AuthNotEnabled));
        }
        if !auth.has_password(name) {
            return Some(Err(Error::AuthFailed));
        }
        let (index, revision) = (cx.state.index, auth.revision());
        if *checked_revision == revision {
            let token = self.tokens.assign(name, token_prefix, index, revision, cx.token_time());
            return Some(Ok(AuthResponse::Authenticate { header: cx.header(), token }));
        }
        let (caller, request) = (caller?, request?);
        reads.push(cx, caller, Query::Authenticate(request), None);
        None
    }

    /// Ends the tokens that are no longer valid after a change.
    pub fn changed(&mut self, action: &AuthAction) {
        match action {
            AuthAction::Plain(AuthRequest::Disable) => self.tokens.clear(),
            AuthAction::Plain(AuthRequest::UserDelete { name })
            | AuthAction::UserChangePassword { name, .. } => self.tokens.invalidate(name),
            _ => {}
        }
    }

    /// Ends all tokens: the users may be others.
    pub fn restored(&mut self) {
        self.tokens.clear();
    }
}

/// Checks that all keys of a lease may be written, or read. A lease that is not there has none.
fn permit_lease(cx: &Cx<'_>, actor: &Actor, wanted: PermissionType, id: i64) -> Result<(), Error> {
    let auth = &cx.state.auth;
    auth.permit_known(actor)?;
    cx.state.store.leases().get(id).map_or(Ok(()), |lease| auth.permit_keys_of(actor, wanted, lease))
}

/// Draws 16 bytes, others for every request. With the seed they can be guessed: etcd asks the system for randomness.
pub(in crate::member) fn draw_secret(cx: &mut Cx<'_>) -> [u8; 16] {
    let id = cx.next_id();
    let mut request = [0; 24];
    request[..8].copy_from_slice(&id.member.to_le_bytes());
    request[8..16].copy_from_slice(&id.incarnation.to_le_bytes());
    request[16..].copy_from_slice(&id.sequence.to_le_bytes());
    xxh3_128_with_seed(&request, cx.config.election_seed).to_le_bytes()
}
