//! The checks a member makes before it proposes or reads (`server/etcdserver/api/v3rpc/key.go`).

use std::collections::BTreeSet;

use super::{
    DeleteRangeRequest, MAX_TXN_OPS, PutRequest, RangeRequest, Request, RequestOp, SortOrder, SortTarget,
    TxnRequest,
};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::key_range::KeyRange;

/// Is the request well-formed, whatever the state of the store?
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

/// A nested txn may use what its parent leaves of `ops_max`. That also bounds how deep they nest.
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

/// What a list of operations may change: no key may be put twice, or put and deleted, because its
/// changes would share a revision.
///
/// etcd's `checkIntervals` misses two overlaps that this refuses: a put in one nested txn with a
/// deletion in a later one, and a put with a deletion that is open-ended.
#[derive(Default)]
struct Changes<'a> {
    puts: BTreeSet<&'a Bytes>,
    deletes: Vec<KeyRange>,
}

impl<'a> Changes<'a> {
    fn of(ops: &'a [RequestOp]) -> Result<Self, Error> {
        let mut changes = Changes::default();
        for op in ops {
            match op {
                RequestOp::Put(put) => {
                    changes.also(Changes { puts: BTreeSet::from([&put.key]), deletes: Vec::new() })?
                }
                RequestOp::DeleteRange(delete) => {
                    let range = KeyRange::new(&delete.key, &delete.range_end);
                    changes.also(Changes { puts: BTreeSet::new(), deletes: vec![range] })?;
                }
                RequestOp::Txn(nested) => {
                    // The two branches exclude one another, but each goes with everything around it.
                    let mut either = Changes::of(&nested.success)?;
                    let failure = Changes::of(&nested.failure)?;
                    either.puts.extend(failure.puts);
                    either.deletes.extend(failure.deletes);
                    changes.also(either)?;
                }
                RequestOp::Range(_) | RequestOp::Empty => {}
            }
        }
        Ok(changes)
    }

    /// Adds what happens on the same path.
    fn also(&mut self, other: Changes<'a>) -> Result<(), Error> {
        let clash = other.puts.iter().any(|key| self.puts.contains(*key) || self.deletes_key(key))
            || self.puts.iter().any(|key| other.deletes_key(key));
        if clash {
            return Err(Error::DuplicateKey);
        }
        self.puts.extend(other.puts);
        self.deletes.extend(other.deletes);
        Ok(())
    }

    fn deletes_key(&self, key: &Bytes) -> bool {
        self.deletes.iter().any(|range| range.contains(key))
    }
}
