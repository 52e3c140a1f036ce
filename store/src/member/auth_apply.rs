//! Auth on the way of committed commands: what is refused, what changes, and who may go on watching.
//!
//! etcd: `server/etcdserver/apply/auth.go`, `applyAuth...` in `server/etcdserver/apply/backend.go`.

use super::Member;
use super::caller::Caller;
use super::command::{Action, Command, RequestId};
use super::read_index::Query;
use crate::api::{AlarmAction, AuthRequest, AuthResponse, ResponseHeader};
use crate::auth::{Actor, AuthAction};
use crate::defect::Defect;
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::machine::{Output, Reply};

impl Member {
    /// May a committed command be applied? Depends on nothing but what all members applied before.
    pub(super) fn permit_command(&self, command: &Command) -> Result<(), Error> {
        let (auth, leases, actor) = (&self.core.state.auth, self.core.state.store.leases(), &command.actor);
        if !auth.is_enabled() {
            return Ok(());
        }
        match &command.action {
            Action::Kv(request) => auth.permit_request(actor, request, leases),
            Action::Lease(LeaseAction::Grant(_)) => auth.permit_known(actor),
            Action::Lease(LeaseAction::Revoke(revoke)) => {
                auth.permit_known(actor)?;
                let lease = leases.get(revoke.id);
                let write = crate::api::PermissionType::Write;
                lease.map_or(Ok(()), |lease| auth.permit_keys_of(actor, write, lease))
            }
            Action::Lease(LeaseAction::Checkpoint(_)) => Ok(()),
            Action::Alarm(alarm) if alarm.action == AlarmAction::Get => auth.permit_known(actor),
            Action::Alarm(_) => auth.permit_admin(actor),
            Action::Auth(action) => auth.permit_auth(actor, action),
        }
    }

    pub(super) fn apply_auth(&mut self, id: RequestId, action: &AuthAction, out: &mut Vec<Output>) {
        let header = ResponseHeader::at(self.core.state.store.revision());
        let auth = &self.core.state.auth;
        let before = (auth.is_enabled(), auth.revision());
        let caller = self.writes.applied(id);
        let result = match action {
            AuthAction::Authenticate { .. } => match self.give_token(id, caller, action, header) {
                Some(result) => result,
                None => return,
            },
            _ => self.core.state.auth.apply(action, header),
        };
        if result.is_ok() {
            self.end_tokens(action);
        }
        let auth = &self.core.state.auth;
        if before != (auth.is_enabled(), auth.revision()) {
            if self.core.config.defects.has(Defect::AuthSkipsAppliedIndex) {
                self.save_auth_without_index(out);
            }
            self.auth_changed(out);
        }
        if let Some(caller) = caller {
            self.reply(caller, result.map(Reply::Auth), out);
        }
    }

    /// Gives a token, on all members the same. `None`: the password is being checked again.
    fn give_token(
        &mut self,
        id: RequestId,
        caller: Option<Caller>,
        action: &AuthAction,
        header: ResponseHeader,
    ) -> Option<Result<AuthResponse, Error>> {
        let request = self.authenticating.remove(&id);
        let AuthAction::Authenticate { name, checked_revision, token_prefix } = action else { return None };
        let auth = &self.core.state.auth;
        if !auth.is_enabled() {
            return Some(Err(Error::AuthNotEnabled));
        }
        if !auth.has_password(name) {
            return Some(Err(Error::AuthFailed));
        }
        let (index, revision) = (self.core.state.index, auth.revision());
        if *checked_revision == revision {
            let token = self.tokens.assign(name, token_prefix, index, revision, self.core.now);
            return Some(Ok(AuthResponse::Authenticate { header, token }));
        }
        let (caller, request) = (caller?, request?);
        self.read_linearizably(caller, Query::Authenticate(request), None);
        None
    }

    /// The tokens that are no longer valid after a change.
    fn end_tokens(&mut self, action: &AuthAction) {
        match action {
            AuthAction::Plain(AuthRequest::Disable) => self.tokens.clear(),
            AuthAction::Plain(AuthRequest::UserDelete { name })
            | AuthAction::UserChangePassword { name, .. } => self.tokens.invalidate(name),
            _ => {}
        }
    }

    /// Permissions may have changed: whoever watches what it may no longer read is told so, and nothing more.
    /// (etcd looks at permissions only when a watch is created.)
    pub(super) fn auth_changed(&mut self, out: &mut Vec<Output>) {
        if self.core.state.auth.is_enabled() {
            self.recheck_watches(out);
            self.recheck_observers(out);
        }
    }

    /// The store was replaced by that of a snapshot, whose users may be others.
    pub(super) fn auth_restored(&mut self, out: &mut Vec<Output>) {
        self.tokens.clear();
        self.auth_changed(out);
    }
}

impl Action {
    /// This action, as a command of an actor.
    pub fn of(self, id: RequestId, actor: Actor) -> Command {
        Command { id, actor, action: self }
    }
}
