//! Users, roles and permissions. Passwords and tokens stay behind.

use super::{bytes, header};
use revline_checker::history as judged;
use revline_checker::history::{AuthRequest, AuthResponse};
use revline_store::api as store;

pub(super) fn request(request: &store::AuthRequest) -> AuthRequest {
    use store::AuthRequest as Asked;
    match request {
        Asked::Enable => AuthRequest::Enable,
        Asked::Disable => AuthRequest::Disable,
        Asked::Status => AuthRequest::Status,
        Asked::Authenticate(request) => AuthRequest::Authenticate { name: request.name.clone() },
        Asked::UserAdd(user) => {
            AuthRequest::UserAdd { name: user.name.clone(), no_password: user.no_password }
        }
        Asked::UserGet { name } => AuthRequest::UserGet { name: name.clone() },
        Asked::UserList => AuthRequest::UserList,
        Asked::UserDelete { name } => AuthRequest::UserDelete { name: name.clone() },
        Asked::UserChangePassword { name, .. } => AuthRequest::UserChangePassword { name: name.clone() },
        Asked::UserGrantRole { user, role } => {
            AuthRequest::UserGrantRole { user: user.clone(), role: role.clone() }
        }
        Asked::UserRevokeRole { name, role } => {
            AuthRequest::UserRevokeRole { name: name.clone(), role: role.clone() }
        }
        Asked::RoleAdd { name } => AuthRequest::RoleAdd { name: name.clone() },
        Asked::RoleGet { role } => AuthRequest::RoleGet { role: role.clone() },
        Asked::RoleList => AuthRequest::RoleList,
        Asked::RoleDelete { role } => AuthRequest::RoleDelete { role: role.clone() },
        Asked::RoleGrantPermission { name, perm } => {
            AuthRequest::RoleGrantPermission { name: name.clone(), perm: permission(perm) }
        }
        Asked::RoleRevokePermission { role, key, range_end } => AuthRequest::RoleRevokePermission {
            role: role.clone(),
            key: bytes(key),
            range_end: bytes(range_end),
        },
    }
}

pub(super) fn response(response: &store::AuthResponse) -> AuthResponse {
    use store::AuthResponse as Answered;
    match response {
        Answered::Enable { header: of } => AuthResponse::Enable { header: header(of) },
        Answered::Disable { header: of } => AuthResponse::Disable { header: header(of) },
        Answered::Status { header: of, enabled, auth_revision } => {
            AuthResponse::Status { header: header(of), enabled: *enabled, auth_revision: *auth_revision }
        }
        Answered::Authenticate { header: of, .. } => AuthResponse::Authenticate { header: header(of) },
        Answered::UserAdd { header: of } => AuthResponse::UserAdd { header: header(of) },
        Answered::UserGet { header: of, roles } => {
            AuthResponse::UserGet { header: header(of), roles: roles.clone() }
        }
        Answered::UserList { header: of, users } => {
            AuthResponse::UserList { header: header(of), users: users.clone() }
        }
        Answered::UserDelete { header: of } => AuthResponse::UserDelete { header: header(of) },
        Answered::UserChangePassword { header: of } => {
            AuthResponse::UserChangePassword { header: header(of) }
        }
        Answered::UserGrantRole { header: of } => AuthResponse::UserGrantRole { header: header(of) },
        Answered::UserRevokeRole { header: of } => AuthResponse::UserRevokeRole { header: header(of) },
        Answered::RoleAdd { header: of } => AuthResponse::RoleAdd { header: header(of) },
        Answered::RoleGet { header: of, perms } => {
            AuthResponse::RoleGet { header: header(of), perm: perms.iter().map(permission).collect() }
        }
        Answered::RoleList { header: of, roles } => {
            AuthResponse::RoleList { header: header(of), roles: roles.clone() }
        }
        Answered::RoleDelete { header: of } => AuthResponse::RoleDelete { header: header(of) },
        Answered::RoleGrantPermission { header: of } => {
            AuthResponse::RoleGrantPermission { header: header(of) }
        }
        Answered::RoleRevokePermission { header: of } => {
            AuthResponse::RoleRevokePermission { header: header(of) }
        }
    }
}

fn permission(perm: &store::Permission) -> judged::Permission {
    let perm_type = match perm.perm_type {
        store::PermissionType::Read => judged::PermissionType::Read,
        store::PermissionType::Write => judged::PermissionType::Write,
        store::PermissionType::ReadWrite => judged::PermissionType::ReadWrite,
    };
    judged::Permission { perm_type, key: bytes(&perm.key), range_end: bytes(&perm.range_end) }
}
