//! How much a member stores at most (etcd: `server/storage/quota.go`).

use super::command::Action;
use crate::api::{PutRequest, Request, RequestOp, TxnRequest};
use crate::lease::LeaseAction;

/// What a put costs besides its key and value (`kvOverhead`).
const KEY_VALUE_OVERHEAD_BYTES: u64 = 256;

/// What a lease costs (`leaseOverhead`).
const LEASE_BYTES: u64 = 64;

/// How many bytes a command may add to what is stored. What costs nothing is never refused for lack of space.
pub(super) fn cost_bytes(action: &Action) -> u64 {
    match action {
        Action::Kv(Request::Put(put)) => cost_of_put(put),
        Action::Kv(Request::Txn(txn)) => cost_of_txn(txn),
        Action::Kv(Request::Range(_) | Request::DeleteRange(_) | Request::Compaction(_)) => 0,
        Action::Lease(LeaseAction::Grant(_)) => LEASE_BYTES,
        Action::Lease(LeaseAction::Revoke(_) | LeaseAction::Checkpoint(_)) | Action::Alarm(_) => 0,
    }
}

fn cost_of_put(put: &PutRequest) -> u64 {
    KEY_VALUE_OVERHEAD_BYTES + (put.key.len() + put.value.len()) as u64
}

/// The dearer branch. Puts of nested txns count; etcd leaves them out, so that they go on when space is short.
fn cost_of_txn(txn: &TxnRequest) -> u64 {
    let branch = |ops: &[RequestOp]| -> u64 {
        let cost = |op: &RequestOp| match op {
            RequestOp::Put(put) => cost_of_put(put),
            RequestOp::Txn(nested) => cost_of_txn(nested),
            RequestOp::Range(_) | RequestOp::DeleteRange(_) | RequestOp::Empty => 0,
        };
        ops.iter().map(cost).sum()
    };
    branch(&txn.success).max(branch(&txn.failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DeleteRangeRequest, LeaseGrantRequest};

    fn put(key: &str, value: &str) -> PutRequest {
        PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() }
    }

    #[test]
    fn a_txn_costs_its_dearer_branch_nested_puts_counted_in() {
        let nested = TxnRequest { failure: vec![RequestOp::Put(put("abc", "d"))], ..TxnRequest::default() };
        let txn = TxnRequest {
            success: vec![RequestOp::Put(put("a", "b")), RequestOp::Txn(nested)],
            failure: vec![RequestOp::Put(put("a", &"b".repeat(200)))],
            ..TxnRequest::default()
        };
        assert_eq!(cost_bytes(&Action::Kv(Request::Txn(txn))), 2 * 256 + 6);
    }

    #[test]
    fn what_puts_nothing_costs_nothing() {
        let delete = RequestOp::DeleteRange(DeleteRangeRequest::default());
        let txn = TxnRequest { success: vec![delete], ..TxnRequest::default() };
        assert_eq!(cost_bytes(&Action::Kv(Request::Txn(txn))), 0);
        assert_eq!(cost_bytes(&Action::Kv(Request::DeleteRange(DeleteRangeRequest::default()))), 0);
        assert_eq!(cost_bytes(&Action::Lease(LeaseAction::Grant(LeaseGrantRequest::default()))), 64);
    }
}
