//! The requests that locks and elections are made of.

use super::{prefix, prefix_end};
use crate::api::{
    Compare, CompareResult, CompareTarget, DeleteRangeRequest, PutRequest, RangeRequest, RequestOp,
    SortOrder, SortTarget, TxnRequest,
};
use crate::bytes::Bytes;

/// Puts the key if it is absent, otherwise reads it.
pub fn enter(key: &Bytes, value: &Bytes, lease: i64) -> TxnRequest {
    let put = PutRequest { key: key.clone(), value: value.clone(), lease, ..PutRequest::default() };
    TxnRequest {
        compare: vec![is_owner(key, 0)],
        success: vec![RequestOp::Put(put)],
        failure: vec![RequestOp::Range(RangeRequest { key: key.clone(), ..RangeRequest::default() })],
    }
}

/// Puts `put`, if its key is still the one that was created at `create_revision`.
pub fn put_if(create_revision: i64, put: PutRequest) -> TxnRequest {
    TxnRequest {
        compare: vec![is_owner(&put.key, create_revision)],
        success: vec![RequestOp::Put(put)],
        failure: Vec::new(),
    }
}

/// Deletes the key, if it is still the one that was created at `create_revision`.
pub fn delete_if(create_revision: i64, key: &Bytes) -> TxnRequest {
    let delete = DeleteRangeRequest { key: key.clone(), ..DeleteRangeRequest::default() };
    TxnRequest {
        compare: vec![is_owner(key, create_revision)],
        success: vec![RequestOp::DeleteRange(delete)],
        failure: Vec::new(),
    }
}

/// Holds if the key is the one that was created at `create_revision`; with 0, if there is none.
pub fn is_owner(key: &Bytes, create_revision: i64) -> Compare {
    Compare {
        key: key.clone(),
        range_end: Bytes::default(),
        result: CompareResult::Equal,
        target: CompareTarget::CreateRevision(create_revision),
    }
}

/// Reads the key of the owner of the name (`WithFirstCreate`).
pub fn first_created(name: &[u8]) -> RangeRequest {
    by_creation(name, SortOrder::Ascend)
}

/// Reads the newest key of the name that was created before a revision (`WithLastCreate` and
/// `WithMaxCreateRev`).
pub(super) fn last_created_before(name: &[u8], create_revision: i64) -> RangeRequest {
    debug_assert!(create_revision > 1, "no key was created before revision 2, and 0 would be no bound");
    RangeRequest { max_create_revision: create_revision - 1, ..by_creation(name, SortOrder::Descend) }
}

fn by_creation(name: &[u8], sort_order: SortOrder) -> RangeRequest {
    RangeRequest {
        key: prefix(name),
        range_end: prefix_end(name),
        sort_order,
        sort_target: SortTarget::Create,
        limit: 1,
        ..RangeRequest::default()
    }
}
