//! Calls of every service.

use proptest::prelude::*;
use revline_store::api::{
    AcquireRequest, AlarmAction, AlarmKind, AlarmRequest, CampaignRequest, ClusterRequest, CompactionRequest,
    ElectionRequest, LeaderRequest, LeaseGrantRequest, LeaseKeepAliveRequest, LeaseLeasesRequest,
    LeaseRequest, LeaseRevokeRequest, LeaseTimeToLiveRequest, LockRequest, MaintenanceRequest,
    MemberAddRequest, MemberListRequest, MemberPromoteRequest, MemberRemoveRequest, MemberUpdateRequest,
    ProclaimRequest, Request, ResignRequest, UnlockRequest,
};
use revline_store::frame::Call;

use super::auth::auth_request;
use super::kv::{delete_range_request, put_request, range_request};
use super::txn::txn_request;
use super::{bytes, id, int, leader_key, text};

fn kv() -> BoxedStrategy<Request> {
    prop_oneof![
        range_request().prop_map(Request::Range),
        put_request().prop_map(Request::Put),
        delete_range_request().prop_map(Request::DeleteRange),
        txn_request().prop_map(Request::Txn),
        (int(), any::<bool>())
            .prop_map(|(revision, physical)| Request::Compaction(CompactionRequest { revision, physical })),
    ]
    .boxed()
}

fn lease() -> BoxedStrategy<LeaseRequest> {
    prop_oneof![
        (int(), int()).prop_map(|(ttl_s, id)| LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id })),
        int().prop_map(|id| LeaseRequest::Revoke(LeaseRevokeRequest { id })),
        int().prop_map(|id| LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id })),
        (int(), any::<bool>())
            .prop_map(|(id, keys)| LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys })),
        Just(LeaseRequest::Leases(LeaseLeasesRequest {})),
    ]
    .boxed()
}

fn lock() -> BoxedStrategy<LockRequest> {
    prop_oneof![
        (bytes(), int()).prop_map(|(name, lease)| LockRequest::Lock(AcquireRequest { name, lease })),
        bytes().prop_map(|key| LockRequest::Unlock(UnlockRequest { key })),
    ]
    .boxed()
}

fn election() -> BoxedStrategy<ElectionRequest> {
    prop_oneof![
        (bytes(), int(), bytes()).prop_map(|(name, lease, value)| {
            ElectionRequest::Campaign(CampaignRequest { name, lease, value })
        }),
        (leader_key(), bytes())
            .prop_map(|(leader, value)| ElectionRequest::Proclaim(ProclaimRequest { leader, value })),
        bytes().prop_map(|name| ElectionRequest::Leader(LeaderRequest { name })),
        leader_key().prop_map(|leader| ElectionRequest::Resign(ResignRequest { leader })),
    ]
    .boxed()
}

fn cluster() -> BoxedStrategy<ClusterRequest> {
    prop_oneof![
        // Its name is not on the wire.
        (id(), any::<bool>()).prop_map(|(id, is_learner)| {
            ClusterRequest::Add(MemberAddRequest { id, name: String::new(), is_learner })
        }),
        id().prop_map(|id| ClusterRequest::Promote(MemberPromoteRequest { id })),
        id().prop_map(|id| ClusterRequest::Remove(MemberRemoveRequest { id })),
        (id(), prop_oneof![text(), Just("http://a:1,,http://b:2".to_owned())])
            .prop_map(|(id, name)| ClusterRequest::Update(MemberUpdateRequest { id, name })),
        any::<bool>().prop_map(|linearizable| ClusterRequest::List(MemberListRequest { linearizable })),
    ]
    .boxed()
}

fn maintenance() -> BoxedStrategy<MaintenanceRequest> {
    let action =
        prop_oneof![Just(AlarmAction::Get), Just(AlarmAction::Activate), Just(AlarmAction::Deactivate)];
    let kind = prop_oneof![Just(AlarmKind::None), Just(AlarmKind::NoSpace), Just(AlarmKind::Corrupt)];
    prop_oneof![
        (action, id(), kind).prop_map(|(action, member, alarm)| {
            MaintenanceRequest::Alarm(AlarmRequest { action, member, alarm })
        }),
        Just(MaintenanceRequest::Hash),
        int().prop_map(|revision| MaintenanceRequest::HashKv { revision }),
        Just(MaintenanceRequest::Defragment),
        Just(MaintenanceRequest::Snapshot),
    ]
    .boxed()
}

pub fn call() -> BoxedStrategy<Call> {
    prop_oneof![
        4 => kv().prop_map(Call::Kv),
        1 => id().prop_map(|target| Call::MoveLeader { target }),
        1 => Just(Call::Status),
        2 => lease().prop_map(Call::Lease),
        2 => lock().prop_map(Call::Lock),
        2 => election().prop_map(Call::Election),
        2 => cluster().prop_map(Call::Cluster),
        2 => maintenance().prop_map(Call::Maintenance),
        4 => auth_request().prop_map(Call::Auth),
    ]
    .boxed()
}
