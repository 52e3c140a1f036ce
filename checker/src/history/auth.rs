//! The auth API as a client sees it (`api/etcdserverpb/rpc.proto`, service `Auth`). Passwords and tokens are not
//! recorded.

use super::kv::Header;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The access that a permission allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionType {
    /// To read.
    Read,
    /// To write.
    Write,
    /// Both.
    ReadWrite,
}

/// A permission of a role on a range of keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The access that it allows.
    pub perm_type: PermissionType,
    /// The first key.
    pub key: Bytes,
    /// As in a range: empty for one key, `"\0"` for every key from `key` on.
    #[serde(default)]
    pub range_end: Bytes,
}

/// A request about who may do what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum AuthRequest {
    /// From now on only what is permitted is done. Needs the user `root` with the role `root`.
    Enable,
    /// From now on everybody may do everything.
    Disable,
    /// Ask whether it is enabled.
    Status,
    /// Show the password, and get a token for the requests to come.
    Authenticate {
        /// The user.
        name: String,
    },
    /// Make a user, with no role.
    UserAdd {
        /// Its name.
        name: String,
        /// It has no password, and authenticates by other means.
        #[serde(default)]
        no_password: bool,
    },
    /// Ask for the roles of a user.
    UserGet {
        /// Its name.
        name: String,
    },
    /// List the users.
    UserList,
    /// Forget a user.
    UserDelete {
        /// Its name.
        name: String,
    },
    /// Give a user another password.
    UserChangePassword {
        /// Its name.
        name: String,
    },
    /// Give a role to a user.
    UserGrantRole {
        /// The user.
        user: String,
        /// The role.
        role: String,
    },
    /// Take a role from a user.
    UserRevokeRole {
        /// The user.
        name: String,
        /// The role.
        role: String,
    },
    /// Make a role, with no permission.
    RoleAdd {
        /// Its name.
        name: String,
    },
    /// Ask for the permissions of a role.
    RoleGet {
        /// Its name.
        role: String,
    },
    /// List the roles.
    RoleList,
    /// Forget a role, and take it from every user.
    RoleDelete {
        /// Its name.
        role: String,
    },
    /// Give a permission to a role. It replaces one for exactly the same keys.
    RoleGrantPermission {
        /// The role.
        name: String,
        /// The permission.
        perm: Permission,
    },
    /// Take the permission for exactly these keys from a role.
    RoleRevokePermission {
        /// The role.
        role: String,
        /// The first key.
        key: Bytes,
        /// As in a [`Permission`].
        #[serde(default)]
        range_end: Bytes,
    },
}

/// The answer to an [`AuthRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the answer to the request of its name")]
pub enum AuthResponse {
    Enable {
        header: Header,
    },
    Disable {
        header: Header,
    },
    Status {
        header: Header,
        /// True if auth is enabled.
        #[serde(default)]
        enabled: bool,
        /// The auth revision: it counts changes of users, roles and permissions, from 1 for a new store.
        #[serde(default)]
        auth_revision: u64,
    },
    Authenticate {
        header: Header,
    },
    UserAdd {
        header: Header,
    },
    UserGet {
        header: Header,
        /// The roles, in order.
        #[serde(default)]
        roles: Vec<String>,
    },
    UserList {
        header: Header,
        /// The users, in order.
        #[serde(default)]
        users: Vec<String>,
    },
    UserDelete {
        header: Header,
    },
    UserChangePassword {
        header: Header,
    },
    UserGrantRole {
        header: Header,
    },
    UserRevokeRole {
        header: Header,
    },
    RoleAdd {
        header: Header,
    },
    RoleGet {
        header: Header,
        /// The permissions, in order of their keys.
        #[serde(default)]
        perm: Vec<Permission>,
    },
    RoleList {
        header: Header,
        /// The roles, in order.
        #[serde(default)]
        roles: Vec<String>,
    },
    RoleDelete {
        header: Header,
    },
    RoleGrantPermission {
        header: Header,
    },
    RoleRevokePermission {
        header: Header,
    },
}

impl AuthRequest {
    /// True if it can change who may do what.
    pub(crate) fn may_change(&self) -> bool {
        !matches!(
            self,
            AuthRequest::Status
                | AuthRequest::Authenticate { .. }
                | AuthRequest::UserGet { .. }
                | AuthRequest::UserList
                | AuthRequest::RoleGet { .. }
                | AuthRequest::RoleList
        )
    }
}

impl AuthResponse {
    /// The header of the response. Its revision is that of the keys, which no request of this API changes.
    pub fn header(&self) -> &Header {
        match self {
            AuthResponse::Enable { header }
            | AuthResponse::Disable { header }
            | AuthResponse::Status { header, .. }
            | AuthResponse::Authenticate { header }
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

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn header_mut(&mut self) -> &mut Header {
        match self {
            AuthResponse::Enable { header }
            | AuthResponse::Disable { header }
            | AuthResponse::Status { header, .. }
            | AuthResponse::Authenticate { header }
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
