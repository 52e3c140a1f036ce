//! Txns: decide on the state before, check everything, then carry out (`etcdserver/txn/txn.go`).

use super::Store;
use super::write::WriteTxn;
use crate::api::{Event, RangeRequest, RequestOp, ResponseHeader, ResponseOp, TxnRequest, TxnResponse};
use crate::error::Error;

/// Which branch a txn takes, and those nested in that branch, in their order.
struct Path {
    succeeded: bool,
    nested: Vec<Path>,
}

impl Path {
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

impl Store {
    pub(super) fn execute_txn(
        &mut self,
        request: &TxnRequest,
        events: &mut Vec<Event>,
    ) -> Result<TxnResponse, Error> {
        let path = self.path(request);
        self.check_ops(request, &path)?;
        let mut txn = WriteTxn::begin(self, events);
        let mut response = txn.execute(request, &path)?;
        response.header = ResponseHeader::at(self.revision);
        Ok(response)
    }

    pub(super) fn execute_read_txn(&self, request: &TxnRequest) -> Result<TxnResponse, Error> {
        let path = self.path(request);
        self.check_ops(request, &path)?;
        let mut responses = Vec::new();
        for op in path.ops(request) {
            if let RequestOp::Range(range) = op {
                responses.push(ResponseOp::Range(self.range(range)?));
            }
        }
        let header = ResponseHeader::at(self.revision);
        Ok(TxnResponse { header, succeeded: path.succeeded, responses })
    }

    /// Evaluates all comparisons, nested ones too, before anything is changed.
    fn path(&self, request: &TxnRequest) -> Path {
        let mut path = Path { succeeded: self.all_hold(&request.compare), nested: Vec::new() };
        for op in path.ops(request) {
            if let RequestOp::Txn(nested) = op {
                path.nested.push(self.path(nested));
            }
        }
        path
    }

    /// May the operations on the path be carried out? One that may not fails the whole txn, without any
    /// effect. As in etcd, all puts are looked at before the first range.
    fn check_ops(&self, request: &TxnRequest, path: &Path) -> Result<(), Error> {
        path.try_each(request, &mut |op| match op {
            RequestOp::Put(put) => self.check_put_in_txn(put),
            _ => Ok(()),
        })?;
        path.try_each(request, &mut |op| match op {
            RequestOp::Range(range) => self.check_range(range),
            _ => Ok(()),
        })
    }

    /// A range in a txn sees at most the revision before the txn, if it asks for one.
    fn check_range(&self, range: &RangeRequest) -> Result<(), Error> {
        match range.revision {
            0 => Ok(()),
            revision if revision > self.revision => Err(Error::FutureRev),
            // A negative revision means the current one only while nothing was compacted, as in etcd.
            revision if revision < self.compact_revision => Err(Error::Compacted),
            _ => Ok(()),
        }
    }
}

impl WriteTxn<'_> {
    /// The header stays empty: only the outermost response has one.
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
