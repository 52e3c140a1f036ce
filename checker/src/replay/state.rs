//! The state a line of revisions leads to, and what a request does to it.

use super::acceptable::is_acceptable;
use super::span::Span;
use super::{range, txn};
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

/// The change of one key by one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The key.
    pub(crate) key: Bytes,
    /// The key before; `None` where it was absent.
    pub(crate) before: Option<KeyValue>,
    /// The key after; `None` where it was deleted.
    pub(crate) after: Option<KeyValue>,
}

/// The keys at some revision.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoreState {
    pub(super) kvs: BTreeMap<Bytes, KeyValue>,
}

/// The answer to a request whose changes, if it made any, are at one revision.
struct Run<'a> {
    kvs: &'a mut BTreeMap<Bytes, KeyValue>,
    /// The revision that the first change makes.
    next: Revision,
    changes: &'a mut Vec<Change>,
    /// The position in `changes` of this request's first.
    first: usize,
}

impl StoreState {
    /// Answers `request` when `next` would be the revision of its changes, makes them, and appends them to
    /// `changes`. `None` where etcd refuses the request in this state; then nothing changes.
    pub(crate) fn apply(
        &mut self,
        request: &Request,
        next: Revision,
        changes: &mut Vec<Change>,
    ) -> Option<Response> {
        if matches!(request, Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_)) {
            return self.serve(request, next, changes);
        }
        let first = changes.len();
        let path = Path::of(request, &self.kvs).filter(|_| is_acceptable(request))?;
        let mut run = Run { kvs: &mut self.kvs, next, changes, first };
        Some(run.answer(request, &path))
    }

    /// Takes back changes, which must be the last ones.
    pub(crate) fn undo(&mut self, changes: &[Change]) {
        for change in changes.iter().rev() {
            match &change.before {
                Some(kv) => self.kvs.insert(change.key.clone(), kv.clone()),
                None => self.kvs.remove(&change.key),
            };
        }
    }

    /// The keys that a range is about.
    pub(crate) fn of(&self, range: &RangeRequest) -> impl Iterator<Item = &KeyValue> {
        Span::of_range(range).of(&self.kvs).map(|(_, kv)| kv)
    }

    /// Sets a key to what was seen of it. Returns the change.
    pub(crate) fn set(&mut self, key: &Bytes, after: Option<KeyValue>) -> Change {
        let before = match &after {
            Some(kv) => self.kvs.insert(key.clone(), kv.clone()),
            None => self.kvs.remove(key),
        };
        Change { key: key.clone(), before, after }
    }
}

/// The branches of a txn, decided before any of it runs: nested conditions, too, look at the state
/// before the txn.
enum Path {
    Leaf,
    Txn(bool, Vec<Path>),
}

impl Path {
    /// `None` where the request must be refused as a whole.
    fn of(request: &Request, kvs: &BTreeMap<Bytes, KeyValue>) -> Option<Self> {
        match request {
            Request::Range(_) | Request::Delete(_) | Request::Compact(_) => Some(Path::Leaf),
            Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => None,
            Request::Put(put) => {
                let needs_key = put.ignore_value || put.ignore_lease;
                (!needs_key || kvs.contains_key(&put.key)).then_some(Path::Leaf)
            }
            Request::Txn(txn) => {
                let succeeded = txn::holds(&txn.compare, kvs);
                let branch = branch(txn, succeeded);
                Some(Path::Txn(
                    succeeded,
                    branch.iter().map(|request| Path::of(request, kvs)).collect::<Option<_>>()?,
                ))
            }
        }
    }
}

fn branch(txn: &TxnRequest, succeeded: bool) -> &[Request] {
    if succeeded { &txn.success } else { &txn.failure }
}

impl Run<'_> {
    /// The header of an answer given now.
    fn header(&self) -> Header {
        let revision = if self.changes.len() > self.first { self.next } else { self.next - 1 };
        Header { member: MemberId(0), revision, term: 0 }
    }

    fn answer(&mut self, request: &Request, path: &Path) -> Response {
        match (request, path) {
            (Request::Range(request), _) => {
                let kvs = Span::of_range(request).of(self.kvs).map(|(_, kv)| kv);
                Response::Range(range::answer(request, kvs, self.header()))
            }
            (Request::Put(request), _) => Response::Put(self.put(request)),
            (Request::Delete(request), _) => Response::Delete(self.delete(request)),
            (Request::Txn(request), Path::Txn(succeeded, paths)) => {
                let requests = branch(request, *succeeded).iter().zip(paths);
                let responses = requests.map(|(request, path)| self.answer(request, path)).collect();
                Response::Txn(TxnResponse { header: self.header(), succeeded: *succeeded, responses })
            }
            // What has no path is not carried out.
            (Request::Txn(_) | Request::Compact(_) | Request::Lease(_), _)
            | (Request::Lock(_) | Request::Election(_) | Request::Auth(_), _) => {
                Response::Compact(CompactResponse { header: self.header() })
            }
        }
    }

    fn put(&mut self, request: &PutRequest) -> PutResponse {
        let before = self.kvs.get(&request.key).cloned();
        let after = KeyValue {
            key: request.key.clone(),
            value: match &before {
                Some(before) if request.ignore_value => before.value.clone(),
                _ => request.value.clone(),
            },
            create_revision: before.as_ref().map_or(self.next, |before| before.create_revision),
            mod_revision: self.next,
            version: before.as_ref().map_or(1, |before| before.version + 1),
            lease: match &before {
                Some(before) if request.ignore_lease => before.lease,
                _ => request.lease,
            },
        };
        self.kvs.insert(request.key.clone(), after.clone());
        let prev_kv = before.clone().filter(|_| request.prev_kv);
        self.changes.push(Change { key: request.key.clone(), before, after: Some(after) });
        PutResponse { header: self.header(), prev_kv }
    }

    fn delete(&mut self, request: &DeleteRequest) -> DeleteResponse {
        let span = Span::of_delete(request);
        let doomed: Vec<Bytes> = span.of(self.kvs).map(|(key, _)| key.clone()).collect();
        let deleted = doomed.len() as i64;
        let mut prev_kvs = Vec::new();
        for key in doomed {
            let before = self.kvs.remove(&key);
            if request.prev_kv {
                prev_kvs.extend(before.clone());
            }
            self.changes.push(Change { key, before, after: None });
        }
        DeleteResponse { header: self.header(), deleted, prev_kvs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn requests_change_and_answer_as_etcd_does() {
        let (mut state, mut changes) = (StoreState::default(), Vec::new());
        let mut apply = |request: Request, next| state.apply(&request, next, &mut changes);
        assert_eq!(apply(put("a", "1"), 2), Some(written(2)));
        assert_eq!(apply(delete("x"), 3), Some(deleted(2, 0)));
        assert_eq!(apply(put("a", "2"), 3), Some(written(3)));
        assert_eq!(apply(get("a"), 4), Some(ranged(3, [kv("a", "2", 2, 3, 2)])));
        let nested = txn([unmodified_since("b", 0)], [delete("a")], [get("b")]);
        let request = txn([unmodified_since("b", 0)], [put("b", "3"), get("b"), nested], []);
        let inner = decided(4, true, [deleted(4, 1)]);
        let answers = [written(4), ranged(4, [kv("b", "3", 4, 4, 1)]), inner];
        assert_eq!(apply(request, 4), Some(decided(4, true, answers)));
        let left = || Some(ranged(4, [kv("b", "3", 4, 4, 1)]));
        assert_eq!(apply(range("\0", "\0"), 5), left());
        assert_eq!(apply(txn([], [put("b", "4"), delete("b")], []), 5), None);
        let keep = Request::Put(PutRequest { key: "q".into(), ignore_value: true, ..PutRequest::default() });
        assert_eq!(apply(txn([], [put("r", "1"), keep], []), 5), None);
        assert_eq!(apply(range("\0", "\0"), 5), left());
    }

    #[test]
    fn what_was_done_can_be_undone() {
        let (mut state, mut changes) = (StoreState::default(), Vec::new());
        state.apply(&put("a", "1"), 2, &mut changes);
        let before = state.kvs.clone();
        let mut more = Vec::new();
        state.apply(&txn([], [put("b", "1"), delete("a")], []), 3, &mut more);
        assert_ne!(state.kvs, before);
        state.undo(&more);
        assert_eq!(state.kvs, before);
    }
}
