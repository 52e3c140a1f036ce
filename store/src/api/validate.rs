//! The checks a member makes before it proposes or reads (`server/etcdserver/api/v3rpc/key.go`).

use std::collections::BTreeSet;

use super::{
    DeleteRangeRequest, MAX_TXN_OPS, PutRequest, RangeRequest, Request, RequestOp, SortOrder, SortTarget,
    TxnRequest,
};
use crate::bytes::Bytes;
use crate::error::Error;

/// Checks that the request is well-formed, regardless of the state of the store.
pub fn validate(request: &Request) -> Result<(), Error> {
    match request {
        Request::Range(range) => check_range(range),
        Request::Put(put) => check_put(put),
        Request::DeleteRange(delete) => check_delete_range(delete),
        Request::Txn(txn) => check_txn(txn),
        Request::Compaction(_) => Ok(()),
    }
}

fn check_range(range: &RangeRequest) -> Result<(), Error> {
    check_key(&range.key)?;
    let bad_order = matches!(range.sort_order, SortOrder::Unrecognized(_));
    let bad_target = matches!(range.sort_target, SortTarget::Unrecognized(_));
    if bad_order || bad_target { Err(Error::InvalidSortOption) } else { Ok(()) }
}

fn check_put(put: &PutRequest) -> Result<(), Error> {
    check_key(&put.key)?;
    if put.ignore_value && !put.value.is_empty() {
        return Err(Error::ValueProvided);
    }
    if put.ignore_lease && put.lease != 0 {
        return Err(Error::LeaseProvided);
    }
    Ok(())
}

fn check_delete_range(delete: &DeleteRangeRequest) -> Result<(), Error> {
    check_key(&delete.key)
}

fn check_key(key: &Bytes) -> Result<(), Error> {
    if key.is_empty() { Err(Error::EmptyKey) } else { Ok(()) }
}

fn check_txn(txn: &TxnRequest) -> Result<(), Error> {
    check_operations(txn, MAX_TXN_OPS)?;
    // One branch alone is carried out, so each is checked by itself.
    Changes::of(&txn.success)?;
    Changes::of(&txn.failure)?;
    Ok(())
}

/// Checks the operations of a txn. A nested txn may use the part of `ops_max` that its parent leaves. That also
/// bounds the depth of nesting.
fn check_operations(txn: &TxnRequest, ops_max: usize) -> Result<(), Error> {
    let ops = txn.compare.len().max(txn.success.len()).max(txn.failure.len());
    let ops_left = ops_max.checked_sub(ops).ok_or(Error::TooManyOps)?;
    for compare in &txn.compare {
        check_key(&compare.key)?;
    }
    for op in txn.success.iter().chain(&txn.failure) {
        match op {
            RequestOp::Range(range) => check_range(range)?,
            RequestOp::Put(put) => check_put(put)?,
            RequestOp::DeleteRange(delete) => check_delete_range(delete)?,
            RequestOp::Txn(nested) => check_operations(nested, ops_left)?,
            RequestOp::Empty => return Err(Error::KeyNotFound),
        }
    }
    Ok(())
}

/// The puts and deletions of a list of operations. No key may be put twice, or put and deleted.
///
/// As etcd's `checkIntervals`, in its order, it misses two overlaps: a put in one nested txn with a deletion in
/// a later one, and a put with a deletion whose end is `"\0"`. Such a txn changes one key more than once in one revision.
#[derive(Default)]
struct Changes<'a> {
    puts: BTreeSet<&'a Bytes>,
    deletes: Vec<&'a DeleteRangeRequest>,
}

impl<'a> Changes<'a> {
    fn of(ops: &'a [RequestOp]) -> Result<Self, Error> {
        let mut changes = Changes::default();
        for op in ops {
            if let RequestOp::DeleteRange(delete) = op {
                changes.deletes.push(delete);
            }
        }
        for op in ops {
            if let RequestOp::Txn(nested) = op {
                changes.nest(Changes::of(&nested.success)?, Changes::of(&nested.failure)?)?;
            }
        }
        for op in ops {
            if let RequestOp::Put(put) = op {
                changes.put(&put.key)?;
            }
        }
        Ok(changes)
    }

    /// Adds a nested txn. Its branches exclude one another, but each goes with everything around it.
    fn nest(&mut self, success: Self, failure: Self) -> Result<(), Error> {
        let also_in_failure: Vec<&Bytes> = failure.puts.difference(&success.puts).copied().collect();
        for key in success.puts.iter().chain(&also_in_failure) {
            self.put(key)?;
        }
        self.deletes.extend(success.deletes);
        self.deletes.extend(failure.deletes);
        Ok(())
    }

    fn put(&mut self, key: &'a Bytes) -> Result<(), Error> {
        let is_deleted = self.deletes.iter().any(|delete| covers(delete, key));
        if is_deleted || !self.puts.insert(key) { Err(Error::DuplicateKey) } else { Ok(()) }
    }
}

/// True if a deletion is seen to cover a key. The end `"\0"` is taken for a key like any other, which comes before
/// all keys.
fn covers(delete: &DeleteRangeRequest, key: &Bytes) -> bool {
    match delete.range_end.as_slice() {
        [] => delete.key == *key,
        end => delete.key <= *key && key.as_slice() < end,
    }
}
