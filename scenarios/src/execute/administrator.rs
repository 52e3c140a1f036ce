//! The administrator of a plan at work, and how the others become users.

use crate::plan::{PASSWORD, PlannedChange, ROOT};
use revline_sim::World;
use revline_sim::client::{CallError, Client};
use revline_store::api::AuthRequest;
use revline_store::error::Error;
use std::time::Duration;

/// From one try to the next.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Makes users and turns auth on, and then changes permissions. Of the first changes each is tried until it is made; a
/// later one may fail.
pub(super) async fn administer(world: World, client: Client, changes: Vec<PlannedChange>, end: Duration) {
    world.set_administrator(ROOT, PASSWORD);
    for PlannedChange { at_ms, change } in changes {
        world.sleep_until(Duration::from_millis(at_ms)).await;
        let mut enables = change == AuthRequest::Enable;
        while let Err(error) = client.auth(change.clone()).await {
            if at_ms > 0 || is_in_vain(&error) {
                enables = false;
                break;
            }
            if is_made(&error) || world.elapsed() >= end {
                break;
            }
            world.sleep(AGAIN_AFTER).await;
        }
        if enables {
            become_user(&world, &client, ROOT, end).await;
        }
    }
}

/// Returns `true` if auth cannot be turned on yet, as was to be seen.
fn is_in_vain(error: &CallError) -> bool {
    matches!(error, CallError::Failed(Error::RootUserNotExist | Error::RootRoleNotExist))
}

/// Returns `true` if an earlier try has made the change after all.
fn is_made(error: &CallError) -> bool {
    matches!(error, CallError::Failed(Error::UserAlreadyExist | Error::RoleAlreadyExist | Error::UserEmpty))
}

/// Waits until a client is somebody; not longer than the work lasts.
pub(super) async fn become_user(world: &World, client: &Client, user: &str, end: Duration) {
    while client.authenticate(user, PASSWORD).await.is_err() && world.elapsed() < end {
        world.sleep(AGAIN_AFTER).await;
    }
}
