//! Requests about who may do what, and their answers.

use super::header;
use crate::history::*;

/// A request about who may do what.
pub fn auth(request: AuthRequest) -> Request {
    Request::Auth(request)
}

/// The answer to one that changed what it asked to change, at a revision of the keys.
///
/// ```
/// use revline_checker::history::build::*;
/// use revline_checker::history::{AuthRequest, PermissionType};
/// use revline_checker::judge::Judge;
///
/// let mut history = Builder::default();
/// for request in [
///     user_add("root"),
///     user_grant_role("root", "root"),
///     user_add("u"),
///     role_add("reader"),
///     role_grant("reader", PermissionType::Read, "a", "c"),
///     user_grant_role("u", "reader"),
///     auth(AuthRequest::Enable),
/// ] {
///     let response = changed(1, &request);
///     history.ok(0, request, response);
/// }
/// // The role loses its permission, or the user the role: then `u` may not read `a` any more.
/// for request in [role_revoke("reader", "a", "c"), user_revoke_role("u", "reader")] {
///     let mut history = history.clone();
///     let response = changed(1, &request);
///     let revoked = history.ok(0, request, response);
///     history.by_user(revoked, "root");
///     let read = history.ok(1, get("a"), ranged(1, []));
///     history.by_user(read, "u");
///     let verdicts = Judge::new(&history.build()).run();
///     assert!(verdicts.get("auth-enforced").is_some_and(|verdict| verdict.evidence().is_some()));
/// }
/// ```
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
