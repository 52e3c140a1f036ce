//! Who asks, whether it may, and what clients ask of the auth service (etcd: `server/etcdserver/v3_server.go`,
//! `server/etcdserver/api/v3rpc`).
//!
//! A write is checked when it is applied, and a read when it is answered, against what this member applied by then.
//! What follows is what goes neither way.

use super::Member;
use super::caller::Caller;
use super::command::Action;
use super::read_index::Query;
use crate::api::{
    AlarmAction, AuthRequest, AuthenticateRequest, ClusterRequest, LeaseRequest, LeaseTimeToLiveRequest,
    MaintenanceRequest, PermissionType, Token,
};
use crate::auth::{Actor, AuthAction};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::machine::Call;
use xxhash_rust::xxh3::xxh3_128_with_seed;

impl Member {
    /// Who shows this token. Nobody is asked while auth is off.
    pub(super) fn actor_of(&mut self, token: Option<&Token>) -> Result<Actor, Error> {
        let Some(token) = token.filter(|_| self.core.state.auth.is_enabled()) else {
            return Ok(Actor::Nobody);
        };
        let info = self.tokens.recognise(token, self.core.state.auth.revision(), self.core.now);
        info.map(Actor::User).ok_or(Error::InvalidAuthToken)
    }

    /// Whether a call may be made that is not checked later.
    pub(super) fn permit_call(&mut self, call: &Call, token: Option<&Token>) -> Result<(), Error> {
        if !self.core.state.auth.is_enabled() {
            return Ok(());
        }
        // Whoever has no token yet.
        if matches!(call, Call::Auth(AuthRequest::Authenticate(_))) {
            return Ok(());
        }
        let actor = self.actor_of(token)?;
        let auth = &self.core.state.auth;
        match call {
            Call::Cluster(ClusterRequest::List(_)) => Ok(()),
            Call::Maintenance(MaintenanceRequest::Alarm(alarm)) if alarm.action == AlarmAction::Get => {
                auth.permit_known(&actor)
            }
            Call::Cluster(_) | Call::MoveLeader { .. } | Call::Maintenance(_) => auth.permit_admin(&actor),
            Call::Status => auth.permit_known(&actor),
            Call::Lease(LeaseRequest::KeepAlive(request)) => {
                self.permit_lease(&actor, PermissionType::Write, request.id)
            }
            Call::Lease(LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys: true })) => {
                self.permit_lease(&actor, PermissionType::Read, *id)
            }
            Call::Lease(_) => auth.permit_known(&actor),
            Call::Kv(_) | Call::Lock(_) | Call::Election(_) | Call::Auth(_) => Ok(()),
        }
    }

    /// Whether all keys of a lease may be written, or read. A lease that is not there has none.
    fn permit_lease(&self, actor: &Actor, wanted: PermissionType, id: i64) -> Result<(), Error> {
        let auth = &self.core.state.auth;
        auth.permit_known(actor)?;
        self.core
            .state
            .store
            .leases()
            .get(id)
            .map_or(Ok(()), |lease| auth.permit_keys_of(actor, wanted, lease))
    }

    /// Whether a read may be answered now (`doSerialize`). It is answered in the same moment, so that nothing
    /// changes in between; but a token that says as of when has to be of just now.
    pub(super) fn permit_query(&mut self, query: &Query, token: Option<&Token>) -> Result<(), Error> {
        if !self.core.state.auth.is_enabled() || matches!(query, Query::Members | Query::Authenticate(_)) {
            return Ok(());
        }
        let actor = self.actor_of(token)?;
        let (auth, leases) = (&self.core.state.auth, self.core.state.store.leases());
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

    /// Whether these keys, which go with a lease, may be shown to whoever asked for them.
    pub(super) fn permit_keys_shown(&mut self, token: Option<&Token>, keys: &[Bytes]) -> Result<(), Error> {
        let actor = self.actor_of(token)?;
        self.core.state.auth.permit_keys(&actor, PermissionType::Read, keys.iter())
    }

    /// Whether the owner of a name may still see its own key.
    pub(super) fn permit_owner(&mut self, token: Option<&Token>, key: &Bytes) -> Result<(), Error> {
        let actor = self.actor_of(token)?;
        self.core.state.auth.permit_range(&actor, PermissionType::Read, key, &Bytes::default())
    }

    pub(super) fn auth_call(
        &mut self,
        caller: Caller,
        request: AuthRequest,
        token: Option<&Token>,
    ) -> Result<(), Error> {
        if let AuthRequest::Authenticate(request) = request {
            self.read_linearizably(caller, Query::Authenticate(request), None);
            return Ok(());
        }
        let actor = self.actor_of(token)?;
        let salt = self.draw_secret();
        self.write(caller, actor, Action::Auth(AuthAction::of(request, salt)))
    }

    /// Checks a password against what was committed when the request came, and proposes to give a token. Should
    /// anything change before that is applied, it is checked again.
    pub(super) fn authenticate(
        &mut self,
        caller: Caller,
        request: &AuthenticateRequest,
    ) -> Result<(), Error> {
        let checked_revision = self.core.state.auth.check_password(&request.name, &request.password)?;
        let secret = self.draw_secret();
        let token_prefix = secret.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        let name = request.name.clone();
        let action = Action::Auth(AuthAction::Authenticate { name, checked_revision, token_prefix });
        let id = self.next_id();
        let deadline = self.core.now + self.core.config.request_timeout();
        self.write_as(id, caller, Actor::Nobody, action, deadline)?;
        let Member { authenticating, writes, .. } = self;
        authenticating.retain(|id, _| writes.is_waiting(*id));
        authenticating.insert(id, request.clone());
        Ok(())
    }

    /// Different for every request. Whoever knows the seed can guess it: etcd asks the system for randomness.
    fn draw_secret(&mut self) -> [u8; 16] {
        let id = self.next_id();
        let mut request = [0; 24];
        request[..8].copy_from_slice(&id.member.to_le_bytes());
        request[8..16].copy_from_slice(&id.incarnation.to_le_bytes());
        request[16..].copy_from_slice(&id.sequence.to_le_bytes());
        xxh3_128_with_seed(&request, self.core.config.election_seed).to_le_bytes()
    }
}
