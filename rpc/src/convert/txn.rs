//! Txns: comparisons, and operations that may be txns again. `prost` refuses messages that lie in each other more than a
//! hundred deep, so the recursion here has an end.

use revline_store::api;

use super::{Unconvertible, header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::etcdserverpb;
use crate::proto::etcdserverpb::compare::{CompareResult, CompareTarget, TargetUnion};
use crate::proto::etcdserverpb::request_op::Request;
use crate::proto::etcdserverpb::response_op::Response;

/// The relation of this number. Of another one, etcd takes every comparison to hold (`etcdserver/txn/txn.go`,
/// `compareKV`); it is refused here.
fn compare_result(number: i32) -> Result<api::CompareResult, Unconvertible> {
    match CompareResult::try_from(number) {
        Ok(CompareResult::Equal) => Ok(api::CompareResult::Equal),
        Ok(CompareResult::Greater) => Ok(api::CompareResult::Greater),
        Ok(CompareResult::Less) => Ok(api::CompareResult::Less),
        Ok(CompareResult::NotEqual) => Ok(api::CompareResult::NotEqual),
        Err(_) => Err(Unconvertible::UnknownNumber { name: "CompareResult", number }),
    }
}

fn compare_result_number(result: api::CompareResult) -> i32 {
    match result {
        api::CompareResult::Equal => CompareResult::Equal.into(),
        api::CompareResult::Greater => CompareResult::Greater.into(),
        api::CompareResult::Less => CompareResult::Less.into(),
        api::CompareResult::NotEqual => CompareResult::NotEqual.into(),
    }
}

/// The field of this number, with the value that belongs to it. With a value of another field, or none, it is compared
/// with zero or the empty value, as in etcd (`compareKV`). For a number that names no field etcd takes any two to be
/// equal; it is refused here.
fn compare_target(number: i32, union: Option<TargetUnion>) -> Result<api::CompareTarget, Unconvertible> {
    let target = match CompareTarget::try_from(number) {
        Ok(CompareTarget::Version) => api::CompareTarget::Version(match union {
            Some(TargetUnion::Version(version)) => version,
            _ => 0,
        }),
        Ok(CompareTarget::Create) => api::CompareTarget::CreateRevision(match union {
            Some(TargetUnion::CreateRevision(revision)) => revision,
            _ => 0,
        }),
        Ok(CompareTarget::Mod) => api::CompareTarget::ModRevision(match union {
            Some(TargetUnion::ModRevision(revision)) => revision,
            _ => 0,
        }),
        Ok(CompareTarget::Value) => api::CompareTarget::Value(match union {
            Some(TargetUnion::Value(value)) => to_store(value),
            _ => Default::default(),
        }),
        Ok(CompareTarget::Lease) => api::CompareTarget::Lease(match union {
            Some(TargetUnion::Lease(lease)) => lease,
            _ => 0,
        }),
        Err(_) => return Err(Unconvertible::UnknownNumber { name: "CompareTarget", number }),
    };
    Ok(target)
}

fn compare_target_union(target: api::CompareTarget) -> (CompareTarget, TargetUnion) {
    match target {
        api::CompareTarget::Version(version) => (CompareTarget::Version, TargetUnion::Version(version)),
        api::CompareTarget::CreateRevision(revision) => {
            (CompareTarget::Create, TargetUnion::CreateRevision(revision))
        }
        api::CompareTarget::ModRevision(revision) => (CompareTarget::Mod, TargetUnion::ModRevision(revision)),
        api::CompareTarget::Value(value) => (CompareTarget::Value, TargetUnion::Value(to_wire(value))),
        api::CompareTarget::Lease(lease) => (CompareTarget::Lease, TargetUnion::Lease(lease)),
    }
}

impl TryFrom<etcdserverpb::Compare> for api::Compare {
    type Error = Unconvertible;

    fn try_from(compare: etcdserverpb::Compare) -> Result<Self, Unconvertible> {
        Ok(api::Compare {
            key: to_store(compare.key),
            range_end: to_store(compare.range_end),
            result: compare_result(compare.result)?,
            target: compare_target(compare.target, compare.target_union)?,
        })
    }
}

impl From<api::Compare> for etcdserverpb::Compare {
    fn from(compare: api::Compare) -> Self {
        let (target, union) = compare_target_union(compare.target);
        etcdserverpb::Compare {
            result: compare_result_number(compare.result),
            target: target.into(),
            key: to_wire(compare.key),
            range_end: to_wire(compare.range_end),
            target_union: Some(union),
        }
    }
}

impl TryFrom<etcdserverpb::RequestOp> for api::RequestOp {
    type Error = Unconvertible;

    fn try_from(op: etcdserverpb::RequestOp) -> Result<Self, Unconvertible> {
        Ok(match op.request {
            Some(Request::RequestRange(range)) => api::RequestOp::Range(range.into()),
            Some(Request::RequestPut(put)) => api::RequestOp::Put(put.into()),
            Some(Request::RequestDeleteRange(delete)) => api::RequestOp::DeleteRange(delete.into()),
            Some(Request::RequestTxn(txn)) => api::RequestOp::Txn(txn.try_into()?),
            None => api::RequestOp::Empty,
        })
    }
}

impl From<api::RequestOp> for etcdserverpb::RequestOp {
    fn from(op: api::RequestOp) -> Self {
        let request = match op {
            api::RequestOp::Range(range) => Some(Request::RequestRange(range.into())),
            api::RequestOp::Put(put) => Some(Request::RequestPut(put.into())),
            api::RequestOp::DeleteRange(delete) => Some(Request::RequestDeleteRange(delete.into())),
            api::RequestOp::Txn(txn) => Some(Request::RequestTxn(txn.into())),
            api::RequestOp::Empty => None,
        };
        etcdserverpb::RequestOp { request }
    }
}

impl TryFrom<etcdserverpb::TxnRequest> for api::TxnRequest {
    type Error = Unconvertible;

    fn try_from(txn: etcdserverpb::TxnRequest) -> Result<Self, Unconvertible> {
        Ok(api::TxnRequest {
            compare: txn.compare.into_iter().map(api::Compare::try_from).collect::<Result<_, _>>()?,
            success: txn.success.into_iter().map(api::RequestOp::try_from).collect::<Result<_, _>>()?,
            failure: txn.failure.into_iter().map(api::RequestOp::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<api::TxnRequest> for etcdserverpb::TxnRequest {
    fn from(txn: api::TxnRequest) -> Self {
        etcdserverpb::TxnRequest {
            compare: txn.compare.into_iter().map(Into::into).collect(),
            success: txn.success.into_iter().map(Into::into).collect(),
            failure: txn.failure.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<etcdserverpb::ResponseOp> for api::ResponseOp {
    type Error = Unconvertible;

    fn try_from(op: etcdserverpb::ResponseOp) -> Result<Self, Unconvertible> {
        Ok(match op.response {
            Some(Response::ResponseRange(range)) => api::ResponseOp::Range(range.into()),
            Some(Response::ResponsePut(put)) => api::ResponseOp::Put(put.into()),
            Some(Response::ResponseDeleteRange(delete)) => api::ResponseOp::DeleteRange(delete.into()),
            Some(Response::ResponseTxn(txn)) => api::ResponseOp::Txn(txn.try_into()?),
            None => return Err(Unconvertible::Missing("ResponseOp.response")),
        })
    }
}

impl From<api::ResponseOp> for etcdserverpb::ResponseOp {
    fn from(op: api::ResponseOp) -> Self {
        let response = match op {
            api::ResponseOp::Range(range) => Response::ResponseRange(range.into()),
            api::ResponseOp::Put(put) => Response::ResponsePut(put.into()),
            api::ResponseOp::DeleteRange(delete) => Response::ResponseDeleteRange(delete.into()),
            api::ResponseOp::Txn(txn) => Response::ResponseTxn(txn.into()),
        };
        etcdserverpb::ResponseOp { response: Some(response) }
    }
}

impl TryFrom<etcdserverpb::TxnResponse> for api::TxnResponse {
    type Error = Unconvertible;

    fn try_from(txn: etcdserverpb::TxnResponse) -> Result<Self, Unconvertible> {
        Ok(api::TxnResponse {
            header: header_to_store(txn.header),
            succeeded: txn.succeeded,
            responses: txn.responses.into_iter().map(api::ResponseOp::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<api::TxnResponse> for etcdserverpb::TxnResponse {
    fn from(txn: api::TxnResponse) -> Self {
        etcdserverpb::TxnResponse {
            header: header_to_wire(txn.header),
            succeeded: txn.succeeded,
            responses: txn.responses.into_iter().map(Into::into).collect(),
        }
    }
}
