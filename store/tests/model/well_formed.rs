//! The form of requests: what a member refuses before it looks at the store.

use super::model::contains;
use revline_store::api::{RequestOp, SortOrder, SortTarget};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use std::collections::BTreeMap;

/// Refuses an operation that is not well formed, or has more operations in it than this.
pub fn well_formed(op: &RequestOp, ops_max: usize) -> Result<(), Error> {
    let some = |key: &Bytes| if key.is_empty() { Err(Error::EmptyKey) } else { Ok(()) };
    match op {
        RequestOp::Range(range) => {
            some(&range.key)?;
            let bad = matches!(range.sort_order, SortOrder::Unrecognized(_))
                || matches!(range.sort_target, SortTarget::Unrecognized(_));
            if bad { Err(Error::InvalidSortOption) } else { Ok(()) }
        }
        RequestOp::Put(put) => {
            some(&put.key)?;
            if put.ignore_value && !put.value.is_empty() {
                Err(Error::ValueProvided)
            } else if put.ignore_lease && put.lease != 0 {
                Err(Error::LeaseProvided)
            } else {
                Ok(())
            }
        }
        RequestOp::DeleteRange(delete) => some(&delete.key),
        RequestOp::Txn(txn) => {
            let ops = [txn.compare.len(), txn.success.len(), txn.failure.len()].into_iter().max().unwrap();
            if ops > ops_max {
                return Err(Error::TooManyOps);
            }
            txn.compare.iter().try_for_each(|compare| some(&compare.key))?;
            txn.success.iter().chain(&txn.failure).try_for_each(|op| well_formed(op, ops_max - ops))
        }
        RequestOp::Empty => Err(Error::KeyNotFound),
    }
}

/// An operation, with the places of the txns that it is in, from the outermost on.
pub type Placed<'a> = (Vec<usize>, &'a RequestOp);

/// Every sequence of operations that a branch can become.
pub fn paths<'a>(branch: &'a [RequestOp], within: &[usize]) -> Vec<Vec<Placed<'a>>> {
    let mut all = vec![Vec::new()];
    for (place, op) in branch.iter().enumerate() {
        let nested = [within, &[place]].concat();
        let choices = match op {
            RequestOp::Txn(txn) => {
                paths(&txn.success, &nested).into_iter().chain(paths(&txn.failure, &nested)).collect()
            }
            op => vec![vec![(within.to_vec(), op)]],
        };
        let extended = all.iter().flat_map(|before: &Vec<Placed<'a>>| {
            choices.iter().map(move |choice| before.iter().chain(choice).cloned().collect())
        });
        all = extended.collect();
    }
    all
}

/// True if a deletion is in a txn that comes after the one with the put: then etcd does not see that they overlap.
fn comes_in_a_later_txn(delete: &[usize], put: &[usize]) -> bool {
    let apart = delete.iter().zip(put).find(|(delete, put)| delete != put);
    apart.is_some_and(|(delete, put)| delete > put)
}

/// Refuses a sequence of operations that puts a key twice, or puts and deletes it, as far as etcd sees that.
pub fn without_overlap(path: &[Placed<'_>]) -> Result<(), Error> {
    let mut puts: BTreeMap<&Bytes, &[usize]> = BTreeMap::new();
    for (within, op) in path {
        if let RequestOp::Put(put) = op
            && puts.insert(&put.key, within).is_some()
        {
            return Err(Error::DuplicateKey);
        }
    }
    for (within, op) in path {
        // One without an end is not seen either.
        if let RequestOp::DeleteRange(delete) = op
            && delete.range_end.as_slice() != [0]
            && puts.iter().any(|(key, put)| {
                contains(&delete.key, &delete.range_end, key) && !comes_in_a_later_txn(within, put)
            })
        {
            return Err(Error::DuplicateKey);
        }
    }
    Ok(())
}
