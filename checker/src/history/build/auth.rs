//! Requests about who may do what, and their answers.

use super::header;
use crate::history::*;

/// A request about who may do what.
pub fn auth(request: AuthRequest) -> Request {
    Request::Auth(request)
}

/// The answer to one that changed what it asked to change, at a revision of the keys.
///
/// # Panics
///
/// If the request only asks a question, whose answer says more.
pub fn changed(revision: Revision, request: &Request) -> Response {
    let header = header(revision);
    let Request::Auth(request) = request else { panic!("{request} is not about who may do what") };
    Response::Auth(match request {
        AuthRequest::Enable => AuthResponse::Enable { header },
        AuthRequest::Disable => AuthResponse::Disable { header },
        AuthRequest::Authenticate { .. } => AuthResponse::Authenticate { header },
        AuthRequest::UserAdd { .. } => AuthResponse::UserAdd { header },
        AuthRequest::UserDelete { .. } => AuthResponse::UserDelete { header },
        AuthRequest::UserChangePassword { .. } => AuthResponse::UserChangePassword { header },
        AuthRequest::UserGrantRole { .. } => AuthResponse::UserGrantRole { header },
        AuthRequest::UserRevokeRole { .. } => AuthResponse::UserRevokeRole { header },
        AuthRequest::RoleAdd { .. } => AuthResponse::RoleAdd { header },
        AuthRequest::RoleDelete { .. } => AuthResponse::RoleDelete { header },
        AuthRequest::RoleGrantPermission { .. } => AuthResponse::RoleGrantPermission { header },
        AuthRequest::RoleRevokePermission { .. } => AuthResponse::RoleRevokePermission { header },
        AuthRequest::Status
        | AuthRequest::UserGet { .. }
        | AuthRequest::UserList
        | AuthRequest::RoleGet { .. }
        | AuthRequest::RoleList => panic!("{request} changes nothing"),
    })
}

/// Make a user.
pub fn user_add(name: &str) -> Request {
    auth(AuthRequest::UserAdd { name: name.to_owned(), no_password: false })
}

/// Make a role.
pub fn role_add(name: &str) -> Request {
    auth(AuthRequest::RoleAdd { name: name.to_owned() })
}

/// Give a role to a user.
pub fn user_grant_role(user: &str, role: &str) -> Request {
    auth(AuthRequest::UserGrantRole { user: user.to_owned(), role: role.to_owned() })
}

/// Take a role from a user.
pub fn user_revoke_role(user: &str, role: &str) -> Request {
    auth(AuthRequest::UserRevokeRole { name: user.to_owned(), role: role.to_owned() })
}

/// Let a role do something with the keys in `[key, end)`.
pub fn role_grant(role: &str, perm_type: PermissionType, key: &str, end: &str) -> Request {
    let perm = Permission { perm_type, key: key.into(), range_end: end.into() };
    auth(AuthRequest::RoleGrantPermission { name: role.to_owned(), perm })
}

/// Take from a role what it may do with the keys in exactly `[key, end)`.
pub fn role_revoke(role: &str, key: &str, end: &str) -> Request {
    auth(AuthRequest::RoleRevokePermission { role: role.to_owned(), key: key.into(), range_end: end.into() })
}
