//! The auth service in words:
//!
//! ```text
//! auth-enable | auth-disable | auth-status
//! authenticate USER PASSWORD                        the token is kept for `as USER`
//! user-add USER [PASSWORD] | user-get USER | user-list | user-delete USER | user-password USER PASSWORD
//! user-grant-role USER ROLE | user-revoke-role USER ROLE
//! role-add ROLE | role-get ROLE | role-list | role-delete ROLE
//! role-grant ROLE read|write|readwrite KEY [END] | role-revoke ROLE KEY [END]
//! ```
//! A user without a password is one that can never authenticate with one. `_` is a name without letters.

use revline_store::api::{
    AuthRequest, AuthResponse, AuthenticateRequest, Permission, PermissionType, UserAddRequest,
};

use crate::parse::{Result, Words};
use crate::show;

fn name(words: &Words<'_>, at: usize) -> Result<String> {
    words.place(at).map(|word| if word == "_" { String::new() } else { word.to_owned() })
}

/// The request, if it is one of this service.
pub fn request(words: &Words<'_>) -> Result<Option<AuthRequest>> {
    let name = |at| name(words, at);
    let end = |placed| words.end(placed);
    Ok(Some(match words.place(0)? {
        "auth-enable" => AuthRequest::Enable,
        "auth-disable" => AuthRequest::Disable,
        "auth-status" => AuthRequest::Status,
        "authenticate" => {
            end(3)?;
            AuthRequest::Authenticate(AuthenticateRequest { name: name(1)?, password: name(2)? })
        }
        "user-add" => {
            end(3)?;
            let password = words.place(2).ok();
            let no_password = password.is_none();
            let password = password.unwrap_or_default().to_owned();
            AuthRequest::UserAdd(UserAddRequest { name: name(1)?, password, no_password })
        }
        "user-get" => AuthRequest::UserGet { name: name(1)? },
        "user-list" => AuthRequest::UserList,
        "user-delete" => AuthRequest::UserDelete { name: name(1)? },
        "user-password" => AuthRequest::UserChangePassword { name: name(1)?, password: name(2)? },
        "user-grant-role" => AuthRequest::UserGrantRole { user: name(1)?, role: name(2)? },
        "user-revoke-role" => AuthRequest::UserRevokeRole { name: name(1)?, role: name(2)? },
        "role-add" => AuthRequest::RoleAdd { name: name(1)? },
        "role-get" => AuthRequest::RoleGet { role: name(1)? },
        "role-list" => AuthRequest::RoleList,
        "role-delete" => AuthRequest::RoleDelete { role: name(1)? },
        "role-grant" => {
            let perm_type = match words.place(2)? {
                "read" => PermissionType::Read,
                "write" => PermissionType::Write,
                "readwrite" => PermissionType::ReadWrite,
                other => return Err(format!("unknown permission `{other}`")),
            };
            let (key, range_end) = (words.bytes(3)?, words.range_end(4)?);
            AuthRequest::RoleGrantPermission {
                name: name(1)?,
                perm: Permission { perm_type, key, range_end },
            }
        }
        "role-revoke" => {
            let (key, range_end) = (words.bytes(2)?, words.range_end(3)?);
            AuthRequest::RoleRevokePermission { role: name(1)?, key, range_end }
        }
        _ => return Ok(None),
    }))
}

/// The answer. Of most there is only a revision to show.
pub fn show(mut response: AuthResponse) -> Vec<String> {
    let revision = response.header_mut().revision;
    let listed =
        |what: &str, names: &[String]| vec![format!("{what}: {}", names.join(" ")).trim_end().to_owned()];
    match &response {
        AuthResponse::Status { enabled, auth_revision, .. } => {
            vec![format!("{}, auth revision {auth_revision}", if *enabled { "on" } else { "off" })]
        }
        AuthResponse::Authenticate { .. } => vec!["a token".to_owned()],
        AuthResponse::UserGet { roles, .. } => listed("roles", roles),
        AuthResponse::UserList { users, .. } => listed("users", users),
        AuthResponse::RoleList { roles, .. } => listed("roles", roles),
        AuthResponse::RoleGet { perms, .. } => {
            let line = |perm: &Permission| {
                let (key, end) = (show::bytes(&perm.key), show::bytes(&perm.range_end));
                format!("  {:?} {key} {end}", perm.perm_type)
            };
            std::iter::once(format!("{} permissions", perms.len())).chain(perms.iter().map(line)).collect()
        }
        _ => vec![format!("revision {revision}")],
    }
}
