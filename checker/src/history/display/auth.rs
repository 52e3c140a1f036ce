//! Requests and responses of auth as one line of text.

use super::{Span, list};
use crate::history::{AuthRequest, AuthResponse, Permission, PermissionType};
use std::fmt::{Display, Formatter, Result};

impl Display for Permission {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let allowed = match self.perm_type {
            PermissionType::Read => "read",
            PermissionType::Write => "write",
            PermissionType::ReadWrite => "read and write",
        };
        write!(f, "{allowed} {}", Span(&self.key, &self.range_end))
    }
}

impl Display for AuthRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AuthRequest::Enable => f.write_str("enable auth"),
            AuthRequest::Disable => f.write_str("disable auth"),
            AuthRequest::Status => f.write_str("auth status"),
            AuthRequest::Authenticate { name } => write!(f, "authenticate as {name}"),
            AuthRequest::UserAdd { name, .. } => write!(f, "add user {name}"),
            AuthRequest::UserGet { name } => write!(f, "get user {name}"),
            AuthRequest::UserList => f.write_str("list users"),
            AuthRequest::UserDelete { name } => write!(f, "delete user {name}"),
            AuthRequest::UserChangePassword { name } => write!(f, "change the password of user {name}"),
            AuthRequest::UserGrantRole { user, role } => write!(f, "grant role {role} to user {user}"),
            AuthRequest::UserRevokeRole { name, role } => write!(f, "revoke role {role} from user {name}"),
            AuthRequest::RoleAdd { name } => write!(f, "add role {name}"),
            AuthRequest::RoleGet { role } => write!(f, "get role {role}"),
            AuthRequest::RoleList => f.write_str("list roles"),
            AuthRequest::RoleDelete { role } => write!(f, "delete role {role}"),
            AuthRequest::RoleGrantPermission { name, perm } => write!(f, "let role {name} {perm}"),
            AuthRequest::RoleRevokePermission { role, key, range_end } => {
                write!(f, "revoke from role {role} what it may do with {}", Span(key, range_end))
            }
        }
    }
}

impl Display for AuthResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AuthResponse::Status { enabled, auth_revision, .. } => {
                let enabled = if *enabled { "enabled" } else { "disabled" };
                write!(f, "{enabled}, auth revision {auth_revision}")
            }
            AuthResponse::UserList { users: names, .. }
            | AuthResponse::UserGet { roles: names, .. }
            | AuthResponse::RoleList { roles: names, .. } => {
                f.write_str("{")?;
                list(f, names)?;
                f.write_str("}")
            }
            AuthResponse::RoleGet { perm, .. } => {
                f.write_str("may {")?;
                list(f, perm)?;
                f.write_str("}")
            }
            _ => f.write_str("done"),
        }
    }
}
