//! Users, and what an administrator does to them.

use super::draw::draw_span;
use super::{Action, ClientPlan, PlannedOperation, Work, auth_edges};
use crate::keys::{END_OF_KEYS, FIRST_KEY, key};
use crate::operation::{Get, ListFrom};
use crate::scenario::Scenario;
use rand::Rng;
use revline_sim::entropy::Generator;
use revline_store::api::{AuthRequest, Permission, PermissionType, UserAddRequest};
use serde::{Deserialize, Serialize};

/// The administrator.
pub const ROOT: &str = "root";

/// The password of every user: no simulated client guesses.
pub const PASSWORD: &str = "password";

/// A change of users, roles or permissions, and its time. Those at 0 come first, in order, until each is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// Its time, in simulated milliseconds.
    pub at_ms: u64,
    /// The change.
    pub change: AuthRequest,
}

pub(super) fn user(number: u32) -> String {
    format!("user-{number}")
}

pub(super) fn role_of(user: u32) -> String {
    format!("role-{user}")
}

fn add(name: String) -> AuthRequest {
    AuthRequest::UserAdd(UserAddRequest { name, password: PASSWORD.to_owned(), no_password: false })
}

/// Plans the administrator's changes: users with a role each, auth on, and then grants and revokes.
pub(super) fn changes(scenario: &Scenario, generator: &mut Generator) -> Vec<PlannedChange> {
    let workload = &scenario.workload.auth;
    let add_root = add(ROOT.to_owned());
    let mut first = if workload.edges { auth_edges::around(add_root) } else { vec![add_root] };
    first.push(AuthRequest::UserGrantRole { user: ROOT.to_owned(), role: ROOT.to_owned() });
    for number in 0..workload.users {
        let (user, role) = (user(number), role_of(number));
        first.extend([
            add(user.clone()),
            AuthRequest::RoleAdd { name: role.clone() },
            AuthRequest::UserGrantRole { user, role: role.clone() },
            grant(role, PermissionType::ReadWrite, (FIRST_KEY.to_owned(), END_OF_KEYS.to_owned())),
        ]);
    }
    first.push(AuthRequest::Enable);
    let mut changes: Vec<PlannedChange> =
        first.into_iter().map(|change| PlannedChange { at_ms: 0, change }).collect();
    let mut granted = vec![vec![(FIRST_KEY.to_owned(), END_OF_KEYS.to_owned())]; workload.users as usize];
    let mut at_ms = draw_span(generator, workload.pause_ms).max(1);
    while at_ms < scenario.duration_ms {
        let user = generator.gen_range(0..workload.users);
        if workload.edges && generator.gen_range(0..100) < 30 {
            for change in auth_edges::changes(generator, user, workload.users) {
                changes.push(PlannedChange { at_ms, change });
                at_ms += draw_span(generator, workload.pause_ms).max(1);
            }
            continue;
        }
        let (role, granted) = (role_of(user), &mut granted[user as usize]);
        let change = if workload.everything && generator.gen_range(0..100) < 40 {
            any_change(generator, user, granted)
        } else if !granted.is_empty() && generator.gen_range(0..100) < 45 {
            let (key, end) = granted.remove(generator.gen_range(0..granted.len()));
            let (key, range_end) = (key.as_str().into(), end.as_str().into());
            AuthRequest::RoleRevokePermission { role, key, range_end }
        } else {
            let range = range(scenario, generator);
            if !granted.contains(&range) {
                granted.push(range.clone());
            }
            let types = [PermissionType::Read, PermissionType::Write, PermissionType::ReadWrite];
            grant(role, types[generator.gen_range(0..types.len())], range)
        };
        changes.push(PlannedChange { at_ms, change });
        at_ms += draw_span(generator, workload.pause_ms).max(1);
    }
    changes
}

/// A change of users and roles themselves, or a look at them.
fn any_change(generator: &mut Generator, number: u32, granted: &mut Vec<(String, String)>) -> AuthRequest {
    let (name, role) = (user(number), role_of(number));
    match generator.gen_range(0..14) {
        0 => AuthRequest::UserDelete { name },
        1..4 => add(name),
        4 => {
            granted.clear();
            AuthRequest::RoleDelete { role }
        }
        5 | 6 => AuthRequest::RoleAdd { name: role },
        7 => AuthRequest::UserRevokeRole { name, role },
        8 | 9 => AuthRequest::UserGrantRole { user: name, role },
        10 => AuthRequest::UserChangePassword { name, password: PASSWORD.to_owned() },
        11 => AuthRequest::UserGet { name },
        12 => AuthRequest::RoleGet { role },
        _ => match generator.gen_range(0..3) {
            0 => AuthRequest::UserList,
            1 => AuthRequest::RoleList,
            _ => AuthRequest::Status,
        },
    }
}

fn grant(name: String, perm_type: PermissionType, (key, end): (String, String)) -> AuthRequest {
    let perm = Permission { perm_type, key: key.as_str().into(), range_end: end.as_str().into() };
    AuthRequest::RoleGrantPermission { name, perm }
}

/// One key, all keys from one on, or all keys of the workload.
fn range(scenario: &Scenario, generator: &mut Generator) -> (String, String) {
    let one = key(generator.gen_range(0..scenario.workload.keys));
    match generator.gen_range(0..10) {
        // Up to a key that is there, or to one before it: then it is empty.
        4 if scenario.workload.auth.everything => (one, key(generator.gen_range(0..scenario.workload.keys))),
        0..5 => (one, String::new()),
        5..7 => (one, "\0".to_owned()),
        _ => (FIRST_KEY.to_owned(), END_OF_KEYS.to_owned()),
    }
}

/// Makes the clients of a plan users, in turn, some of whose reads and watches have no end.
pub(super) fn assign(scenario: &Scenario, part: impl Fn(&str) -> Generator, clients: &mut [ClientPlan]) {
    let workload = &scenario.workload.auth;
    if workload.users == 0 {
        return;
    }
    for (number, client) in clients.iter_mut().enumerate() {
        client.user = Some(user(number as u32 % workload.users));
        let mut generator = part(&client.name);
        let mut from_key = || generator.gen_range(0..100) < workload.from_key_percent;
        match &mut client.work {
            Work::Operations(operations) => {
                for PlannedOperation { action, .. } in operations {
                    if let Action::Get(Get { key, serializable }) = action
                        && from_key()
                    {
                        *action = ListFrom { key: key.clone(), serializable: *serializable }.into();
                    }
                }
            }
            Work::Watch { range_end, .. } if from_key() => *range_end = "\0".to_owned(),
            Work::Watch { .. } | Work::WatchStream { .. } | Work::Observe { .. } => {}
        }
    }
}
