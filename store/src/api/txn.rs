//! Several operations as one, guarded by comparisons.

use serde::{Deserialize, Serialize};

use super::{
    DeleteRangeRequest, DeleteRangeResponse, PutRequest, PutResponse, RangeRequest, RangeResponse,
    ResponseHeader,
};
use crate::bytes::Bytes;

/// `etcdserverpb.TxnRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TxnRequest {
    /// All must hold for `success` to be carried out.
    pub compare: Vec<Compare>,
    /// The operations if they hold.
    pub success: Vec<RequestOp>,
    /// The operations if one does not.
    pub failure: Vec<RequestOp>,
}

impl TxnRequest {
    /// Returns true if it has nothing but ranges, so that it needs no proposal. A nested txn counts as a write, as
    /// in etcd (`IsTxnReadonly`).
    pub fn is_read_only(&self) -> bool {
        self.operations().all(|op| matches!(op, RequestOp::Range(_)))
    }

    /// Returns true if all its operations are serializable ranges, so that the member may answer it alone. True of
    /// a txn without any operation, as in etcd (`IsTxnSerializable`).
    pub fn is_serializable(&self) -> bool {
        self.operations().all(|op| matches!(op, RequestOp::Range(range) if range.serializable))
    }

    fn operations(&self) -> impl Iterator<Item = &RequestOp> {
        self.success.iter().chain(&self.failure)
    }
}

/// `etcdserverpb.Compare`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Compare {
    /// The key, or the first of a range.
    pub key: Bytes,
    /// As in a range; then every key of the range must pass.
    pub range_end: Bytes,
    /// The relation of the field of the key to the target.
    pub result: CompareResult,
    /// The field, and the value it is compared with.
    pub target: CompareTarget,
}

/// `etcdserverpb.Compare.CompareResult`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompareResult {
    Equal,
    Greater,
    Less,
    NotEqual,
}

/// `etcdserverpb.Compare.CompareTarget` with its `target_union`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompareTarget {
    Version(i64),
    CreateRevision(i64),
    ModRevision(i64),
    Value(Bytes),
    Lease(i64),
}

/// `etcdserverpb.RequestOp`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RequestOp {
    Range(RangeRequest),
    Put(PutRequest),
    DeleteRange(DeleteRangeRequest),
    Txn(TxnRequest),
    /// On the wire an op may hold none of them: refused.
    Empty,
}

/// `etcdserverpb.TxnResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TxnResponse {
    /// The revision of the txn, or the current one if it changed nothing. All zero in a nested txn.
    pub header: ResponseHeader,
    /// True if all comparisons held.
    pub succeeded: bool,
    /// The answers of the branch that was carried out, in its order. Their headers carry only a revision.
    pub responses: Vec<ResponseOp>,
}

/// `etcdserverpb.ResponseOp`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ResponseOp {
    Range(RangeResponse),
    Put(PutResponse),
    DeleteRange(DeleteRangeResponse),
    Txn(TxnResponse),
}
