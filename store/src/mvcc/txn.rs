//! Txns: decide on the state before, check everything, then carry out (`etcdserver/txn/txn.go`).

use super::Store;
use super::key_index::KeyIndex;
use super::write::{WriteTxn, check_put_in_txn};
use crate::api::{RangeRequest, RequestOp, ResponseHeader, ResponseOp, TxnRequest, TxnResponse};
use crate::error::Error;

/// The branch that a txn takes, and those nested in that branch, in their order.
struct Path {
    succeeded: bool,
    nested: Vec<Path>,
}

impl Path {
    /// Evaluates all comparisons, nested ones too, before anything is changed.
    fn of(request: &TxnRequest, index: &KeyIndex) -> Path {
        let mut path = Path { succeeded: index.all_hold(&request.compare), nested: Vec::new() };
        for op in path.ops(request) {
            if let RequestOp::Txn(nested) = op {
                path.nested.push(Path::of(nested, index));
            }
        }
        path
    }

    /// Checks that the operations on the path can be carried out. One that cannot fails the whole txn, without any
    /// effect. As in etcd, all puts are looked at before the first range.
    fn check(&self, request: &TxnRequest, store: &Store) -> Result<(), Error> {
        self.try_each(request, &mut |op| match op {
            RequestOp::Put(put) => check_put_in_txn(store, put),
            _ => Ok(()),
        })?;
        self.try_each(request, &mut |op| match op {
            RequestOp::Range(range) => check_range(store, range),
            _ => Ok(()),
        })
    }

    fn ops<'a>(&self, txn: &'a TxnRequest) -> &'a [RequestOp] {
        if self.succeeded { &txn.success } else { &txn.failure }
    }

    /// Checks every operation on the path but the nested txns themselves, in the order of their execution.
    fn try_each(
        &self,
        txn: &TxnRequest,
        check: &mut impl FnMut(&RequestOp) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut nested_paths = self.nested.iter();
        for op in self.ops(txn) {
            match op {
                RequestOp::Txn(nested) => {
                    if let Some(path) = nested_paths.next() {
                        path.try_each(nested, check)?;
                    }
                }
                _ => check(op)?,
            }
        }
        Ok(())
    }
}

/// Carries out a txn that has nothing but ranges.
pub(super) fn read(store: &Store, request: &TxnRequest) -> Result<TxnResponse, Error> {
    let path = Path::of(request, &store.index);
    path.check(request, store)?;
    let mut responses = Vec::new();
    for op in path.ops(request) {
        if let RequestOp::Range(range) = op {
            responses.push(ResponseOp::Range(store.range(range)?));
        }
    }
    let header = ResponseHeader::at(store.revision);
    Ok(TxnResponse { header, succeeded: path.succeeded, responses })
}

/// A range in a txn sees at most the revision before the txn, if it asks for one.
fn check_range(store: &Store, range: &RangeRequest) -> Result<(), Error> {
    match range.revision {
        0 => Ok(()),
        revision if revision > store.revision => Err(Error::FutureRev),
        // A negative revision means the current one only while nothing was compacted, as in etcd.
        revision if revision < store.compact_revision => Err(Error::Compacted),
        _ => Ok(()),
    }
}

impl WriteTxn<'_> {
    /// Carries out a txn.
    pub fn txn(&mut self, request: &TxnRequest) -> Result<TxnResponse, Error> {
        let path = Path::of(request, &self.store.index);
        path.check(request, self.store)?;
        let mut response = self.execute(request, &path)?;
        response.header = ResponseHeader::at(self.store.revision);
        Ok(response)
    }

    /// Executes the operations of a path. The header stays empty: only the outermost response has one.
    fn execute(&mut self, request: &TxnRequest, path: &Path) -> Result<TxnResponse, Error> {
        let ops = path.ops(request);
        let mut responses = Vec::with_capacity(ops.len());
        let mut nested_paths = path.nested.iter();
        for op in ops {
            match op {
                RequestOp::Range(range) => responses.push(ResponseOp::Range(self.store.range(range)?)),
                RequestOp::Put(put) => responses.push(ResponseOp::Put(self.put(put))),
                RequestOp::DeleteRange(delete) => {
                    responses.push(ResponseOp::DeleteRange(self.delete_range(delete)));
                }
                RequestOp::Txn(nested) => {
                    if let Some(nested_path) = nested_paths.next() {
                        responses.push(ResponseOp::Txn(self.execute(nested, nested_path)?));
                    }
                }
                RequestOp::Empty => debug_assert!(false, "refused before it was proposed"),
            }
            self.end_op();
        }
        Ok(TxnResponse { header: ResponseHeader::default(), succeeded: path.succeeded, responses })
    }
}
