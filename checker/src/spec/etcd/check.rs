//! Requests refused without a look at the state (etcd: `v3rpc/key.go`, `checkTxnRequest`, `checkIntervals`).

use crate::bytes::Bytes;
use crate::history::Refusal;
use crate::history::{
    DeleteRequest, ElectionRequest, LeaderKey, LockRequest, PutRequest, Request, TxnRequest,
};
use std::collections::BTreeSet;

/// `--max-txn-ops`, at its default.
const MAX_TXN_OPS: usize = 128;

/// Checks a request as a member does before anything else.
pub(super) fn check(request: &Request) -> Result<(), Refusal> {
    match request {
        Request::Txn(txn) => {
            check_txn(txn, MAX_TXN_OPS)?;
            Writes::of(&txn.success)?;
            Writes::of(&txn.failure)?;
            Ok(())
        }
        // Each is a request on this key in other words.
        Request::Lock(LockRequest::Unlock { key })
        | Request::Election(
            ElectionRequest::Proclaim { leader: LeaderKey { key, .. }, .. }
            | ElectionRequest::Resign { leader: LeaderKey { key, .. } },
        ) if key.is_empty() => Err(Refusal::EmptyKey),
        Request::Compact(_)
        | Request::Lease(_)
        | Request::Lock(_)
        | Request::Election(_)
        | Request::Auth(_) => Ok(()),
        request => check_op(request, 0),
    }
}

fn check_txn(txn: &TxnRequest, max_ops: usize) -> Result<(), Refusal> {
    let ops = txn.compare.len().max(txn.success.len()).max(txn.failure.len());
    if ops > max_ops {
        return Err(Refusal::TooManyOps);
    }
    if txn.compare.iter().any(|compare| compare.key.is_empty()) {
        return Err(Refusal::EmptyKey);
    }
    txn.success.iter().chain(&txn.failure).try_for_each(|request| check_op(request, max_ops - ops))
}

fn check_op(request: &Request, max_ops: usize) -> Result<(), Refusal> {
    match request {
        Request::Range(range) if range.key.is_empty() => Err(Refusal::EmptyKey),
        Request::Put(put) => check_put(put),
        Request::Delete(delete) if delete.key.is_empty() => Err(Refusal::EmptyKey),
        Request::Txn(txn) => check_txn(txn, max_ops),
        // A txn has no field for it, so etcd sees an empty operation.
        Request::Compact(_)
        | Request::Lease(_)
        | Request::Lock(_)
        | Request::Election(_)
        | Request::Auth(_) => Err(Refusal::KeyNotFound),
        Request::Range(_) | Request::Delete(_) => Ok(()),
    }
}

fn check_put(put: &PutRequest) -> Result<(), Refusal> {
    if put.key.is_empty() {
        Err(Refusal::EmptyKey)
    } else if put.ignore_value && !put.value.is_empty() {
        Err(Refusal::ValueProvided)
    } else if put.ignore_lease && put.lease != 0 {
        Err(Refusal::LeaseProvided)
    } else {
        Ok(())
    }
}

/// The keys that a list of requests may put and delete.
#[derive(Default)]
struct Writes<'a> {
    puts: BTreeSet<&'a Bytes>,
    deletes: Vec<&'a DeleteRequest>,
}

impl<'a> Writes<'a> {
    /// Collects them; refused if a key is put twice, or put and deleted, on one path.
    ///
    /// etcd's `checkIntervals` lets two such pairs pass: a put in a nested txn with a delete in a later one, and
    /// a put with a delete whose end is `"\0"`. So does this.
    fn of(requests: &'a [Request]) -> Result<Self, Refusal> {
        let mut writes = Writes::default();
        // Deletes of this list first, then txns one after the other, then puts of this list.
        for request in requests {
            if let Request::Delete(delete) = request {
                writes.deletes.push(delete);
            }
        }
        for request in requests {
            let Request::Txn(txn) = request else { continue };
            let (success, failure) = (Writes::of(&txn.success)?, Writes::of(&txn.failure)?);
            // One of the two branches runs: they may put the same keys.
            let puts: BTreeSet<&Bytes> = success.puts.union(&failure.puts).copied().collect();
            puts.into_iter().try_for_each(|key| writes.put(key))?;
            writes.deletes.extend(success.deletes);
            writes.deletes.extend(failure.deletes);
        }
        for request in requests {
            if let Request::Put(put) = request {
                writes.put(&put.key)?;
            }
        }
        Ok(writes)
    }

    fn put(&mut self, key: &'a Bytes) -> Result<(), Refusal> {
        let is_deleted = self.deletes.iter().any(|delete| is_seen_to_cover(delete, key));
        if is_deleted || !self.puts.insert(key) { Err(Refusal::DuplicateKey) } else { Ok(()) }
    }
}

/// True if a delete covers a key, with the end `"\0"` taken for a key: no other is before it.
fn is_seen_to_cover(delete: &DeleteRequest, key: &Bytes) -> bool {
    match delete.range_end.as_slice() {
        [] => delete.key == *key,
        end => delete.key <= *key && key.as_slice() < end,
    }
}
