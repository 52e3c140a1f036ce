//! Changes of users and roles, as they are applied (etcd: `server/auth/store.go`).

use super::AuthStore;
use super::action::AuthAction;
use super::actor::Actor;
use super::store::{ROOT, Role, User};
use crate::api::{AuthRequest, AuthResponse, Permission, PermissionType, ResponseHeader};
use crate::error::Error;
use std::collections::BTreeSet;

impl AuthStore {
    /// Checks that the actor may do this. Every client may ask if auth is on, and about its own user.
    pub(crate) fn permit_auth(&self, actor: &Actor, action: &AuthAction) -> Result<(), Error> {
        let own = match (actor.user(), action) {
            (_, AuthAction::Authenticate { .. } | AuthAction::Plain(AuthRequest::Status)) => true,
            (Some(user), AuthAction::Plain(AuthRequest::UserGet { name })) => **user == **name,
            (Some(user), AuthAction::Plain(AuthRequest::RoleGet { role })) => {
                self.data.users.get(&**user).is_some_and(|user| user.roles.contains(role))
            }
            _ => false,
        };
        if own { Ok(()) } else { self.permit_admin(actor) }
    }

    /// Applies a committed action other than to authenticate. `header` is that of the response.
    pub(crate) fn apply(
        &mut self,
        action: &AuthAction,
        header: ResponseHeader,
    ) -> Result<AuthResponse, Error> {
        let request = match action {
            AuthAction::Plain(request) => request,
            AuthAction::UserAdd { name, password } => {
                if name.is_empty() {
                    return Err(Error::UserEmpty);
                }
                if self.data.users.contains_key(name) {
                    return Err(Error::UserAlreadyExist);
                }
                let user = User { password: password.clone(), roles: BTreeSet::new() };
                self.data.users.insert(name.clone(), user);
                return Ok(self.changed(AuthResponse::UserAdd { header }));
            }
            AuthAction::UserChangePassword { name, password } => {
                let user = self.data.users.get_mut(name).ok_or(Error::UserNotFound)?;
                // A user without one stays so.
                user.password = user.password.as_ref().map(|_| password.clone());
                return Ok(self.changed(AuthResponse::UserChangePassword { header }));
            }
            AuthAction::Authenticate { .. } => unreachable!("a token is a member's to give"),
        };
        match request {
            AuthRequest::Enable => self.enable().map(|()| AuthResponse::Enable { header }),
            AuthRequest::Disable => {
                if std::mem::take(&mut self.data.enabled) {
                    self.data.revision += 1;
                }
                Ok(AuthResponse::Disable { header })
            }
            AuthRequest::Status => {
                let (enabled, auth_revision) = (self.data.enabled, self.data.revision);
                Ok(AuthResponse::Status { header, enabled, auth_revision })
            }
            AuthRequest::UserGet { name } => {
                let user = self.data.users.get(name).ok_or(Error::UserNotFound)?;
                Ok(AuthResponse::UserGet { header, roles: user.roles.iter().cloned().collect() })
            }
            AuthRequest::UserList => {
                Ok(AuthResponse::UserList { header, users: self.data.users.keys().cloned().collect() })
            }
            AuthRequest::UserDelete { name } => {
                if self.data.enabled && name == ROOT {
                    return Err(Error::InvalidAuthMgmt);
                }
                self.data.users.remove(name).ok_or(Error::UserNotFound)?;
                Ok(self.changed(AuthResponse::UserDelete { header }))
            }
            AuthRequest::UserGrantRole { user, role } => {
                self.grant_role(user, role, AuthResponse::UserGrantRole { header })
            }
            AuthRequest::UserRevokeRole { name, role } => {
                if self.data.enabled && name == ROOT && role == ROOT {
                    return Err(Error::InvalidAuthMgmt);
                }
                let user = self.data.users.get_mut(name).ok_or(Error::UserNotFound)?;
                if !user.roles.remove(role) {
                    return Err(Error::RoleNotGranted);
                }
                Ok(self.changed(AuthResponse::UserRevokeRole { header }))
            }
            AuthRequest::RoleAdd { name } => {
                if name.is_empty() {
                    return Err(Error::RoleEmpty);
                }
                if self.data.roles.contains_key(name) {
                    return Err(Error::RoleAlreadyExist);
                }
                self.data.roles.insert(name.clone(), Role::default());
                Ok(self.changed(AuthResponse::RoleAdd { header }))
            }
            AuthRequest::RoleGet { role } => {
                let found = self.data.roles.get(role).ok_or(Error::RoleNotFound)?;
                let perms = if role == ROOT { vec![everything()] } else { found.permissions().collect() };
                Ok(AuthResponse::RoleGet { header, perms })
            }
            AuthRequest::RoleList => {
                Ok(AuthResponse::RoleList { header, roles: self.data.roles.keys().cloned().collect() })
            }
            AuthRequest::RoleDelete { role } => {
                if self.data.enabled && role == ROOT {
                    return Err(Error::InvalidAuthMgmt);
                }
                self.data.roles.remove(role).ok_or(Error::RoleNotFound)?;
                for user in self.data.users.values_mut() {
                    user.roles.remove(role);
                }
                Ok(self.changed(AuthResponse::RoleDelete { header }))
            }
            AuthRequest::RoleGrantPermission { name, perm } => {
                let Permission { key, range_end, .. } = perm;
                let backwards = !range_end.is_empty() && range_end.as_slice() != [0] && range_end <= key;
                if key.is_empty() || backwards {
                    return Err(Error::InvalidAuthMgmt);
                }
                let role = self.data.roles.get_mut(name).ok_or(Error::RoleNotFound)?;
                role.grant(perm.clone());
                Ok(self.changed(AuthResponse::RoleGrantPermission { header }))
            }
            AuthRequest::RoleRevokePermission { role, key, range_end } => {
                let role = self.data.roles.get_mut(role).ok_or(Error::RoleNotFound)?;
                if !role.revoke(key, range_end) {
                    return Err(Error::PermissionNotGranted);
                }
                Ok(self.changed(AuthResponse::RoleRevokePermission { header }))
            }
            AuthRequest::Authenticate(_)
            | AuthRequest::UserAdd(_)
            | AuthRequest::UserChangePassword { .. } => unreachable!("no password stands in the log"),
        }
    }

    /// Turns auth on. The auth revision stays: no user was recognised before.
    fn enable(&mut self) -> Result<(), Error> {
        let root = self.data.users.get(ROOT);
        if !self.data.enabled {
            let root = root.ok_or(Error::RootUserNotExist)?;
            if !root.is_root() {
                return Err(Error::RootRoleNotExist);
            }
            self.data.enabled = true;
            self.rebuild();
        }
        Ok(())
    }

    /// A role that was given before is given without a change.
    fn grant_role(&mut self, user: &str, role: &str, response: AuthResponse) -> Result<AuthResponse, Error> {
        let exists = role == ROOT || self.data.roles.contains_key(role);
        let user = self.data.users.get_mut(user).ok_or(Error::UserNotFound)?;
        if !exists {
            return Err(Error::RoleNotFound);
        }
        if user.roles.insert(role.to_owned()) { Ok(self.changed(response)) } else { Ok(response) }
    }

    fn changed(&mut self, response: AuthResponse) -> AuthResponse {
        self.data.revision += 1;
        self.rebuild();
        response
    }
}

/// The permission of the role `root`: every key.
fn everything() -> Permission {
    Permission { perm_type: PermissionType::ReadWrite, key: "".into(), range_end: "\0".into() }
}
