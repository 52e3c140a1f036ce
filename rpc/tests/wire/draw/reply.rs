//! Replies of every service.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use revline_store::api::{
    AcquireResponse, Alarm, AlarmKind, CampaignResponse, ClusterResponse, CompactionResponse,
    ElectionResponse, LeaderResponse, LeaseGrantResponse, LeaseKeepAliveResponse, LeaseLeasesResponse,
    LeaseResponse, LeaseRevokeResponse, LeaseTimeToLiveResponse, LockResponse, MaintenanceResponse,
    MemberInfo, ProclaimResponse, ResignResponse, Response, UnlockResponse,
};
use revline_store::frame::{Reply, Status};

use super::auth::auth_response;
use super::kv::{delete_range_response, key_value, put_response, range_response};
use super::txn::txn_response;
use super::{bytes, header, id, int, leader_key, text};

fn kv() -> BoxedStrategy<Response> {
    prop_oneof![
        range_response().prop_map(Response::Range),
        put_response().prop_map(Response::Put),
        delete_range_response().prop_map(Response::DeleteRange),
        txn_response().prop_map(Response::Txn),
        header().prop_map(|header| Response::Compaction(CompactionResponse { header })),
    ]
    .boxed()
}

fn lease() -> BoxedStrategy<LeaseResponse> {
    prop_oneof![
        (header(), int(), int()).prop_map(|(header, id, ttl_s)| LeaseResponse::Grant(LeaseGrantResponse {
            header,
            id,
            ttl_s
        })),
        header().prop_map(|header| LeaseResponse::Revoke(LeaseRevokeResponse { header })),
        (header(), int(), int()).prop_map(|(header, id, ttl_s)| {
            LeaseResponse::KeepAlive(LeaseKeepAliveResponse { header, id, ttl_s })
        }),
        (header(), int(), int(), int(), vec(bytes(), 0..4)).prop_map(
            |(header, id, ttl_s, granted_ttl_s, keys)| {
                LeaseResponse::TimeToLive(LeaseTimeToLiveResponse { header, id, ttl_s, granted_ttl_s, keys })
            }
        ),
        (header(), vec(int(), 0..4))
            .prop_map(|(header, leases)| LeaseResponse::Leases(LeaseLeasesResponse { header, leases })),
    ]
    .boxed()
}

fn lock() -> BoxedStrategy<LockResponse> {
    prop_oneof![
        (header(), bytes()).prop_map(|(header, key)| LockResponse::Lock(AcquireResponse { header, key })),
        header().prop_map(|header| LockResponse::Unlock(UnlockResponse { header })),
    ]
    .boxed()
}

fn election() -> BoxedStrategy<ElectionResponse> {
    prop_oneof![
        (header(), leader_key())
            .prop_map(|(header, leader)| ElectionResponse::Campaign(CampaignResponse { header, leader })),
        header().prop_map(|header| ElectionResponse::Proclaim(ProclaimResponse { header })),
        (header(), option::of(key_value()))
            .prop_map(|(header, kv)| ElectionResponse::Leader(LeaderResponse { header, kv })),
        header().prop_map(|header| ElectionResponse::Resign(ResignResponse { header })),
    ]
    .boxed()
}

fn cluster() -> BoxedStrategy<ClusterResponse> {
    let member =
        (id(), text(), any::<bool>()).prop_map(|(id, name, is_learner)| MemberInfo { id, name, is_learner });
    (header(), vec(member, 0..5)).prop_map(|(header, members)| ClusterResponse { header, members }).boxed()
}

fn maintenance() -> BoxedStrategy<MaintenanceResponse> {
    let kind = prop_oneof![Just(AlarmKind::None), Just(AlarmKind::NoSpace), Just(AlarmKind::Corrupt)];
    let alarm = (id(), kind).prop_map(|(member, alarm)| Alarm { member, alarm });
    prop_oneof![
        (header(), vec(alarm, 0..4))
            .prop_map(|(header, alarms)| MaintenanceResponse::Alarm { header, alarms }),
        (header(), any::<u32>()).prop_map(|(header, hash)| MaintenanceResponse::Hash { header, hash }),
        (header(), any::<u32>(), int(), int()).prop_map(|(header, hash, compact_revision, hash_revision)| {
            MaintenanceResponse::HashKv { header, hash, compact_revision, hash_revision }
        }),
        header().prop_map(|header| MaintenanceResponse::Defragment { header }),
        (header(), bytes()).prop_map(|(header, bytes)| MaintenanceResponse::Snapshot { header, bytes }),
    ]
    .boxed()
}

/// The state of a member. Its compacted revision is not on the wire, and its sizes are an `int64` there.
fn status() -> BoxedStrategy<Status> {
    let size = || prop_oneof![0..1u64 << 40, Just(i64::MAX as u64)];
    (id(), id(), id(), id(), id(), int(), size(), size())
        .prop_map(
            |(
                member,
                leader,
                term,
                applied_index,
                commit_index,
                revision,
                db_size_bytes,
                db_size_in_use_bytes,
            )| {
                Status {
                    member,
                    leader,
                    term,
                    applied_index,
                    commit_index,
                    revision,
                    compact_revision: 0,
                    db_size_bytes,
                    db_size_in_use_bytes,
                }
            },
        )
        .boxed()
}

pub fn reply() -> BoxedStrategy<Reply> {
    prop_oneof![
        4 => kv().prop_map(Reply::Kv),
        1 => Just(Reply::MovedLeader),
        1 => status().prop_map(Reply::Status),
        2 => lease().prop_map(Reply::Lease),
        2 => lock().prop_map(Reply::Lock),
        2 => election().prop_map(Reply::Election),
        2 => cluster().prop_map(Reply::Cluster),
        2 => maintenance().prop_map(Reply::Maintenance),
        4 => auth_response().prop_map(Reply::Auth),
    ]
    .boxed()
}
