//! Users, roles and permissions.

use proptest::collection::vec;
use proptest::prelude::*;
use revline_store::api::{
    AuthRequest, AuthResponse, AuthenticateRequest, Permission, PermissionType, Token, UserAddRequest,
};

use super::{bytes, header, id, text};

fn permission() -> BoxedStrategy<Permission> {
    let perm_type =
        prop_oneof![Just(PermissionType::Read), Just(PermissionType::Write), Just(PermissionType::ReadWrite)];
    (perm_type, bytes(), bytes())
        .prop_map(|(perm_type, key, range_end)| Permission { perm_type, key, range_end })
        .boxed()
}

pub fn auth_request() -> BoxedStrategy<AuthRequest> {
    prop_oneof![
        Just(AuthRequest::Enable),
        Just(AuthRequest::Disable),
        Just(AuthRequest::Status),
        Just(AuthRequest::UserList),
        Just(AuthRequest::RoleList),
        (text(), text()).prop_map(|(name, password)| {
            AuthRequest::Authenticate(AuthenticateRequest { name, password })
        }),
        (text(), text(), any::<bool>()).prop_map(|(name, password, no_password)| {
            AuthRequest::UserAdd(UserAddRequest { name, password, no_password })
        }),
        text().prop_map(|name| AuthRequest::UserGet { name }),
        text().prop_map(|name| AuthRequest::UserDelete { name }),
        (text(), text()).prop_map(|(name, password)| AuthRequest::UserChangePassword { name, password }),
        (text(), text()).prop_map(|(user, role)| AuthRequest::UserGrantRole { user, role }),
        (text(), text()).prop_map(|(name, role)| AuthRequest::UserRevokeRole { name, role }),
        text().prop_map(|name| AuthRequest::RoleAdd { name }),
        text().prop_map(|role| AuthRequest::RoleGet { role }),
        text().prop_map(|role| AuthRequest::RoleDelete { role }),
        (text(), permission()).prop_map(|(name, perm)| AuthRequest::RoleGrantPermission { name, perm }),
        (text(), bytes(), bytes()).prop_map(|(role, key, range_end)| {
            AuthRequest::RoleRevokePermission { role, key, range_end }
        }),
    ]
    .boxed()
}

pub fn auth_response() -> BoxedStrategy<AuthResponse> {
    let names = || vec(text(), 0..4);
    prop_oneof![
        header().prop_map(|header| AuthResponse::Enable { header }),
        header().prop_map(|header| AuthResponse::Disable { header }),
        (header(), any::<bool>(), id()).prop_map(|(header, enabled, auth_revision)| {
            AuthResponse::Status { header, enabled, auth_revision }
        }),
        (header(), text()).prop_map(|(header, token)| {
            AuthResponse::Authenticate { header, token: Token(token.into()) }
        }),
        header().prop_map(|header| AuthResponse::UserAdd { header }),
        (header(), names()).prop_map(|(header, roles)| AuthResponse::UserGet { header, roles }),
        (header(), names()).prop_map(|(header, users)| AuthResponse::UserList { header, users }),
        header().prop_map(|header| AuthResponse::UserDelete { header }),
        header().prop_map(|header| AuthResponse::UserChangePassword { header }),
        header().prop_map(|header| AuthResponse::UserGrantRole { header }),
        header().prop_map(|header| AuthResponse::UserRevokeRole { header }),
        header().prop_map(|header| AuthResponse::RoleAdd { header }),
        (header(), vec(permission(), 0..4))
            .prop_map(|(header, perms)| AuthResponse::RoleGet { header, perms }),
        (header(), names()).prop_map(|(header, roles)| AuthResponse::RoleList { header, roles }),
        header().prop_map(|header| AuthResponse::RoleDelete { header }),
        header().prop_map(|header| AuthResponse::RoleGrantPermission { header }),
        header().prop_map(|header| AuthResponse::RoleRevokePermission { header }),
    ]
    .boxed()
}
