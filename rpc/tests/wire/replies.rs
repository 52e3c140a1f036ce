//! Replies of every service.

use proptest::prelude::*;
use revline_rpc::convert::maintenance::{snapshot_chunks, snapshot_of};
use revline_rpc::proto::{etcdserverpb, v3electionpb, v3lockpb};
use revline_store::api::{
    AuthResponse, ElectionResponse, LeaseResponse, LockResponse, MaintenanceResponse, Response,
};
use revline_store::frame::Reply;

use crate::cluster::cross_members;
use crate::{cases, cross, draw};

fn crossed(reply: Reply) -> Reply {
    match &reply {
        Reply::Kv(Response::Range(_)) => cross::<etcdserverpb::RangeResponse, _>(reply),
        Reply::Kv(Response::Put(_)) => cross::<etcdserverpb::PutResponse, _>(reply),
        Reply::Kv(Response::DeleteRange(_)) => cross::<etcdserverpb::DeleteRangeResponse, _>(reply),
        Reply::Kv(Response::Txn(_)) => cross::<etcdserverpb::TxnResponse, _>(reply),
        Reply::Kv(Response::Compaction(_)) => cross::<etcdserverpb::CompactionResponse, _>(reply),
        Reply::MovedLeader => cross::<etcdserverpb::MoveLeaderResponse, _>(reply),
        Reply::Status(_) => cross::<etcdserverpb::StatusResponse, _>(reply),
        Reply::Lease(LeaseResponse::Grant(_)) => cross::<etcdserverpb::LeaseGrantResponse, _>(reply),
        Reply::Lease(LeaseResponse::Revoke(_)) => cross::<etcdserverpb::LeaseRevokeResponse, _>(reply),
        Reply::Lease(LeaseResponse::KeepAlive(_)) => cross::<etcdserverpb::LeaseKeepAliveResponse, _>(reply),
        Reply::Lease(LeaseResponse::TimeToLive(_)) => {
            cross::<etcdserverpb::LeaseTimeToLiveResponse, _>(reply)
        }
        Reply::Lease(LeaseResponse::Leases(_)) => cross::<etcdserverpb::LeaseLeasesResponse, _>(reply),
        Reply::Lock(LockResponse::Lock(_)) => cross::<v3lockpb::LockResponse, _>(reply),
        Reply::Lock(LockResponse::Unlock(_)) => cross::<v3lockpb::UnlockResponse, _>(reply),
        Reply::Election(ElectionResponse::Campaign(_)) => cross::<v3electionpb::CampaignResponse, _>(reply),
        Reply::Election(ElectionResponse::Proclaim(_)) => cross::<v3electionpb::ProclaimResponse, _>(reply),
        Reply::Election(ElectionResponse::Leader(_)) => cross::<v3electionpb::LeaderResponse, _>(reply),
        Reply::Election(ElectionResponse::Resign(_)) => cross::<v3electionpb::ResignResponse, _>(reply),
        Reply::Cluster(cluster) => Reply::Cluster(cross_members(cluster)),
        Reply::Maintenance(MaintenanceResponse::Alarm { .. }) => {
            cross::<etcdserverpb::AlarmResponse, _>(reply)
        }
        Reply::Maintenance(MaintenanceResponse::Hash { .. }) => cross::<etcdserverpb::HashResponse, _>(reply),
        Reply::Maintenance(MaintenanceResponse::HashKv { .. }) => {
            cross::<etcdserverpb::HashKvResponse, _>(reply)
        }
        Reply::Maintenance(MaintenanceResponse::Defragment { .. }) => {
            cross::<etcdserverpb::DefragmentResponse, _>(reply)
        }
        Reply::Maintenance(MaintenanceResponse::Snapshot { header, bytes }) => {
            Reply::Maintenance(snapshot_of(snapshot_chunks(*header, bytes.clone())).unwrap())
        }
        Reply::Auth(auth) => crossed_auth(&auth.clone(), reply),
    }
}

fn crossed_auth(auth: &AuthResponse, reply: Reply) -> Reply {
    match auth {
        AuthResponse::Enable { .. } => cross::<etcdserverpb::AuthEnableResponse, _>(reply),
        AuthResponse::Disable { .. } => cross::<etcdserverpb::AuthDisableResponse, _>(reply),
        AuthResponse::Status { .. } => cross::<etcdserverpb::AuthStatusResponse, _>(reply),
        AuthResponse::Authenticate { .. } => cross::<etcdserverpb::AuthenticateResponse, _>(reply),
        AuthResponse::UserAdd { .. } => cross::<etcdserverpb::AuthUserAddResponse, _>(reply),
        AuthResponse::UserGet { .. } => cross::<etcdserverpb::AuthUserGetResponse, _>(reply),
        AuthResponse::UserList { .. } => cross::<etcdserverpb::AuthUserListResponse, _>(reply),
        AuthResponse::UserDelete { .. } => cross::<etcdserverpb::AuthUserDeleteResponse, _>(reply),
        AuthResponse::UserChangePassword { .. } => {
            cross::<etcdserverpb::AuthUserChangePasswordResponse, _>(reply)
        }
        AuthResponse::UserGrantRole { .. } => cross::<etcdserverpb::AuthUserGrantRoleResponse, _>(reply),
        AuthResponse::UserRevokeRole { .. } => cross::<etcdserverpb::AuthUserRevokeRoleResponse, _>(reply),
        AuthResponse::RoleAdd { .. } => cross::<etcdserverpb::AuthRoleAddResponse, _>(reply),
        AuthResponse::RoleGet { .. } => cross::<etcdserverpb::AuthRoleGetResponse, _>(reply),
        AuthResponse::RoleList { .. } => cross::<etcdserverpb::AuthRoleListResponse, _>(reply),
        AuthResponse::RoleDelete { .. } => cross::<etcdserverpb::AuthRoleDeleteResponse, _>(reply),
        AuthResponse::RoleGrantPermission { .. } => {
            cross::<etcdserverpb::AuthRoleGrantPermissionResponse, _>(reply)
        }
        AuthResponse::RoleRevokePermission { .. } => {
            cross::<etcdserverpb::AuthRoleRevokePermissionResponse, _>(reply)
        }
    }
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn a_reply_arrives_as_it_was_given(reply in draw::reply()) {
        prop_assert_eq!(crossed(reply.clone()), reply);
    }
}
