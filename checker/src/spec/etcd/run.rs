//! The effects of requests on the state (etcd: `txn/{txn,put,delete}.go`, `mvcc/kvstore_txn.go`).

use super::agree::branch;
use super::check::check;
use super::keys::Keys;
use super::{Etcd, compare, range};
use crate::history::*;

/// A request that is being carried out. All of its changes have one revision.
struct Run<'a> {
    before: &'a Etcd,
    keys: Keys,
    changed: bool,
    /// The branches of the txns, in the order in which they are met.
    branches: std::vec::IntoIter<bool>,
    /// True if ranges are cut to what is asked for.
    cut: bool,
}

impl Etcd {
    /// Carries out a request, or refuses it and changes nothing. Without `cut`, ranges in the response hold
    /// all that was found, to be compared with what was shown.
    pub(super) fn run(&mut self, request: &Request, cut: bool) -> Result<Response, Refusal> {
        check(request)?;
        if let Request::Compact(request) = request {
            return self.compact(request);
        }
        let mut branches = Vec::new();
        self.decide(request, &mut branches);
        match request {
            Request::Range(range) => self.may_read(range)?,
            Request::Txn(_) => {
                // All puts are looked at before the first range.
                let is_range = |request: &Request| matches!(request, Request::Range(_));
                self.may_run_txn(request, &mut branches.iter(), &|request| !is_range(request))?;
                self.may_run_txn(request, &mut branches.iter(), &is_range)?;
            }
            request => self.may_run(request)?,
        }
        let (keys, branches) = (self.keys.clone(), branches.into_iter());
        let mut run = Run { before: self, keys, changed: false, branches, cut };
        let mut response = run.answer(request);
        if let Response::Txn(txn) = &mut response {
            txn.header = run.header();
        }
        if run.changed {
            let keys = run.keys;
            self.past.push(self.revision, std::mem::replace(&mut self.keys, keys));
            self.revision += 1;
        }
        Ok(response)
    }

    fn compact(&mut self, request: &CompactRequest) -> Result<Response, Refusal> {
        if request.revision <= self.compacted {
            return Err(Refusal::Compacted);
        }
        if request.revision > self.revision {
            return Err(Refusal::FutureRev);
        }
        self.compacted = request.revision;
        Ok(Response::Compact(CompactResponse { header: header(self.revision) }))
    }

    /// Evaluates every condition on the state before the request.
    fn decide(&self, request: &Request, branches: &mut Vec<bool>) {
        if let Request::Txn(txn) = request {
            let holds = compare::hold(&txn.compare, &self.keys);
            branches.push(holds);
            branch(txn, holds).iter().for_each(|request| self.decide(request, branches));
        }
    }

    /// True if a range that stands alone can be answered.
    fn may_read(&self, range: &RangeRequest) -> Result<(), Refusal> {
        match range.revision {
            revision if revision > self.revision => Err(Refusal::FutureRev),
            revision if revision > 0 && revision < self.compacted => Err(Refusal::Compacted),
            _ => Ok(()),
        }
    }

    /// True if a request other than a txn can be carried out.
    fn may_run(&self, request: &Request) -> Result<(), Refusal> {
        match request {
            // In a txn, unlike alone, a negative revision is not the current one (etcd: `checkRange`).
            Request::Range(range) if range.revision < 0 && range.revision < self.compacted => {
                Err(Refusal::Compacted)
            }
            Request::Range(range) => self.may_read(range),
            Request::Put(put)
                if (put.ignore_value || put.ignore_lease) && self.keys.get(&put.key).is_none() =>
            {
                Err(Refusal::KeyNotFound)
            }
            _ => Ok(()),
        }
    }

    /// Checks all requests of a kind that a txn will carry out, on the state before it.
    fn may_run_txn(
        &self,
        request: &Request,
        branches: &mut std::slice::Iter<'_, bool>,
        is_of_kind: &impl Fn(&Request) -> bool,
    ) -> Result<(), Refusal> {
        match request {
            Request::Txn(txn) => {
                let holds = branches.next().is_some_and(|holds| *holds);
                let mut requests = branch(txn, holds).iter();
                requests.try_for_each(|request| self.may_run_txn(request, branches, is_of_kind))
            }
            request if is_of_kind(request) => self.may_run(request),
            _ => Ok(()),
        }
    }
}

impl Run<'_> {
    /// Carries out a request that was found to be possible.
    fn answer(&mut self, request: &Request) -> Response {
        match request {
            Request::Range(range) => Response::Range(self.range(range)),
            Request::Put(put) => Response::Put(self.put(put)),
            Request::Delete(delete) => Response::Delete(self.delete(delete)),
            Request::Txn(txn) => Response::Txn(self.txn(txn)),
            Request::Compact(_)
            | Request::Lease(_)
            | Request::Lock(_)
            | Request::Election(_)
            | Request::Auth(_) => Response::Compact(CompactResponse { header: self.header() }),
        }
    }

    /// The header of what is answered now: the revision counts as soon as something changed.
    fn header(&self) -> Header {
        header(self.before.revision + Revision::from(self.changed))
    }

    fn range(&self, request: &RangeRequest) -> RangeResponse {
        let before = self.before;
        let keys = match request.revision {
            revision if revision <= 0 || revision > before.revision => &self.keys,
            revision if revision == before.revision => &before.keys,
            revision => before.past.at(revision).unwrap_or(&self.keys),
        };
        let mut response = range::found(request, keys, self.header());
        if self.cut {
            range::cut(request, &mut response);
        }
        response
    }

    fn put(&mut self, request: &PutRequest) -> PutResponse {
        let revision = self.before.revision + 1;
        let prev = self.keys.get(&request.key).cloned();
        let kept = prev.as_ref();
        let kv = KeyValue {
            key: request.key.clone(),
            value: match kept {
                Some(kv) if request.ignore_value => kv.value.clone(),
                _ => request.value.clone(),
            },
            create_revision: kept.map_or(revision, |kv| kv.create_revision),
            mod_revision: revision,
            version: kept.map_or(0, |kv| kv.version) + 1,
            lease: match kept {
                Some(kv) if request.ignore_lease => kv.lease,
                _ => request.lease,
            },
        };
        self.keys.insert(kv);
        self.changed = true;
        PutResponse { header: self.header(), prev_kv: prev.filter(|_| request.prev_kv) }
    }

    fn delete(&mut self, request: &DeleteRequest) -> DeleteResponse {
        let mut found = Vec::new();
        self.keys.visit(&request.key, &request.range_end, &mut |kv| found.push(kv.clone()));
        found.iter().for_each(|kv| self.keys.remove(&kv.key));
        self.changed |= !found.is_empty();
        let deleted = found.len() as i64;
        let prev_kvs = if request.prev_kv { found } else { Vec::new() };
        DeleteResponse { header: self.header(), deleted, prev_kvs }
    }

    fn txn(&mut self, request: &TxnRequest) -> TxnResponse {
        let succeeded = self.branches.next().unwrap_or(false);
        let responses = branch(request, succeeded).iter().map(|request| self.answer(request)).collect();
        // A nested txn's header stays empty; the outermost one's is filled at the end.
        TxnResponse { header: header(0), succeeded, responses }
    }
}

fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}
