//! Members other than the proposer do not evaluate the ranges of a txn.
//!
//! Found in: etcd #18667.

use super::{Defect, Description};
use crate::api::{Request, RequestOp, TxnRequest};

/// The defect of this file.
pub const DEFECT: Defect = Defect::TxnRangeStripped;

pub(super) const DESCRIPTION: Description = Description {
    name: "txn-range-stripped",
    rule: "members other than the proposer do not evaluate a txn's ranges",
    guarantees: &["txn-atomic", "member-agreement"],
};

/// A txn without its ranges, which no caller of this member waits for (`removeNeedlessRangeReqs` in
/// `server/etcdserver/server.go`).
pub(crate) fn stripped(request: &Request, proposed_here: bool) -> Option<Request> {
    let Request::Txn(txn) = request else { return None };
    let other = |ops: &[RequestOp]| -> Vec<RequestOp> {
        ops.iter().filter(|op| !matches!(op, RequestOp::Range(_))).cloned().collect()
    };
    let stripped = TxnRequest {
        compare: txn.compare.clone(),
        success: other(&txn.success),
        failure: other(&txn.failure),
    };
    (!proposed_here).then_some(Request::Txn(stripped))
}
