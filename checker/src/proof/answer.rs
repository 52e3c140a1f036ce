//! Execution of requests, and comparison with their answers.

use super::store::Store;
use crate::history::*;
use crate::replay::{Span, is_acceptable, passes, shows};

/// A request that is carried out anew.
pub(super) struct Run<'s> {
    pub(super) store: &'s mut Store,
    /// The revision whose state it finds.
    pub(super) found: Revision,
    /// True if it changes something, so that the revision after that is its own.
    pub(super) is_write: bool,
    /// The newest revision that it can ask for, and the newest that was compacted before it was asked.
    pub(super) newest: Revision,
    pub(super) compacted: Revision,
    /// The number of ranges at revisions of their own.
    pub(super) past: u64,
    /// True if it was shown what it wrote itself.
    pub(super) sees_own: bool,
    is_changed: bool,
}

impl<'s> Run<'s> {
    /// One that finds the state at a revision.
    pub(super) fn at(store: &'s mut Store, found: Revision, is_write: bool) -> Self {
        Run {
            store,
            found,
            is_write,
            newest: Revision::MAX,
            compacted: 0,
            past: 0,
            sees_own: false,
            is_changed: false,
        }
    }

    /// Carries out the request, and says whether it can be, changes what it should, and was answered so where
    /// it was answered. The changes are left even where it was not.
    pub(super) fn agrees(&mut self, request: &Request, got: Option<&Response>) -> bool {
        is_acceptable(request) && self.part_agrees(request, got) && self.is_changed == self.is_write
    }

    /// The revision that ranges and deletes see: after the earlier parts of the request itself.
    fn seen(&self) -> Revision {
        self.found + Revision::from(self.is_write)
    }

    /// The revision of an answer that is given now.
    fn revision(&self) -> Revision {
        self.found + Revision::from(self.is_changed)
    }

    fn part_agrees(&mut self, request: &Request, got: Option<&Response>) -> bool {
        match (request, got) {
            (Request::Range(_) | Request::Compact(_), None) => true,
            (Request::Range(request), Some(Response::Range(got))) => self.range_agrees(request, got),
            (Request::Put(request), None) => self.put_agrees(request, None),
            (Request::Put(request), Some(Response::Put(got))) => self.put_agrees(request, Some(got)),
            (Request::Delete(request), None) => self.delete_agrees(request, None),
            (Request::Delete(request), Some(Response::Delete(got))) => self.delete_agrees(request, Some(got)),
            (Request::Txn(request), None) => self.txn_agrees(request, None),
            (Request::Txn(request), Some(Response::Txn(got))) => self.txn_agrees(request, Some(got)),
            (Request::Compact(_), Some(Response::Compact(_))) => true,
            // It says nothing of keys.
            (Request::Auth(_), Some(Response::Auth(_))) => true,
            _ => false,
        }
    }

    fn range_agrees(&mut self, request: &RangeRequest, got: &RangeResponse) -> bool {
        let mut at = self.seen();
        if request.revision > 0 {
            at = request.revision;
            self.past += 1;
            // Two right answers may differ where equals are ordered.
            if at > self.newest
                || at < self.compacted
                || request.sort_target != SortTarget::Key
                || self.store.readable(at).is_err()
            {
                return false;
            }
        }
        let store = &*self.store;
        let agrees = shows(request, got, || store.of(Span::of_range(request), at).map(|(_, kv)| kv));
        self.see(&got.kvs);
        agrees
    }

    fn put_agrees(&mut self, request: &PutRequest, got: Option<&PutResponse>) -> bool {
        if !self.is_write {
            return false;
        }
        let key = self.store.id(&request.key);
        let next = self.found + 1;
        let before = self.store.at(key, next);
        if (request.ignore_value || request.ignore_lease) && self.store.at(key, self.found).is_none() {
            return false;
        }
        let shown = before.filter(|_| request.prev_kv);
        if got.is_some_and(|got| !KeyValue::all_agree(&got.prev_kv, shown)) {
            return false;
        }
        let after = KeyValue {
            key: request.key.clone(),
            value: match before {
                Some(before) if request.ignore_value => before.value.clone(),
                _ => request.value.clone(),
            },
            create_revision: before.map_or(next, |before| before.create_revision),
            mod_revision: next,
            version: before.map_or(1, |before| before.version + 1),
            lease: match before {
                Some(before) if request.ignore_lease => before.lease,
                _ => request.lease,
            },
        };
        self.see(got.and_then(|got| got.prev_kv.as_ref()));
        self.store.change(key, next, Some(after));
        self.is_changed = true;
        true
    }

    fn delete_agrees(&mut self, request: &DeleteRequest, got: Option<&DeleteResponse>) -> bool {
        let next = self.found + 1;
        let doomed: Vec<(u32, &KeyValue)> = self.store.of(Span::of_delete(request), self.seen()).collect();
        if !self.is_write && !doomed.is_empty() {
            return false;
        }
        if let Some(got) = got {
            let shown = if request.prev_kv { &doomed[..] } else { &[] };
            if got.deleted != doomed.len() as i64
                || !KeyValue::all_agree(&got.prev_kvs, shown.iter().map(|(_, kv)| *kv))
            {
                return false;
            }
        }
        let doomed: Vec<u32> = doomed.into_iter().map(|(key, _)| key).collect();
        self.is_changed |= !doomed.is_empty();
        self.see(got.into_iter().flat_map(|got| &got.prev_kvs));
        doomed.into_iter().for_each(|key| self.store.change(key, next, None));
        true
    }

    fn txn_agrees(&mut self, request: &TxnRequest, got: Option<&TxnResponse>) -> bool {
        let succeeded = request.compare.iter().all(|compare| self.holds(compare));
        let branch = if succeeded { &request.success } else { &request.failure };
        if got.is_some_and(|got| (got.succeeded, got.responses.len()) != (succeeded, branch.len())) {
            return false;
        }
        // A read before the first write may show the revision before the txn, or the txn's.
        let mut of_txn = None;
        for (at, request) in branch.iter().enumerate() {
            let part = got.map(|got| &got.responses[at]);
            if !self.part_agrees(request, part) {
                return false;
            }
            let Some(part) = part.filter(|part| !matches!(part, Response::Txn(_))) else { continue };
            let revision = part.header().revision;
            if ![0, self.revision()].contains(&revision) {
                if modified(part) || of_txn.is_some_and(|other| other != revision) {
                    return false;
                }
                of_txn = Some(revision);
            }
        }
        of_txn.is_none_or(|revision| revision == self.revision())
    }

    /// True if a condition held before the request did anything.
    fn holds(&self, compare: &Compare) -> bool {
        let mut kvs = self.store.of(Span::new(&compare.key, &compare.range_end), self.found).peekable();
        match (kvs.peek(), &compare.target) {
            // An absent key has no value to compare with, not even to be different from.
            (None, CompareTarget::Value(_)) => false,
            (None, _) => passes(compare, &KeyValue::default()),
            (Some(_), _) => kvs.all(|(_, kv)| passes(compare, kv)),
        }
    }

    fn see<'k>(&mut self, kvs: impl IntoIterator<Item = &'k KeyValue>) {
        for kv in kvs {
            self.sees_own |= kv.mod_revision > self.found;
            self.store.marks.seen(kv.mod_revision);
        }
    }
}
