//! Users, roles and permissions.

use revline_store::api;
use revline_store::api::{AuthRequest, AuthResponse, PermissionType};

use super::one_of::{requests, responses};
use super::{Unconvertible, header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::authpb::permission::Type;
use crate::proto::{authpb, etcdserverpb};

requests! { AuthRequest {
    AuthEnableRequest {} = Enable;
    AuthDisableRequest {} = Disable;
    AuthStatusRequest {} = Status;
    AuthUserGetRequest { name } = UserGet;
    AuthUserListRequest {} = UserList;
    AuthUserDeleteRequest { name } = UserDelete;
    AuthUserGrantRoleRequest { user, role } = UserGrantRole;
    AuthUserRevokeRoleRequest { name, role } = UserRevokeRole;
    AuthRoleAddRequest { name } = RoleAdd;
    AuthRoleGetRequest { role } = RoleGet;
    AuthRoleListRequest {} = RoleList;
    AuthRoleDeleteRequest { role } = RoleDelete;
} }

responses! { AuthResponse {
    AuthEnableResponse {} = Enable;
    AuthDisableResponse {} = Disable;
    AuthStatusResponse { enabled, auth_revision } = Status;
    AuthUserAddResponse {} = UserAdd;
    AuthUserGetResponse { roles } = UserGet;
    AuthUserListResponse { users } = UserList;
    AuthUserDeleteResponse {} = UserDelete;
    AuthUserChangePasswordResponse {} = UserChangePassword;
    AuthUserGrantRoleResponse {} = UserGrantRole;
    AuthUserRevokeRoleResponse {} = UserRevokeRole;
    AuthRoleAddResponse {} = RoleAdd;
    AuthRoleListResponse { roles } = RoleList;
    AuthRoleDeleteResponse {} = RoleDelete;
    AuthRoleGrantPermissionResponse {} = RoleGrantPermission;
    AuthRoleRevokePermissionResponse {} = RoleRevokePermission;
} }

impl From<etcdserverpb::AuthenticateRequest> for AuthRequest {
    fn from(request: etcdserverpb::AuthenticateRequest) -> Self {
        let etcdserverpb::AuthenticateRequest { name, password } = request;
        AuthRequest::Authenticate(api::AuthenticateRequest { name, password })
    }
}

impl TryFrom<AuthRequest> for etcdserverpb::AuthenticateRequest {
    type Error = Unconvertible;

    fn try_from(request: AuthRequest) -> Result<Self, Unconvertible> {
        let AuthRequest::Authenticate(api::AuthenticateRequest { name, password }) = request else {
            return Err(Unconvertible::OtherKind("AuthenticateRequest"));
        };
        Ok(etcdserverpb::AuthenticateRequest { name, password })
    }
}

/// The field `hashedPassword` is not read: etcd's members fill it for each other, and overwrite that of a client
/// (`etcdserver/v3_server.go`, `UserAdd`).
impl From<etcdserverpb::AuthUserAddRequest> for AuthRequest {
    fn from(request: etcdserverpb::AuthUserAddRequest) -> Self {
        AuthRequest::UserAdd(api::UserAddRequest {
            name: request.name,
            password: request.password,
            no_password: request.options.is_some_and(|options| options.no_password),
        })
    }
}

impl TryFrom<AuthRequest> for etcdserverpb::AuthUserAddRequest {
    type Error = Unconvertible;

    fn try_from(request: AuthRequest) -> Result<Self, Unconvertible> {
        let AuthRequest::UserAdd(api::UserAddRequest { name, password, no_password }) = request else {
            return Err(Unconvertible::OtherKind("AuthUserAddRequest"));
        };
        let options = Some(authpb::UserAddOptions { no_password });
        Ok(etcdserverpb::AuthUserAddRequest { name, password, options, hashed_password: String::new() })
    }
}

/// The field `hashedPassword` is not read, as in a request to add a user.
impl From<etcdserverpb::AuthUserChangePasswordRequest> for AuthRequest {
    fn from(request: etcdserverpb::AuthUserChangePasswordRequest) -> Self {
        AuthRequest::UserChangePassword { name: request.name, password: request.password }
    }
}

impl TryFrom<AuthRequest> for etcdserverpb::AuthUserChangePasswordRequest {
    type Error = Unconvertible;

    fn try_from(request: AuthRequest) -> Result<Self, Unconvertible> {
        let AuthRequest::UserChangePassword { name, password } = request else {
            return Err(Unconvertible::OtherKind("AuthUserChangePasswordRequest"));
        };
        Ok(etcdserverpb::AuthUserChangePasswordRequest { name, password, hashed_password: String::new() })
    }
}

/// A number that names no kind of permission is refused; etcd stores it, and grants nothing by it
/// (`server/auth/range_perm_cache.go`, `getMergedPerms`).
impl TryFrom<authpb::Permission> for api::Permission {
    type Error = Unconvertible;

    fn try_from(permission: authpb::Permission) -> Result<Self, Unconvertible> {
        let perm_type = match Type::try_from(permission.perm_type) {
            Ok(Type::Read) => PermissionType::Read,
            Ok(Type::Write) => PermissionType::Write,
            Ok(Type::Readwrite) => PermissionType::ReadWrite,
            Err(_) => {
                let number = permission.perm_type;
                return Err(Unconvertible::UnknownNumber { name: "Permission.Type", number });
            }
        };
        let (key, range_end) = (to_store(permission.key), to_store(permission.range_end));
        Ok(api::Permission { perm_type, key, range_end })
    }
}

impl From<api::Permission> for authpb::Permission {
    fn from(permission: api::Permission) -> Self {
        let perm_type = match permission.perm_type {
            PermissionType::Read => Type::Read,
            PermissionType::Write => Type::Write,
            PermissionType::ReadWrite => Type::Readwrite,
        };
        authpb::Permission {
            perm_type: perm_type.into(),
            key: to_wire(permission.key),
            range_end: to_wire(permission.range_end),
        }
    }
}

impl TryFrom<etcdserverpb::AuthRoleGrantPermissionRequest> for AuthRequest {
    type Error = Unconvertible;

    fn try_from(request: etcdserverpb::AuthRoleGrantPermissionRequest) -> Result<Self, Unconvertible> {
        let perm = request.perm.ok_or(Unconvertible::PermissionNotGiven)?;
        Ok(AuthRequest::RoleGrantPermission { name: request.name, perm: perm.try_into()? })
    }
}

impl TryFrom<AuthRequest> for etcdserverpb::AuthRoleGrantPermissionRequest {
    type Error = Unconvertible;

    fn try_from(request: AuthRequest) -> Result<Self, Unconvertible> {
        let AuthRequest::RoleGrantPermission { name, perm } = request else {
            return Err(Unconvertible::OtherKind("AuthRoleGrantPermissionRequest"));
        };
        Ok(etcdserverpb::AuthRoleGrantPermissionRequest { name, perm: Some(perm.into()) })
    }
}

impl From<etcdserverpb::AuthRoleRevokePermissionRequest> for AuthRequest {
    fn from(request: etcdserverpb::AuthRoleRevokePermissionRequest) -> Self {
        AuthRequest::RoleRevokePermission {
            role: request.role,
            key: to_store(request.key),
            range_end: to_store(request.range_end),
        }
    }
}

impl TryFrom<AuthRequest> for etcdserverpb::AuthRoleRevokePermissionRequest {
    type Error = Unconvertible;

    fn try_from(request: AuthRequest) -> Result<Self, Unconvertible> {
        let AuthRequest::RoleRevokePermission { role, key, range_end } = request else {
            return Err(Unconvertible::OtherKind("AuthRoleRevokePermissionRequest"));
        };
        let (key, range_end) = (to_wire(key), to_wire(range_end));
        Ok(etcdserverpb::AuthRoleRevokePermissionRequest { role, key, range_end })
    }
}

impl From<etcdserverpb::AuthenticateResponse> for AuthResponse {
    fn from(response: etcdserverpb::AuthenticateResponse) -> Self {
        let token = api::Token(response.token.into());
        AuthResponse::Authenticate { header: header_to_store(response.header), token }
    }
}

impl TryFrom<AuthResponse> for etcdserverpb::AuthenticateResponse {
    type Error = Unconvertible;

    fn try_from(response: AuthResponse) -> Result<Self, Unconvertible> {
        let AuthResponse::Authenticate { header, token } = response else {
            return Err(Unconvertible::OtherKind("AuthenticateResponse"));
        };
        let token = token.0.as_ref().to_owned();
        Ok(etcdserverpb::AuthenticateResponse { header: header_to_wire(header), token })
    }
}

impl TryFrom<etcdserverpb::AuthRoleGetResponse> for AuthResponse {
    type Error = Unconvertible;

    fn try_from(response: etcdserverpb::AuthRoleGetResponse) -> Result<Self, Unconvertible> {
        let perms = response.perm.into_iter().map(api::Permission::try_from).collect::<Result<_, _>>()?;
        Ok(AuthResponse::RoleGet { header: header_to_store(response.header), perms })
    }
}

impl TryFrom<AuthResponse> for etcdserverpb::AuthRoleGetResponse {
    type Error = Unconvertible;

    fn try_from(response: AuthResponse) -> Result<Self, Unconvertible> {
        let AuthResponse::RoleGet { header, perms } = response else {
            return Err(Unconvertible::OtherKind("AuthRoleGetResponse"));
        };
        let perm = perms.into_iter().map(Into::into).collect();
        Ok(etcdserverpb::AuthRoleGetResponse { header: header_to_wire(header), perm })
    }
}
