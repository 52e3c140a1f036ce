//! Clients that say who they are.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use revline_checker::history::{Operation, Outcome, Request, Response};
use revline_checker::judge::Judge;
use revline_sim::client::{CallError, Client, WatchItem, WatchOptions};
use revline_sim::{SimulationConfig, World, simulate};
use revline_store::api::{AuthRequest, Permission, PermissionType, UserAddRequest};
use revline_store::error::Error;
use std::time::Duration;

const DENIED: CallError = CallError::Failed(Error::PermissionDenied);

async fn change(root: &Client, request: AuthRequest) {
    root.auth(request).await.expect("the cluster is well");
}

fn add(name: &str) -> AuthRequest {
    AuthRequest::UserAdd(UserAddRequest { name: name.into(), password: "pw".into(), no_password: false })
}

fn grant(key: &str) -> AuthRequest {
    let perm = Permission { perm_type: PermissionType::ReadWrite, key: key.into(), range_end: "".into() };
    AuthRequest::RoleGrantPermission { name: "role".into(), perm }
}

/// Turns auth on; gives root's client, and one of ann's, who may read and write `a`.
async fn set_up(world: &World) -> (Client, Client) {
    let root = world.client("root").await.unwrap();
    for request in [
        add("root"),
        AuthRequest::UserGrantRole { user: "root".into(), role: "root".into() },
        add("ann"),
        AuthRequest::RoleAdd { name: "role".into() },
        grant("a"),
        AuthRequest::UserGrantRole { user: "ann".into(), role: "role".into() },
        AuthRequest::Enable,
    ] {
        change(&root, request).await;
    }
    root.authenticate("root", "pw").await.unwrap();
    world.set_administrator("root", "pw");
    let ann = world.client("ann").await.unwrap();
    ann.authenticate("ann", "pw").await.unwrap();
    (root, ann)
}

#[test]
fn calls_and_watches_are_made_and_recorded_as_the_user() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        let (root, ann) = set_up(&world).await;
        ann.put("a", "1").await.unwrap();
        assert_eq!(ann.put("b", "1").await.map(drop), Err(DENIED));
        let mut watcher = ann.watch("a", "", WatchOptions::default()).await;
        root.put("a", "2").await.unwrap();
        assert!(matches!(watcher.next().await, Some(WatchItem::Events(_))));
        change(&root, AuthRequest::UserRevokeRole { name: "ann".into(), role: "role".into() }).await;
        let refused = watcher.next().await;
        assert_eq!(refused, Some(WatchItem::Refused(Error::PermissionDenied.to_string())));
        assert_eq!(ann.get("a").await.map(drop), Err(DENIED));
        world.settle(Duration::from_secs(10)).await;
    })
    .unwrap();
    let by = |user: Option<&str>| {
        run.history.operations.iter().filter(|operation| operation.user.as_deref() == user).count()
    };
    // What made root, and everybody's first words, nobody said.
    assert!(by(None) >= 9, "{}", by(None));
    assert_eq!(by(Some("ann")), 3);
    assert!(by(Some("root")) > 3);
    assert_eq!(run.history.watches[0].user.as_deref(), Some("ann"));
    let of_auth = |operation: &&Operation| {
        matches!((&operation.request, &operation.outcome), (Request::Auth(_), Outcome::Ok(Response::Auth(_))))
    };
    assert!(run.history.operations.iter().filter(of_auth).count() >= 10);
    assert!(!Judge::new(&run.history).run().any_violated());
}

#[test]
fn a_client_whose_token_a_member_forgot_authenticates_again() {
    simulate(&SimulationConfig::default(), false, |world| async move {
        let (root, ann) = set_up(&world).await;
        let password = AuthRequest::UserChangePassword { name: "ann".into(), password: "pw".into() };
        change(&root, password).await;
        let refused = ann.put("a", "1").await.map(drop);
        assert_eq!(refused, Err(CallError::Failed(Error::InvalidAuthToken)));
        ann.put("a", "2").await.unwrap();
    })
    .unwrap();
}
