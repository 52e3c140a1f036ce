//! Calls of every service.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use revline_rpc::proto::{etcdserverpb, v3electionpb, v3lockpb};
use revline_store::api::{
    AuthRequest, ClusterRequest, ElectionRequest, LeaseRequest, LockRequest, MaintenanceRequest, Request,
};
use revline_store::frame::Call;

use crate::cluster::cross_member_add;
use crate::{cases, cross, draw};

/// The requests that a test draws over all kinds.
const REQUESTS: u32 = 50_000;

fn crossed(call: Call) -> Call {
    match &call {
        Call::Kv(Request::Range(_)) => cross::<etcdserverpb::RangeRequest, _>(call),
        Call::Kv(Request::Put(_)) => cross::<etcdserverpb::PutRequest, _>(call),
        Call::Kv(Request::DeleteRange(_)) => cross::<etcdserverpb::DeleteRangeRequest, _>(call),
        Call::Kv(Request::Txn(_)) => cross::<etcdserverpb::TxnRequest, _>(call),
        Call::Kv(Request::Compaction(_)) => cross::<etcdserverpb::CompactionRequest, _>(call),
        Call::MoveLeader { .. } => cross::<etcdserverpb::MoveLeaderRequest, _>(call),
        Call::Status => cross::<etcdserverpb::StatusRequest, _>(call),
        Call::Lease(LeaseRequest::Grant(_)) => cross::<etcdserverpb::LeaseGrantRequest, _>(call),
        Call::Lease(LeaseRequest::Revoke(_)) => cross::<etcdserverpb::LeaseRevokeRequest, _>(call),
        Call::Lease(LeaseRequest::KeepAlive(_)) => cross::<etcdserverpb::LeaseKeepAliveRequest, _>(call),
        Call::Lease(LeaseRequest::TimeToLive(_)) => cross::<etcdserverpb::LeaseTimeToLiveRequest, _>(call),
        Call::Lease(LeaseRequest::Leases(_)) => cross::<etcdserverpb::LeaseLeasesRequest, _>(call),
        Call::Lock(LockRequest::Lock(_)) => cross::<v3lockpb::LockRequest, _>(call),
        Call::Lock(LockRequest::Unlock(_)) => cross::<v3lockpb::UnlockRequest, _>(call),
        Call::Election(ElectionRequest::Campaign(_)) => cross::<v3electionpb::CampaignRequest, _>(call),
        Call::Election(ElectionRequest::Proclaim(_)) => cross::<v3electionpb::ProclaimRequest, _>(call),
        Call::Election(ElectionRequest::Leader(_)) => cross::<v3electionpb::LeaderRequest, _>(call),
        Call::Election(ElectionRequest::Resign(_)) => cross::<v3electionpb::ResignRequest, _>(call),
        Call::Cluster(ClusterRequest::Add(add)) => {
            Call::Cluster(ClusterRequest::Add(cross_member_add(add.clone())))
        }
        Call::Cluster(ClusterRequest::Promote(_)) => cross::<etcdserverpb::MemberPromoteRequest, _>(call),
        Call::Cluster(ClusterRequest::Remove(_)) => cross::<etcdserverpb::MemberRemoveRequest, _>(call),
        Call::Cluster(ClusterRequest::Update(_)) => cross::<etcdserverpb::MemberUpdateRequest, _>(call),
        Call::Cluster(ClusterRequest::List(_)) => cross::<etcdserverpb::MemberListRequest, _>(call),
        Call::Maintenance(maintenance) => match maintenance {
            MaintenanceRequest::Alarm(_) => cross::<etcdserverpb::AlarmRequest, _>(call),
            MaintenanceRequest::Hash => cross::<etcdserverpb::HashRequest, _>(call),
            MaintenanceRequest::HashKv { .. } => cross::<etcdserverpb::HashKvRequest, _>(call),
            MaintenanceRequest::Defragment => cross::<etcdserverpb::DefragmentRequest, _>(call),
            MaintenanceRequest::Snapshot => cross::<etcdserverpb::SnapshotRequest, _>(call),
        },
        Call::Auth(auth) => crossed_auth(&auth.clone(), call),
    }
}

fn crossed_auth(auth: &AuthRequest, call: Call) -> Call {
    match auth {
        AuthRequest::Enable => cross::<etcdserverpb::AuthEnableRequest, _>(call),
        AuthRequest::Disable => cross::<etcdserverpb::AuthDisableRequest, _>(call),
        AuthRequest::Status => cross::<etcdserverpb::AuthStatusRequest, _>(call),
        AuthRequest::Authenticate(_) => cross::<etcdserverpb::AuthenticateRequest, _>(call),
        AuthRequest::UserAdd(_) => cross::<etcdserverpb::AuthUserAddRequest, _>(call),
        AuthRequest::UserGet { .. } => cross::<etcdserverpb::AuthUserGetRequest, _>(call),
        AuthRequest::UserList => cross::<etcdserverpb::AuthUserListRequest, _>(call),
        AuthRequest::UserDelete { .. } => cross::<etcdserverpb::AuthUserDeleteRequest, _>(call),
        AuthRequest::UserChangePassword { .. } => {
            cross::<etcdserverpb::AuthUserChangePasswordRequest, _>(call)
        }
        AuthRequest::UserGrantRole { .. } => cross::<etcdserverpb::AuthUserGrantRoleRequest, _>(call),
        AuthRequest::UserRevokeRole { .. } => cross::<etcdserverpb::AuthUserRevokeRoleRequest, _>(call),
        AuthRequest::RoleAdd { .. } => cross::<etcdserverpb::AuthRoleAddRequest, _>(call),
        AuthRequest::RoleGet { .. } => cross::<etcdserverpb::AuthRoleGetRequest, _>(call),
        AuthRequest::RoleList => cross::<etcdserverpb::AuthRoleListRequest, _>(call),
        AuthRequest::RoleDelete { .. } => cross::<etcdserverpb::AuthRoleDeleteRequest, _>(call),
        AuthRequest::RoleGrantPermission { .. } => {
            cross::<etcdserverpb::AuthRoleGrantPermissionRequest, _>(call)
        }
        AuthRequest::RoleRevokePermission { .. } => {
            cross::<etcdserverpb::AuthRoleRevokePermissionRequest, _>(call)
        }
    }
}

proptest! {
    #![proptest_config(cases(REQUESTS))]

    #[test]
    fn a_call_arrives_as_it_was_made(call in draw::call()) {
        prop_assert_eq!(crossed(call.clone()), call);
    }
}

/// The kind of a call: the words of its `Debug` before its fields.
fn kind(call: &Call) -> String {
    let shown = format!("{call:?}");
    let words = shown.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_kind_of_call_is_drawn() {
    let mut runner = TestRunner::deterministic();
    let strategy = draw::call();
    let mut kinds = BTreeMap::new();
    for _ in 0..3000 {
        let call = strategy.new_tree(&mut runner).unwrap().current();
        *kinds.entry(kind(&call)).or_insert(0) += 1;
    }
    // 5 of keys, 5 of leases, 2 of locks, 4 of elections, 5 of members, 5 of maintenance, 17 of auth, and `Status`.
    let named = kinds.keys().filter(|kind| !kind.starts_with("MoveLeader")).count();
    assert_eq!(named, 44, "{kinds:#?}");
}
