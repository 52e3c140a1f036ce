//! Requests and responses of `etcdserverpb.Auth`: users, roles, and the permissions of roles on keys.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

use super::ResponseHeader;
use crate::bytes::Bytes;

/// The token of an authenticated client (gRPC metadata `token`): it travels with every request.
///
/// It is a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Token(pub Arc<str>);

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

/// A request of the auth service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthRequest {
    /// From now on every request needs an authenticated user. Needs a user `root` that has the role `root`.
    Enable,
    /// From now on every request is permitted.
    Disable,
    /// Asks for the state of auth. Answered to every client.
    Status,
    /// A token for a name and a password.
    Authenticate(AuthenticateRequest),
    /// A new user.
    UserAdd(UserAddRequest),
    /// The roles of a user. Every user may ask for its own.
    UserGet {
        /// The user.
        name: String,
    },
    /// The names of all users.
    UserList,
    /// Forget a user.
    UserDelete {
        /// The user.
        name: String,
    },
    /// A new password for a user; its tokens are no longer valid.
    UserChangePassword {
        /// The user.
        name: String,
        /// The new password.
        password: String,
    },
    /// Give a role to a user.
    UserGrantRole {
        /// The user.
        user: String,
        /// The role, which need not exist if it is `root`.
        role: String,
    },
    /// Take a role from a user.
    UserRevokeRole {
        /// The user.
        name: String,
        /// The role.
        role: String,
    },
    /// A new role, with no permissions.
    RoleAdd {
        /// Its name.
        name: String,
    },
    /// The permissions of a role. Every user may ask for its own roles.
    RoleGet {
        /// The role.
        role: String,
    },
    /// The names of all roles.
    RoleList,
    /// Forget a role, and take it from every user.
    RoleDelete {
        /// The role.
        role: String,
    },
    /// Let a role read or write keys. Replaces the type of its permission for just the same keys.
    RoleGrantPermission {
        /// The role.
        name: String,
        /// The permission to grant.
        perm: Permission,
    },
    /// Take back a permission that was granted for just these keys.
    RoleRevokePermission {
        /// The role.
        role: String,
        /// The first key, as it was granted.
        key: Bytes,
        /// The end, as it was granted.
        range_end: Bytes,
    },
}

/// `etcdserverpb.AuthenticateRequest`
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AuthenticateRequest {
    /// The user.
    pub name: String,
    /// Its password. `Debug` does not show it.
    pub password: String,
}

impl fmt::Debug for AuthenticateRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AuthenticateRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `etcdserverpb.AuthUserAddRequest`
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserAddRequest {
    /// Its name, not empty.
    pub name: String,
    /// Its password. `Debug` does not show it.
    pub password: String,
    /// The user can never authenticate with a password (`UserAddOptions.no_password`; such users come with a
    /// TLS certificate in etcd).
    pub no_password: bool,
}

impl fmt::Debug for UserAddRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UserAddRequest")
            .field("name", &self.name)
            .field("no_password", &self.no_password)
            .finish_non_exhaustive()
    }
}

/// A permission of a role on a range of keys (`authpb.Permission`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// Reading, writing, or both.
    pub perm_type: PermissionType,
    /// The first key, not empty.
    pub key: Bytes,
    /// The end of the range, exclusive: empty for the one key, `"\0"` for all keys from `key` on. Otherwise greater
    /// than `key`.
    pub range_end: Bytes,
}

/// `authpb.Permission.Type`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionType {
    /// Ranges, compares, watches, previous values.
    Read,
    /// Puts and deletes.
    Write,
    /// Both.
    ReadWrite,
}

/// The response to an [`AuthRequest`], of the same kind. The revision of a header is the store's: auth changes do
/// not move it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the header of each is that of the store when it was answered")]
pub enum AuthResponse {
    Enable {
        header: ResponseHeader,
    },
    Disable {
        header: ResponseHeader,
    },
    Status {
        header: ResponseHeader,
        /// True if auth is on.
        enabled: bool,
        /// Goes up by one with every change. 1 at first.
        auth_revision: u64,
    },
    Authenticate {
        header: ResponseHeader,
        /// To be shown with every later request.
        token: Token,
    },
    UserAdd {
        header: ResponseHeader,
    },
    UserGet {
        header: ResponseHeader,
        /// In the order of their names.
        roles: Vec<String>,
    },
    UserList {
        header: ResponseHeader,
        /// In the order of their names.
        users: Vec<String>,
    },
    UserDelete {
        header: ResponseHeader,
    },
    UserChangePassword {
        header: ResponseHeader,
    },
    UserGrantRole {
        header: ResponseHeader,
    },
    UserRevokeRole {
        header: ResponseHeader,
    },
    RoleAdd {
        header: ResponseHeader,
    },
    RoleGet {
        header: ResponseHeader,
        /// In the order of their keys.
        perms: Vec<Permission>,
    },
    RoleList {
        header: ResponseHeader,
        /// In the order of their names.
        roles: Vec<String>,
    },
    RoleDelete {
        header: ResponseHeader,
    },
    RoleGrantPermission {
        header: ResponseHeader,
    },
    RoleRevokePermission {
        header: ResponseHeader,
    },
}

impl AuthResponse {
    /// The header, for the responding member to fill in.
    pub fn header_mut(&mut self) -> &mut ResponseHeader {
        match self {
            AuthResponse::Enable { header }
            | AuthResponse::Disable { header }
            | AuthResponse::Status { header, .. }
            | AuthResponse::Authenticate { header, .. }
            | AuthResponse::UserAdd { header }
            | AuthResponse::UserGet { header, .. }
            | AuthResponse::UserList { header, .. }
            | AuthResponse::UserDelete { header }
            | AuthResponse::UserChangePassword { header }
            | AuthResponse::UserGrantRole { header }
            | AuthResponse::UserRevokeRole { header }
            | AuthResponse::RoleAdd { header }
            | AuthResponse::RoleGet { header, .. }
            | AuthResponse::RoleList { header, .. }
            | AuthResponse::RoleDelete { header }
            | AuthResponse::RoleGrantPermission { header }
            | AuthResponse::RoleRevokePermission { header } => header,
        }
    }
}
