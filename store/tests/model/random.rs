//! Random requests over few keys, so that they meet.

use proptest::prelude::*;
use proptest::sample::select;
use revline_store::api::{
    CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest, LeaseGrantRequest,
    LeaseRevokeRequest, PutRequest, RangeRequest, Request, RequestOp, SortOrder, SortTarget, TxnRequest,
};
use revline_store::bytes::Bytes;
use revline_store::lease::{LeaseAction, LeaseCheckpoint};

#[derive(Clone, Debug)]
pub enum Step {
    Request(Request),
    Lease(LeaseAction),
    /// Look at so many changes for removal.
    Remove(usize),
    Restart,
}

pub fn steps(count_max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..count_max)
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => put().prop_map(|put| Step::Request(Request::Put(put))),
        3 => delete().prop_map(|delete| Step::Request(Request::DeleteRange(delete))),
        4 => range().prop_map(|range| Step::Request(Request::Range(range))),
        8 => txn(2).prop_map(|txn| Step::Request(Request::Txn(txn))),
        2 => compaction().prop_map(|compaction| Step::Request(Request::Compaction(compaction))),
        3 => lease_action().prop_map(Step::Lease),
        2 => (1..6_usize).prop_map(Step::Remove),
        1 => Just(Step::Restart),
    ]
}

pub fn key() -> impl Strategy<Value = Bytes> {
    select(vec!["a", "ab", "b", "c", "\0", "d"]).prop_map(Bytes::from)
}

pub fn range_end() -> impl Strategy<Value = Bytes> {
    select(vec!["", "", "", "\0", "b", "c", "a"]).prop_map(Bytes::from)
}

fn value() -> impl Strategy<Value = Bytes> {
    select(vec!["", "1", "2", "3"]).prop_map(Bytes::from)
}

fn revision() -> impl Strategy<Value = i64> {
    prop_oneof![6 => Just(0), 1 => -1..2_i64, 4 => 0..25_i64]
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.1)
}

fn put() -> impl Strategy<Value = PutRequest> {
    (key(), value(), select(vec![0, 0, 7, 8]), any::<bool>(), rarely(), rarely()).prop_map(
        |(key, value, lease, prev_kv, ignore_value, ignore_lease)| PutRequest {
            key,
            value: if ignore_value && lease == 0 { Bytes::default() } else { value },
            lease,
            prev_kv,
            ignore_value,
            ignore_lease,
        },
    )
}

fn lease_action() -> impl Strategy<Value = LeaseAction> {
    let id = || select(vec![7, 8]);
    let checkpoint =
        (id(), 0..9_i64).prop_map(|(id, remaining_ttl_s)| LeaseCheckpoint { id, remaining_ttl_s });
    prop_oneof![
        5 => (id(), 2..9_i64).prop_map(|(id, ttl_s)| LeaseAction::Grant(LeaseGrantRequest { ttl_s, id })),
        2 => id().prop_map(|id| LeaseAction::Revoke(LeaseRevokeRequest { id })),
        1 => prop::collection::vec(checkpoint, 0..3).prop_map(LeaseAction::Checkpoint),
    ]
}

fn delete() -> impl Strategy<Value = DeleteRangeRequest> {
    (key(), range_end(), any::<bool>()).prop_map(|(key, range_end, prev_kv)| DeleteRangeRequest {
        key,
        range_end,
        prev_kv,
    })
}

fn compaction() -> impl Strategy<Value = CompactionRequest> {
    (-1..20_i64).prop_map(|revision| CompactionRequest { revision, physical: false })
}

fn range() -> impl Strategy<Value = RangeRequest> {
    use SortOrder::{Ascend, Descend};
    use SortTarget::{Create, Key, Mod, Value, Version};
    let order = select(vec![SortOrder::None, SortOrder::None, Ascend, Descend, SortOrder::Unrecognized(3)]);
    let target = select(vec![Key, Key, Key, Version, Create, Mod, Value, SortTarget::Unrecognized(9)]);
    let filter = || prop_oneof![5 => Just(0), 1 => 1..20_i64];
    let filters = (filter(), filter(), filter(), filter());
    let flags = (any::<bool>(), rarely(), rarely());
    (key(), range_end(), -1..4_i64, revision(), order, target, flags, filters).prop_map(
        |(key, range_end, limit, revision, sort_order, sort_target, flags, filters)| RangeRequest {
            key,
            range_end,
            limit,
            revision,
            sort_order,
            sort_target,
            serializable: flags.0,
            keys_only: flags.1,
            count_only: flags.2,
            min_mod_revision: filters.0,
            max_mod_revision: filters.1,
            min_create_revision: filters.2,
            max_create_revision: filters.3,
        },
    )
}

fn compare() -> impl Strategy<Value = Compare> {
    use CompareResult::{Equal, Greater, Less, NotEqual};
    let target = prop_oneof![
        (0..4_i64).prop_map(CompareTarget::Version),
        (0..20_i64).prop_map(CompareTarget::CreateRevision),
        (0..20_i64).prop_map(CompareTarget::ModRevision),
        value().prop_map(CompareTarget::Value),
        select(vec![0, 7]).prop_map(CompareTarget::Lease),
    ];
    (key(), range_end(), select(vec![Equal, NotEqual, Greater, Less]), target)
        .prop_map(|(key, range_end, result, target)| Compare { key, range_end, result, target })
}

pub fn read_only_txn() -> impl Strategy<Value = TxnRequest> {
    txn(0).prop_map(|mut txn| {
        txn.success.retain(|op| matches!(op, RequestOp::Range(_)));
        txn.failure.retain(|op| matches!(op, RequestOp::Range(_)));
        txn
    })
}

/// A txn with others nested up to so deep.
pub fn txn(depth: u32) -> BoxedStrategy<TxnRequest> {
    let plain = prop_oneof![
        30 => range().prop_map(RequestOp::Range),
        30 => put().prop_map(RequestOp::Put),
        15 => delete().prop_map(RequestOp::DeleteRange),
        1 => Just(RequestOp::Empty),
    ];
    let op = if depth == 0 {
        plain.boxed()
    } else {
        prop_oneof![5 => plain, 1 => txn(depth - 1).prop_map(RequestOp::Txn)].boxed()
    };
    let branch = prop::collection::vec(op, 0..4);
    (prop::collection::vec(compare(), 0..2), branch.clone(), branch)
        .prop_map(|(compare, success, failure)| TxnRequest { compare, success, failure })
        .boxed()
}
