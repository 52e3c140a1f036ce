//! Users in short: `root`, with the role of that name, and `ann`, with write access to `ann` and granted read access.

use super::cluster::Cluster;
use revline_store::api::{
    AuthRequest, AuthResponse, AuthenticateRequest, Permission, PermissionType, Token, UserAddRequest,
};
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;

/// The password of every user.
pub const PASSWORD: &str = "pw";

fn change(cluster: &mut Cluster, request: AuthRequest) {
    let changed = cluster.ask(1, Call::Auth(request.clone()));
    assert!(matches!(changed, Ok(Reply::Auth(_))), "{request:?}: {changed:?}");
}

fn granted(perm_type: PermissionType, key: &str) -> AuthRequest {
    let perm = Permission { perm_type, key: key.into(), range_end: "".into() };
    AuthRequest::RoleGrantPermission { name: "role".into(), perm }
}

/// Creates them, with auth still off.
pub fn set_up(cluster: &mut Cluster) {
    for name in ["root", "ann"] {
        let add = UserAddRequest { name: name.to_owned(), password: PASSWORD.to_owned(), no_password: false };
        change(cluster, AuthRequest::UserAdd(add));
    }
    change(cluster, AuthRequest::RoleAdd { name: "role".into() });
    change(cluster, granted(PermissionType::Write, "ann"));
    change(cluster, AuthRequest::UserGrantRole { user: "root".into(), role: "root".into() });
    change(cluster, AuthRequest::UserGrantRole { user: "ann".into(), role: "role".into() });
}

/// A token that member `member` gave, and all members know after the next tick.
pub fn authenticate(cluster: &mut Cluster, member: MemberId, name: &str) -> Token {
    let request = AuthenticateRequest { name: name.to_owned(), password: PASSWORD.to_owned() };
    let made = cluster.call(member, Call::Auth(AuthRequest::Authenticate(request)));
    if cluster.reply(made).is_none() {
        cluster.ticks(2);
    }
    match cluster.reply(made) {
        Some(Ok(Reply::Auth(AuthResponse::Authenticate { token, .. }))) => token.clone(),
        other => panic!("{name} gets no token: {other:?}"),
    }
}

fn as_root(cluster: &mut Cluster, request: AuthRequest) {
    let root = authenticate(cluster, 1, "root");
    let before = cluster.token.replace(root);
    change(cluster, request);
    cluster.token = before;
}

/// Root lets ann read a key.
pub fn grant_read(cluster: &mut Cluster, key: &str) {
    as_root(cluster, granted(PermissionType::Read, key));
}

/// Root takes that back.
pub fn revoke_read(cluster: &mut Cluster, key: &str) {
    let (key, range_end) = (key.into(), "".into());
    as_root(cluster, AuthRequest::RoleRevokePermission { role: "role".into(), key, range_end });
}
