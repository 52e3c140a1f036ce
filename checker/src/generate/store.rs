//! A sequential etcd that keeps only what it has to: the keys, and the last changes.
//!
//! Neither the model of [`crate::spec::etcd`], which keeps every state there ever was, nor the replay of the
//! fast path: what is generated here is to be judged by both.

use crate::bytes::Bytes;
use crate::history::*;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// The number of changes remembered: no history looks further back.
const REMEMBERED_CHANGES: usize = 4096;

/// The change of a key by a revision.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub revision: Revision,
    pub key: Bytes,
    pub before: Option<KeyValue>,
    pub after: Option<KeyValue>,
}

/// The store.
#[derive(Debug)]
pub(super) struct Store {
    pub revision: Revision,
    /// 0 before the first compaction.
    pub compacted: Revision,
    keys: BTreeMap<Bytes, KeyValue>,
    log: VecDeque<Change>,
    forgotten: Revision,
}

impl Default for Store {
    fn default() -> Self {
        Store { revision: 1, compacted: 0, keys: BTreeMap::new(), log: VecDeque::new(), forgotten: 0 }
    }
}

impl Store {
    /// The first revision whose state is still known.
    pub(crate) fn first_known(&self) -> Revision {
        self.forgotten.max(1)
    }

    /// The changes of the revisions from `first` on, in order.
    pub(crate) fn changes_from(&self, first: Revision) -> impl DoubleEndedIterator<Item = &Change> {
        let at = self.log.partition_point(|change| change.revision < first);
        self.log.range(at..)
    }

    /// The keys of a range as they were at a revision.
    pub fn view(&self, key: &Bytes, end: &Bytes, revision: Revision) -> BTreeMap<Bytes, KeyValue> {
        let mut view = match within(key, end) {
            Some(bounds) => self.keys.range(bounds).map(|(key, kv)| (key.clone(), kv.clone())).collect(),
            None => BTreeMap::new(),
        };
        let bounds = within(key, end);
        for change in self.changes_from(revision + 1).rev() {
            if bounds.as_ref().is_some_and(|bounds| bounds_contain(bounds, &change.key)) {
                match &change.before {
                    Some(before) => view.insert(change.key.clone(), before.clone()),
                    None => view.remove(&change.key),
                };
            }
        }
        view
    }

    /// Carries out a request, or refuses it.
    pub fn run(&mut self, request: &Request) -> Outcome {
        if let Some(error) = self.refused(request) {
            return Outcome::Failed(error);
        }
        if let Request::Compact(compact) = request {
            self.compacted = compact.revision;
            return Outcome::Ok(Response::Compact(CompactResponse { header: header(self.revision) }));
        }
        let (before, first) = (self.revision, self.log.len());
        let mut branches = Vec::new();
        self.decide(request, &mut branches);
        let mut response = self.answer(request, &mut branches.into_iter());
        if self.log.len() > first {
            self.revision = before + 1;
        }
        if let Response::Txn(txn) = &mut response {
            txn.header.revision = self.revision;
        }
        while self.log.len() > REMEMBERED_CHANGES {
            if let Some(oldest) = self.log.pop_front() {
                self.forgotten = oldest.revision;
            }
        }
        Outcome::Ok(response)
    }

    /// Takes the last revision back.
    pub fn undo(&mut self) {
        while self.log.back().is_some_and(|change| change.revision == self.revision) {
            let Some(change) = self.log.pop_back() else { return };
            match change.before {
                Some(before) => self.keys.insert(change.key, before),
                None => self.keys.remove(&change.key),
            };
        }
        self.revision -= 1;
    }

    fn refused(&self, request: &Request) -> Option<Error> {
        let error = |message: &str| Error {
            code: "OutOfRange".to_owned(),
            message: format!("etcdserver: mvcc: required revision {message}"),
        };
        let (asked, lowest) = match request {
            Request::Range(range) if range.revision > 0 => (range.revision, self.compacted),
            Request::Compact(compact) => (compact.revision, self.compacted + 1),
            _ => return None,
        };
        if asked < lowest {
            return Some(error("has been compacted"));
        }
        (asked > self.revision).then(|| error("is a future revision"))
    }

    /// Decides the branches of the txns, on the state before them.
    fn decide(&self, request: &Request, branches: &mut Vec<bool>) {
        if let Request::Txn(txn) = request {
            let holds = txn.compare.iter().all(|compare| self.holds(compare));
            branches.push(holds);
            let branch = if holds { &txn.success } else { &txn.failure };
            branch.iter().for_each(|request| self.decide(request, branches));
        }
    }

    fn holds(&self, compare: &Compare) -> bool {
        let absent = KeyValue::default();
        let kv = self.keys.get(&compare.key);
        let shown = kv.unwrap_or(&absent);
        let order = match &compare.target {
            CompareTarget::Version(version) => shown.version.cmp(version),
            CompareTarget::CreateRevision(revision) => shown.create_revision.cmp(revision),
            CompareTarget::ModRevision(revision) => shown.mod_revision.cmp(revision),
            CompareTarget::Lease(lease) => shown.lease.cmp(lease),
            CompareTarget::Value(_) if kv.is_none() => return false,
            CompareTarget::Value(value) => shown.value.cmp(value),
        };
        match compare.result {
            CompareResult::Equal => order.is_eq(),
            CompareResult::Greater => order.is_gt(),
            CompareResult::Less => order.is_lt(),
            CompareResult::NotEqual => order.is_ne(),
        }
    }

    /// The revision of what is answered now: that of the request as soon as it changed something.
    fn current(&self) -> Revision {
        let is_changed = self.log.back().is_some_and(|change| change.revision > self.revision);
        self.revision + Revision::from(is_changed)
    }

    fn answer(&mut self, request: &Request, branches: &mut impl Iterator<Item = bool>) -> Response {
        match request {
            Request::Range(range) => {
                let revision = if range.revision > 0 { range.revision } else { self.revision + 1 };
                let view = self.view(&range.key, &range.range_end, revision);
                Response::Range(ranged(range, self.current(), view))
            }
            Request::Put(put) => {
                let revision = self.revision + 1;
                let before = self.keys.get(&put.key).cloned();
                let after = KeyValue {
                    key: put.key.clone(),
                    value: put.value.clone(),
                    create_revision: before.as_ref().map_or(revision, |kv| kv.create_revision),
                    mod_revision: revision,
                    version: before.as_ref().map_or(0, |kv| kv.version) + 1,
                    lease: put.lease,
                };
                let prev_kv = before.clone().filter(|_| put.prev_kv);
                self.change(put.key.clone(), before, Some(after));
                Response::Put(PutResponse { header: header(revision), prev_kv })
            }
            Request::Delete(delete) => {
                let found = match within(&delete.key, &delete.range_end) {
                    Some(bounds) => self.keys.range(bounds).map(|(_, kv)| kv.clone()).collect(),
                    None => Vec::new(),
                };
                for kv in &found {
                    self.change(kv.key.clone(), Some(kv.clone()), None);
                }
                let (header, deleted) = (header(self.current()), found.len() as i64);
                let prev_kvs = if delete.prev_kv { found } else { Vec::new() };
                Response::Delete(DeleteResponse { header, deleted, prev_kvs })
            }
            Request::Txn(txn) => {
                let succeeded = branches.next().unwrap_or_default();
                let branch = if succeeded { &txn.success } else { &txn.failure };
                let responses = branch.iter().map(|request| self.answer(request, branches)).collect();
                Response::Txn(TxnResponse { header: header(0), succeeded, responses })
            }
            // A txn holds none.
            Request::Compact(_)
            | Request::Lease(_)
            | Request::Lock(_)
            | Request::Election(_)
            | Request::Auth(_) => Response::Compact(CompactResponse { header: header(0) }),
        }
    }

    fn change(&mut self, key: Bytes, before: Option<KeyValue>, after: Option<KeyValue>) {
        match &after {
            Some(after) => self.keys.insert(key.clone(), after.clone()),
            None => self.keys.remove(&key),
        };
        self.log.push_back(Change { revision: self.revision + 1, key, before, after });
    }
}

/// The answer to a range that found `view` at `revision`.
pub(super) fn ranged(
    request: &RangeRequest,
    revision: Revision,
    view: BTreeMap<Bytes, KeyValue>,
) -> RangeResponse {
    let count = view.len() as i64;
    let limit = if request.limit > 0 { request.limit as usize } else { usize::MAX };
    let mut kvs: Vec<KeyValue> = match request.count_only {
        true => Vec::new(),
        false => view.into_values().take(limit).collect(),
    };
    if request.keys_only {
        kvs.iter_mut().for_each(|kv| kv.value = Bytes::default());
    }
    let more = !request.count_only && count > limit.min(i64::MAX as usize) as i64;
    RangeResponse { header: header(revision), kvs, more, count }
}

/// A header that names no member.
pub(super) fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}

type Bounds = (Bound<Bytes>, Bound<Bytes>);

/// The bounds of `[key, end)`, as in a request; `None` if nothing is within.
fn within(key: &Bytes, end: &Bytes) -> Option<Bounds> {
    let from = Bound::Included(key.clone());
    match end.as_slice() {
        [] => Some((from, Bound::Included(key.clone()))),
        [0] => Some((from, Bound::Unbounded)),
        _ => (key < end).then(|| (from, Bound::Excluded(end.clone()))),
    }
}

/// True if `[key, end)` holds `other`.
pub(super) fn contains(key: &Bytes, end: &Bytes, other: &Bytes) -> bool {
    within(key, end).is_some_and(|bounds| bounds_contain(&bounds, other))
}

fn bounds_contain(bounds: &Bounds, key: &Bytes) -> bool {
    std::ops::RangeBounds::contains(bounds, key)
}
