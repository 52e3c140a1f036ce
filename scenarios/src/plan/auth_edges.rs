//! The requests that an administrator makes in vain, or seldom: names that are empty, users without a password, auth turned off.

use super::PASSWORD;
use super::auth::{ROOT, role_of, user};
use rand::Rng;
use revline_sim::entropy::Generator;
use revline_store::api::{AuthRequest, AuthenticateRequest, Permission, PermissionType, UserAddRequest};
use revline_store::bytes::Bytes;

/// The user that has no password.
const KEYLESS: &str = "keyless";

/// The requests before and after the first user is there: nobody is there who could turn auth on.
pub(super) fn around(add_root: AuthRequest) -> Vec<AuthRequest> {
    let keyless = UserAddRequest { name: KEYLESS.to_owned(), password: String::new(), no_password: true };
    vec![
        AuthRequest::UserList,
        AuthRequest::RoleList,
        AuthRequest::Enable,
        add_root,
        AuthRequest::UserList,
        AuthRequest::Enable,
        AuthRequest::UserAdd(keyless),
    ]
}

/// Requests one after the other, of which the last ones make up for the first.
pub(super) fn changes(generator: &mut Generator, number: u32, users: u32) -> Vec<AuthRequest> {
    let none = String::new;
    let login = |name: &str, password: &str| {
        AuthRequest::Authenticate(AuthenticateRequest {
            name: name.to_owned(),
            password: password.to_owned(),
        })
    };
    let change = match generator.gen_range(0..19) {
        0 | 1 => return vec![AuthRequest::Disable, AuthRequest::UserList, AuthRequest::Enable],
        2 | 3 => {
            let (user, role) = (user(number), role_of((number + 1) % users.max(1)));
            let grant = AuthRequest::UserGrantRole { user: user.clone(), role };
            return vec![grant, AuthRequest::UserGet { name: user }];
        }
        18 => {
            // The administrator's role may not be taken from the administrator, but from anybody else.
            let (name, role) = (user(number), ROOT.to_owned());
            let grant = AuthRequest::UserGrantRole { user: name.clone(), role: role.clone() };
            return vec![grant, AuthRequest::UserRevokeRole { name, role }];
        }
        4 => login(KEYLESS, PASSWORD),
        5 => login(KEYLESS, ""),
        6 => login("", PASSWORD),
        7 => login(ROOT, ""),
        8 => AuthRequest::UserAdd(UserAddRequest { name: none(), password: none(), no_password: false }),
        9 => AuthRequest::UserDelete { name: none() },
        10 => AuthRequest::UserGet { name: none() },
        11 => AuthRequest::UserChangePassword { name: KEYLESS.to_owned(), password: none() },
        12 => AuthRequest::UserGrantRole { user: none(), role: none() },
        13 => AuthRequest::UserRevokeRole { name: none(), role: none() },
        14 => AuthRequest::RoleAdd { name: none() },
        15 => AuthRequest::RoleDelete { role: none() },
        16 => {
            let (key, range_end) = (Bytes::default(), Bytes::default());
            let perm = Permission { perm_type: PermissionType::Read, key, range_end };
            AuthRequest::RoleGrantPermission { name: role_of(number), perm }
        }
        _ => {
            let (key, range_end) = (Bytes::default(), Bytes::default());
            AuthRequest::RoleRevokePermission { role: role_of(number), key, range_end }
        }
    };
    vec![change]
}
