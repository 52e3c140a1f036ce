//! Txns that lie in each other.

use proptest::collection::vec;
use proptest::prelude::*;
use revline_store::api::{
    Compare, CompareResult, CompareTarget, RequestOp, ResponseOp, TxnRequest, TxnResponse,
};

use super::kv::{
    delete_range_request, delete_range_response, put_request, put_response, range_request, range_response,
};
use super::{bytes, header, int};

fn compare() -> BoxedStrategy<Compare> {
    let result = prop_oneof![
        Just(CompareResult::Equal),
        Just(CompareResult::Greater),
        Just(CompareResult::Less),
        Just(CompareResult::NotEqual),
    ];
    let target = prop_oneof![
        int().prop_map(CompareTarget::Version),
        int().prop_map(CompareTarget::CreateRevision),
        int().prop_map(CompareTarget::ModRevision),
        bytes().prop_map(CompareTarget::Value),
        int().prop_map(CompareTarget::Lease),
    ];
    (bytes(), bytes(), result, target)
        .prop_map(|(key, range_end, result, target)| Compare { key, range_end, result, target })
        .boxed()
}

fn txn_of(op: BoxedStrategy<RequestOp>) -> BoxedStrategy<TxnRequest> {
    (vec(compare(), 0..3), vec(op.clone(), 0..3), vec(op, 0..3))
        .prop_map(|(compare, success, failure)| TxnRequest { compare, success, failure })
        .boxed()
}

pub fn txn_request() -> BoxedStrategy<TxnRequest> {
    let leaf = prop_oneof![
        range_request().prop_map(RequestOp::Range),
        put_request().prop_map(RequestOp::Put),
        delete_range_request().prop_map(RequestOp::DeleteRange),
        Just(RequestOp::Empty),
    ];
    txn_of(leaf.prop_recursive(3, 8, 3, |op| txn_of(op).prop_map(RequestOp::Txn)).boxed()).boxed()
}

fn response_of(op: BoxedStrategy<ResponseOp>) -> BoxedStrategy<TxnResponse> {
    (header(), any::<bool>(), vec(op, 0..3))
        .prop_map(|(header, succeeded, responses)| TxnResponse { header, succeeded, responses })
        .boxed()
}

pub fn txn_response() -> BoxedStrategy<TxnResponse> {
    let leaf = prop_oneof![
        range_response().prop_map(ResponseOp::Range),
        put_response().prop_map(ResponseOp::Put),
        delete_range_response().prop_map(ResponseOp::DeleteRange),
    ];
    response_of(leaf.prop_recursive(3, 8, 3, |op| response_of(op).prop_map(ResponseOp::Txn)).boxed()).boxed()
}
