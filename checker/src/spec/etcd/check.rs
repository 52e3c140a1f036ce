//! What is refused without a look at the state (etcd: `v3rpc/key.go`, `checkTxnRequest`, `checkIntervals`).

use super::refusal::Refusal;
use crate::bytes::Bytes;
use crate::history::{DeleteRequest, PutRequest, Request, TxnRequest};
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
        Request::Compact(_) => Ok(()),
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => Ok(()),
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
    /// a put with a delete whose end is `"\0"`. The rule has no such exceptions here.
    fn of(requests: &'a [Request]) -> Result<Self, Refusal> {
        let mut writes = Writes::default();
        for request in requests {
            match request {
                Request::Put(put) => writes.join(Writes { puts: [&put.key].into(), deletes: vec![] })?,
                Request::Delete(delete) => {
                    writes.join(Writes { puts: BTreeSet::new(), deletes: vec![delete] })?;
                }
                Request::Txn(txn) => {
                    // One of the two branches runs: they may write the same keys.
                    let mut either = Writes::of(&txn.success)?;
                    let failure = Writes::of(&txn.failure)?;
                    either.puts.extend(failure.puts);
                    either.deletes.extend(failure.deletes);
                    writes.join(either)?;
                }
                Request::Range(_) | Request::Compact(_) => {}
                Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => {}
            }
        }
        Ok(writes)
    }

    /// Adds what another request on the same path writes.
    fn join(&mut self, other: Writes<'a>) -> Result<(), Refusal> {
        let is_twice = other.puts.iter().any(|key| self.puts.contains(key) || self.deletes(key));
        if is_twice || self.puts.iter().any(|key| other.deletes(key)) {
            return Err(Refusal::DuplicateKey);
        }
        self.puts.extend(other.puts);
        self.deletes.extend(other.deletes);
        Ok(())
    }

    fn deletes(&self, key: &Bytes) -> bool {
        self.deletes.iter().any(|delete| covers(delete, key))
    }
}

/// Whether a delete covers a key.
fn covers(delete: &DeleteRequest, key: &Bytes) -> bool {
    match delete.range_end.as_slice() {
        [] => delete.key == *key,
        [0] => delete.key <= *key,
        end => delete.key <= *key && key.as_slice() < end,
    }
}
