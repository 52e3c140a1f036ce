//! Ask a service for what is no request on keys or leases, as it stands.

use super::api::lease_of_pool;
use super::{Action, Actor, Draw, OperationKind};
use crate::keys::FIRST_KEY;
use crate::rules::{Impossible, limits, require};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_store::api::{
    AcquireRequest, AlarmAction, AlarmRequest, AuthRequest, AuthenticateRequest, CampaignRequest,
    ClusterRequest, ElectionRequest, LeaderKey, LeaderRequest, LockRequest, MaintenanceRequest,
    MemberAddRequest, MemberListRequest, MemberPromoteRequest, MemberRemoveRequest, MemberUpdateRequest,
    Permission, PermissionType, ProclaimRequest, ResignRequest, UnlockRequest, UserAddRequest,
};
use revline_store::bytes::Bytes;
use revline_store::frame::Call;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Ask a service for what is no request on keys or leases, as it stands: any name may be empty, and any id 0.
///
/// Members, root and alarms are left to the operator and the administrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyCall {
    /// The call.
    pub call: Call,
    /// The time it may take, in milliseconds.
    pub patience_ms: u64,
}

/// A member that every cluster begins with: nobody is added under its id.
const FOUNDER: u64 = 1;

/// The role that may do everything.
const ROOT: &str = "root";

/// The names that users and roles have where auth is off, and the one that none has.
const NAMES: [&str; 4] = ["", "ann", "bob", ROOT];

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    let call = match cx.generator.gen_range(0..10) {
        0 => Call::Lock(lock(cx)),
        1 | 2 => Call::Election(election(cx)),
        3 | 4 => Call::Cluster(cluster(cx)),
        5 => Call::Maintenance(maintenance(cx)),
        6 if cx.generator.gen_bool(0.5) => Call::Status,
        6 => Call::MoveLeader { target: [0, 99, 1, 2, 3][cx.generator.gen_range(0..5)] },
        _ => Call::Auth(auth(cx)),
    };
    // Leadership is handed over within a second, or not at all; for a lock it is not waited long.
    let patience_ms = match call {
        Call::MoveLeader { .. } => 2_000,
        _ => cx.generator.gen_range(50..400),
    };
    AnyCall { call, patience_ms }.into()
}

/// A lease that nobody ever grants.
const NO_LEASE: i64 = 404;

/// The name of a lock or of an election.
fn name(cx: &mut Draw<'_>) -> Bytes {
    match cx.generator.gen_bool(0.3) {
        true => Bytes::default(),
        false => Bytes::from(format!("{FIRST_KEY}held").into_bytes()),
    }
}

/// A lease that may be there; 0 stands for one of the server's own, for as long as the call lasts. A name that is empty
/// has keys that nobody watches, so that nobody could tell when they went: it goes with no lease.
fn lease(cx: &mut Draw<'_>, name: &Bytes) -> i64 {
    match cx.generator.gen_bool(0.3) {
        _ if name.is_empty() => NO_LEASE,
        true => 0,
        false => lease_of_pool(cx),
    }
}

fn lock(cx: &mut Draw<'_>) -> LockRequest {
    match cx.generator.gen_range(0..3) {
        0 => LockRequest::Unlock(UnlockRequest { key: name(cx) }),
        _ => {
            let name = name(cx);
            LockRequest::Lock(AcquireRequest { lease: lease(cx, &name), name })
        }
    }
}

fn election(cx: &mut Draw<'_>) -> ElectionRequest {
    let value = if cx.generator.gen_bool(0.5) { Bytes::default() } else { cx.value().into() };
    match cx.generator.gen_range(0..5) {
        0 => ElectionRequest::Leader(LeaderRequest { name: name(cx) }),
        1 => ElectionRequest::Proclaim(ProclaimRequest { leader: leader(cx), value }),
        2 => ElectionRequest::Resign(ResignRequest { leader: leader(cx) }),
        _ => {
            let name = name(cx);
            ElectionRequest::Campaign(CampaignRequest { lease: lease(cx, &name), name, value })
        }
    }
}

/// A leader that never was.
fn leader(cx: &mut Draw<'_>) -> LeaderKey {
    let (name, key) = (name(cx), name(cx));
    let lease = if cx.generator.gen_bool(0.3) { 0 } else { lease_of_pool(cx) };
    LeaderKey { name, key, rev: cx.generator.gen_range(-1..3), lease }
}

fn cluster(cx: &mut Draw<'_>) -> ClusterRequest {
    let id = if cx.generator.gen_bool(0.5) { 0 } else { FOUNDER };
    let name = if cx.generator.gen_bool(0.5) { String::new() } else { "again".to_owned() };
    match cx.generator.gen_range(0..6) {
        0 => ClusterRequest::Add(MemberAddRequest { id, name, is_learner: cx.generator.gen_bool(0.5) }),
        1 => ClusterRequest::Promote(MemberPromoteRequest { id }),
        2 => ClusterRequest::Remove(MemberRemoveRequest { id: 0 }),
        3 => ClusterRequest::Update(MemberUpdateRequest { id, name }),
        _ => ClusterRequest::List(MemberListRequest { linearizable: cx.generator.gen_bool(0.5) }),
    }
}

fn maintenance(cx: &mut Draw<'_>) -> MaintenanceRequest {
    match cx.generator.gen_range(0..6) {
        0 => MaintenanceRequest::Alarm(AlarmRequest::default()),
        1 => MaintenanceRequest::Hash,
        _ => MaintenanceRequest::HashKv { revision: [0, 1, -1, i64::MIN][cx.generator.gen_range(0..4)] },
    }
}

fn auth(cx: &mut Draw<'_>) -> AuthRequest {
    let mut any = || NAMES.choose(cx.generator).copied().unwrap_or_default().to_owned();
    let (name, role, password) = (any(), any(), any());
    // Without the role of that name nobody is root, and auth stays off.
    let role = if role == ROOT { "guests".to_owned() } else { role };
    let key = if cx.generator.gen_bool(0.5) { Bytes::default() } else { FIRST_KEY.into() };
    match cx.generator.gen_range(0..20) {
        0 => AuthRequest::Enable,
        1 => AuthRequest::Disable,
        2 => AuthRequest::Status,
        3 => AuthRequest::Authenticate(AuthenticateRequest { name, password }),
        4 | 5 => {
            AuthRequest::UserAdd(UserAddRequest { name, password, no_password: cx.generator.gen_bool(0.5) })
        }
        6 => AuthRequest::UserGet { name },
        7 => AuthRequest::UserList,
        8 => AuthRequest::UserDelete { name },
        // With another password nobody could administer the cluster, once auth is on again.
        9 if name != ROOT => AuthRequest::UserChangePassword { name, password },
        10 | 11 => AuthRequest::UserGrantRole { user: name, role },
        12 => AuthRequest::UserRevokeRole { name, role },
        13 | 14 => AuthRequest::RoleAdd { name: role },
        15 => AuthRequest::RoleGet { role },
        16 => AuthRequest::RoleList,
        17 => AuthRequest::RoleDelete { role },
        18 => {
            let perm = Permission { perm_type: PermissionType::ReadWrite, key, range_end: Bytes::default() };
            AuthRequest::RoleGrantPermission { name: role, perm }
        }
        _ => AuthRequest::RoleRevokePermission { role, key, range_end: Bytes::default() },
    }
}

impl OperationKind for AnyCall {
    fn check(&self) -> Result<(), Impossible> {
        limits::DEADLINE_MS.check(self.patience_ms, "patience_ms")?;
        let others = match &self.call {
            Call::Kv(_) | Call::Lease(_) => "requests on keys and leases are operations of their own",
            Call::Cluster(ClusterRequest::Add(add)) if add.id > FOUNDER => "the operator alone adds members",
            Call::Cluster(ClusterRequest::Promote(of)) if of.id > FOUNDER => "the operator alone promotes",
            Call::Cluster(ClusterRequest::Remove(of)) if of.id != 0 => "the operator alone removes members",
            Call::Maintenance(MaintenanceRequest::Alarm(alarm)) if alarm.action != AlarmAction::Get => {
                "the operator alone raises alarms and disarms them"
            }
            Call::Auth(AuthRequest::UserGrantRole { role, .. }) if role == ROOT => {
                "the administrator alone says who is root"
            }
            _ => return Ok(()),
        };
        require(false, "call", others)
    }

    fn uses_leases(&self) -> bool {
        matches!(self.call, Call::Lock(_) | Call::Election(_))
    }

    fn changes_root(&self) -> bool {
        match &self.call {
            Call::Auth(AuthRequest::UserAdd(user)) => user.name == ROOT,
            Call::Auth(AuthRequest::UserDelete { name } | AuthRequest::UserChangePassword { name, .. }) => {
                name == ROOT
            }
            _ => false,
        }
    }

    async fn act(&self, actor: &mut Actor) {
        let patience = Duration::from_millis(self.patience_ms);
        if let Ok(reply) = actor.client.ask_within(self.call.clone(), patience).await
            && let Some(header) = reply.header()
        {
            actor.saw(header.revision);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::api::Features;
    use revline_sim::entropy::generator;

    #[test]
    fn what_is_drawn_is_possible_and_what_others_decide_is_refused() {
        let mut generator = generator(0, "calls");
        for number in 0..1_000 {
            let value = format!("0-{number}");
            let action = draw(&mut Draw::of_writer(4, Features::ALL, value, &mut generator));
            assert_eq!(action.check(), Ok(()), "{action:?}");
        }
        for (call, wrong) in [
            (Call::Cluster(ClusterRequest::Remove(MemberRemoveRequest { id: 2 })), "removes members"),
            (
                Call::Cluster(ClusterRequest::Add(MemberAddRequest { id: 4, ..MemberAddRequest::default() })),
                "adds members",
            ),
            (
                Call::Auth(AuthRequest::UserGrantRole { user: "ann".to_owned(), role: ROOT.to_owned() }),
                "who is root",
            ),
        ] {
            let refused = AnyCall { call, patience_ms: 1 }.check().unwrap_err().to_string();
            assert!(refused.contains(wrong), "{refused}");
        }
    }
}
