//! Keys and values, and the operations on them.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use revline_store::api::{
    DeleteRangeRequest, DeleteRangeResponse, KeyValue, PutRequest, PutResponse, RangeRequest, RangeResponse,
    SortOrder, SortTarget,
};

use super::{bytes, header, int};

pub fn key_value() -> BoxedStrategy<Arc<KeyValue>> {
    (bytes(), int(), int(), int(), bytes(), int())
        .prop_map(|(key, create_revision, mod_revision, version, value, lease)| {
            Arc::new(KeyValue { key, create_revision, mod_revision, version, value, lease })
        })
        .boxed()
}

fn sort_order() -> BoxedStrategy<SortOrder> {
    prop_oneof![
        Just(SortOrder::None),
        Just(SortOrder::Ascend),
        Just(SortOrder::Descend),
        prop_oneof![Just(-1), 3..i32::MAX].prop_map(SortOrder::Unrecognized),
    ]
    .boxed()
}

fn sort_target() -> BoxedStrategy<SortTarget> {
    prop_oneof![
        Just(SortTarget::Key),
        Just(SortTarget::Version),
        Just(SortTarget::Create),
        Just(SortTarget::Mod),
        Just(SortTarget::Value),
        prop_oneof![Just(i32::MIN), 5..i32::MAX].prop_map(SortTarget::Unrecognized),
    ]
    .boxed()
}

pub fn range_request() -> BoxedStrategy<RangeRequest> {
    let keys = (bytes(), bytes(), int(), int(), sort_order(), sort_target());
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (keys, switches, int(), int(), int(), int())
        .prop_map(|(keys, switches, min_mod, max_mod, min, max)| {
            let (key, range_end, limit, revision, sort_order, sort_target) = keys;
            let (serializable, keys_only, count_only) = switches;
            RangeRequest {
                key,
                range_end,
                limit,
                revision,
                sort_order,
                sort_target,
                serializable,
                keys_only,
                count_only,
                min_mod_revision: min_mod,
                max_mod_revision: max_mod,
                min_create_revision: min,
                max_create_revision: max,
            }
        })
        .boxed()
}

pub fn put_request() -> BoxedStrategy<PutRequest> {
    (bytes(), bytes(), int(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(key, value, lease, prev_kv, ignore_value, ignore_lease)| PutRequest {
            key,
            value,
            lease,
            prev_kv,
            ignore_value,
            ignore_lease,
        })
        .boxed()
}

pub fn delete_range_request() -> BoxedStrategy<DeleteRangeRequest> {
    (bytes(), bytes(), any::<bool>())
        .prop_map(|(key, range_end, prev_kv)| DeleteRangeRequest { key, range_end, prev_kv })
        .boxed()
}

pub fn range_response() -> BoxedStrategy<RangeResponse> {
    (header(), vec(key_value(), 0..4), any::<bool>(), int())
        .prop_map(|(header, kvs, more, count)| RangeResponse { header, kvs, more, count })
        .boxed()
}

pub fn put_response() -> BoxedStrategy<PutResponse> {
    (header(), option::of(key_value())).prop_map(|(header, prev_kv)| PutResponse { header, prev_kv }).boxed()
}

pub fn delete_range_response() -> BoxedStrategy<DeleteRangeResponse> {
    (header(), int(), vec(key_value(), 0..4))
        .prop_map(|(header, deleted, prev_kvs)| DeleteRangeResponse { header, deleted, prev_kvs })
        .boxed()
}
