//! The auth service: users, roles, permissions, and clients that are users.

use crate::stage::{Answer, Stage, in_each_trouble, refusal};
use etcd_client::{
    Client, ConnectOptions, Error, GetOptions, Permission, PermissionType, RoleRevokePermissionOptions,
    UserAddOptions,
};
use revline::TestError;
use revline::prelude::*;
use std::fmt;

/// Makes a change, which an attempt before may have made: then it is refused with `done`.
async fn change<T: fmt::Debug>(
    stage: &Stage,
    done: &str,
    call: impl AsyncFnMut(&mut Client) -> Result<T, Error>,
) -> Result<(), Error> {
    match stage.call(call).await {
        Ok(_) => Ok(()),
        Err(error) if stage.is_calm() => Err(error),
        Err(error) => {
            assert_eq!(refusal::<T>(Err(error)), done);
            Ok(())
        }
    }
}

const USER_IS_THERE: &str = "etcdserver: user name already exists";
const ROLE_IS_THERE: &str = "etcdserver: role name already exists";
const NO_USER: &str = "etcdserver: user name not found";
const NO_ROLE: &str = "etcdserver: role name not found";
const NO_GRANT: &str = "etcdserver: role is not granted to the user";
const NO_PERMISSION: &str = "etcdserver: permission is not granted to the role";
const OLD_REVISION: &str = "etcdserver: revision of auth store is old";
const DENIED: &str = "etcdserver: permission denied";

#[test]
fn a_role_has_permissions() {
    in_each_trouble("role", |stage| async move {
        change(&stage, ROLE_IS_THERE, async |etcd| etcd.role_add("r").await).await?;
        stage.trouble().await?;
        let permissions = || {
            [
                Permission::read("123"),
                Permission::write("abc").with_from_key(),
                Permission::read_write("hi").with_range_end("hjj"),
                Permission::new(PermissionType::Write, "pp").with_prefix(),
                Permission::new(PermissionType::Read, "xyz").with_all_keys(),
            ]
        };
        for permission in permissions() {
            let grant = async |etcd: &mut Client| etcd.role_grant_permission("r", permission.clone()).await;
            stage.call(grant).await?;
        }
        let role = stage.call(async |etcd| etcd.role_get("r").await).await?;
        for permission in permissions() {
            assert!(role.permissions().contains(&permission), "{permission:?} in {role:?}");
        }
        assert_eq!(role.permissions().len(), 5);
        let revocations = || {
            [
                ("123", RoleRevokePermissionOptions::new()),
                ("abc", RoleRevokePermissionOptions::new().with_from_key()),
                ("hi", RoleRevokePermissionOptions::new().with_range_end("hjj")),
                ("pp", RoleRevokePermissionOptions::new().with_prefix()),
                ("xyz", RoleRevokePermissionOptions::new().with_all_keys()),
            ]
        };
        for (key, options) in revocations() {
            let revoke =
                async |etcd: &mut Client| etcd.role_revoke_permission("r", key, Some(options.clone())).await;
            change(&stage, NO_PERMISSION, revoke).await?;
        }
        let role = stage.call(async |etcd| etcd.role_get("r").await).await?;
        assert!(role.permissions().is_empty(), "{role:?}");
        let roles = stage.call(async |etcd| etcd.role_list().await).await?;
        assert_eq!(roles.roles(), ["r"]);
        change(&stage, NO_ROLE, async |etcd| etcd.role_delete("r").await).await?;
        assert_eq!(refusal(stage.call(async |etcd| etcd.role_get("r").await).await), NO_ROLE);
        Ok(())
    });
}

#[test]
fn a_user_has_roles() {
    in_each_trouble("user", |stage| async move {
        stage.trouble().await?;
        let without = || Some(UserAddOptions::new().with_no_pwd());
        change(&stage, USER_IS_THERE, async |etcd| etcd.user_add("a", "pwd", None).await).await?;
        change(&stage, USER_IS_THERE, async |etcd| etcd.user_add("b", "", without()).await).await?;
        let again = stage.call(async |etcd| etcd.user_add("a", "pwd", None).await).await;
        assert_eq!(refusal(again), USER_IS_THERE);
        let empty = stage.call(async |etcd| etcd.user_add("", "pwd", None).await).await;
        assert_eq!(refusal(empty), "etcdserver: user name is empty");
        for role in ["r1", "r2"] {
            change(&stage, ROLE_IS_THERE, async |etcd| etcd.role_add(role).await).await?;
            stage.call(async |etcd| etcd.user_grant_role("a", role).await).await?;
        }
        let user = stage.call(async |etcd| etcd.user_get("a").await).await?;
        assert_eq!(user.roles(), ["r1", "r2"]);
        let users = stage.call(async |etcd| etcd.user_list().await).await?;
        assert_eq!(users.users(), ["a", "b"]);
        stage.call(async |etcd| etcd.user_change_password("a", "other").await).await?;
        change(&stage, NO_GRANT, async |etcd| etcd.user_revoke_role("a", "r1").await).await?;
        let user = stage.call(async |etcd| etcd.user_get("a").await).await?;
        assert_eq!(user.roles(), ["r2"]);
        change(&stage, NO_USER, async |etcd| etcd.user_delete("b").await).await?;
        assert_eq!(refusal(stage.call(async |etcd| etcd.user_get("b").await).await), NO_USER);
        let no_role = stage.call(async |etcd| etcd.user_grant_role("a", "none").await).await;
        assert_eq!(refusal(no_role), NO_ROLE);
        Ok(())
    });
}

/// A root, and a user that may read and write what begins with `own/`.
async fn enable(stage: &Stage) -> Result<(), TestError> {
    for (user, password) in [("root", "rootpwd"), ("u", "pwd")] {
        stage.call(async |etcd| etcd.user_add(user, password, None).await).await?;
    }
    for role in ["root", "own"] {
        stage.call(async |etcd| etcd.role_add(role).await).await?;
    }
    let own = || Permission::read_write("own/").with_prefix();
    stage.call(async |etcd| etcd.role_grant_permission("own", own()).await).await?;
    stage.call(async |etcd| etcd.user_grant_role("root", "root").await).await?;
    stage.call(async |etcd| etcd.user_grant_role("u", "own").await).await?;
    stage.call(async |etcd| etcd.auth_enable().await).await?;
    stage.world.set_administrator("root", "rootpwd");
    Ok(())
}

fn as_user(user: &str, password: &str) -> ConnectOptions {
    ConnectOptions::new().with_user(user, password)
}

#[test]
fn a_client_may_do_what_its_user_may() {
    in_each_trouble("auth", |stage| async move {
        enable(&stage).await?;
        let nameless = stage.call(async |etcd| etcd.put("own/k", "1", None).await).await;
        assert_eq!(refusal(nameless), "etcdserver: user name is empty");
        let user = stage.as_user(as_user("u", "pwd")).await?;
        stage.trouble().await?;
        user.call(async |etcd| etcd.put("own/k", "1", None).await).await?;
        assert_eq!(refusal(user.call(async |etcd| etcd.put("k", "1", None).await).await), DENIED);
        let all = || Some(GetOptions::new().with_all_keys());
        assert_eq!(refusal(user.call(async |etcd| etcd.get("", all()).await).await), DENIED);
        assert_eq!(refusal(user.call(async |etcd| etcd.user_add("v", "pwd", None).await).await), DENIED);
        let read =
            user.call(async |etcd| etcd.get("own/", Some(GetOptions::new().with_prefix())).await).await?;
        assert_eq!(read.kvs().len(), 1);
        let root = stage.as_user(as_user("root", "rootpwd")).await?;
        root.call(async |etcd| etcd.put("k", "1", None).await).await?;
        root.call(async |etcd| etcd.member_list().await).await?;
        // Once it is off, there are no tokens: of what a client sends, none is looked at.
        match root.call(async |etcd| etcd.auth_disable().await).await {
            Ok(_) => {}
            Err(error) => assert!(!stage.is_calm(), "{error}"),
        }
        stage.call(async |etcd| etcd.put("k", "2", None).await).await?;
        Ok(())
    });
}

#[test]
fn a_wrong_password_makes_no_client() {
    in_each_trouble("auth-wrong", |stage| async move {
        enable(&stage).await?;
        stage.trouble().await?;
        let wrong = stage.as_user(as_user("u", "wrong")).await.map(|_| ());
        let text = "etcdserver: authentication failed, invalid user ID or password";
        assert_eq!(refusal(wrong), text);
        let nobody = stage.as_user(as_user("nobody", "pwd")).await.map(|_| ());
        assert_eq!(refusal(nobody), text);
        // A client changes its user.
        let other = stage.as_user(as_user("u", "pwd")).await?;
        assert_eq!(refusal(other.call(async |etcd| etcd.put("k", "1", None).await).await), DENIED);
        let root = || Some(("root".to_owned(), "rootpwd".to_owned()));
        other.call(async |etcd| etcd.update_user(root()).await).await?;
        other.call(async |etcd| etcd.put("k", "1", None).await).await?;
        Ok(())
    });
}

/// Makes a call of a client that refreshes its token by itself. It does so when its token is unknown, and not when it is
/// that of a member which is late: then it is told to.
async fn refreshing<T>(
    user: &Stage,
    mut call: impl AsyncFnMut(&mut Client) -> Result<T, Error>,
) -> Result<Answer<T>, Error> {
    loop {
        let error = match user.call(&mut call).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match &error {
            Error::GRpcStatus(status) if status.message() == OLD_REVISION => {}
            _ => return Err(error),
        }
        user.call(async |etcd| etcd.refresh_token().await).await?;
    }
}

#[test]
fn a_token_is_drawn_anew_when_it_is_no_longer_good() {
    in_each_trouble("auth-token", |stage| async move {
        enable(&stage).await?;
        let user = stage.as_user(as_user("u", "pwd").with_auto_token_refresh(true)).await?;
        refreshing(&user, async |etcd| etcd.put("own/k", "1", None).await).await?;
        let root = stage.as_user(as_user("root", "rootpwd").with_auto_token_refresh(true)).await?;
        stage.trouble().await?;
        // Its tokens go with its password.
        refreshing(&root, async |etcd| etcd.user_change_password("u", "pwd").await).await?;
        refreshing(&user, async |etcd| etcd.put("own/k", "2", None).await).await?;
        user.call(async |etcd| etcd.refresh_token().await).await?;
        refreshing(&user, async |etcd| etcd.get("own/k", None).await).await?;
        // They end after a while as well.
        stage.world.sleep(Duration::from_secs(600)).await;
        refreshing(&user, async |etcd| etcd.get("own/k", None).await).await?;
        stage.world.sleep(Duration::from_secs(600)).await;
        refreshing(&root, async |etcd| etcd.user_list().await).await?;
        stage.world.sleep(Duration::from_secs(600)).await;
        let held = refreshing(&root, async |etcd| etcd.lock("own/l", None).await).await?;
        stage.world.sleep(Duration::from_secs(600)).await;
        refreshing(&root, async |etcd| etcd.unlock(held.key()).await).await?;
        Ok(())
    });
}
