//! Facts about each key from answers alone, independent of the makers of unanswered revisions.
//!
//! A flaw that follows from facts alone is certain: no other way to fill the gaps is looked for, and none is
//! needed to blame somebody.

use super::past_range::past_ranges;
use super::span::Span;
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

/// A write of a key by an answered request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Write<'h> {
    revision: Revision,
    act: Act<'h>,
}

/// The action of such a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act<'h> {
    /// Puts a value; `None` where it keeps the one that was there.
    Put(Option<&'h Bytes>),
    Delete,
}

/// The writes that answers tell of, by key and revision.
#[derive(Debug, Default)]
pub(crate) struct Facts<'h> {
    keys: BTreeMap<Bytes, Vec<Write<'h>>>,
    /// Answered deletes of ranges that do not say which keys they deleted.
    ranges: Vec<(Revision, Span<'h>)>,
    /// By revision, whether the answer says everything that it put.
    told: Vec<bool>,
    /// By revision, how many up to it are not told.
    open: Vec<u32>,
}

/// One thing that an answer shows of the state at a revision.
pub(super) enum Shown<'h> {
    /// A key, and whether with its value.
    Key(&'h KeyValue, bool),
    /// That a key was there.
    Present(&'h Bytes),
    /// No such key.
    Absent(&'h Bytes),
    /// These keys of a span, and no others.
    Whole(Span<'h>, &'h [KeyValue]),
}

impl<'h> Facts<'h> {
    /// Those of a history; `answered`: by revision, the answered operation that made it.
    pub(crate) fn of(history: &'h History, answered: &[Option<usize>]) -> Self {
        let mut facts = Facts { told: vec![false; answered.len()], ..Facts::default() };
        for (revision, writer) in answered.iter().enumerate() {
            if let Some(operation) = writer.map(|writer| &history.operations[writer])
                && let Some(response) = operation.response()
            {
                facts.told[revision] = facts.note(&operation.request, response, revision as Revision);
            }
        }
        let mut open = 0;
        for told in facts.told.iter().skip(2) {
            open += u32::from(!told);
            facts.open.push(open);
        }
        facts
    }

    /// Notes what an answered request wrote. Returns whether all that it put is known.
    fn note(&mut self, request: &'h Request, response: &'h Response, revision: Revision) -> bool {
        let mut write = |key: &Bytes, act| match self.keys.get_mut(key) {
            Some(writes) => writes.push(Write { revision, act }),
            None => drop(self.keys.insert(key.clone(), vec![Write { revision, act }])),
        };
        match (request, response) {
            (Request::Put(put), Response::Put(_)) => {
                write(&put.key, Act::Put((!put.ignore_value).then_some(&put.value)));
            }
            (Request::Delete(delete), Response::Delete(response)) => {
                match delete.range_end.is_empty() {
                    true if response.deleted == 1 => write(&delete.key, Act::Delete),
                    true => {}
                    false if response.prev_kvs.len() as i64 == response.deleted => {
                        response.prev_kvs.iter().for_each(|kv| write(&kv.key, Act::Delete));
                    }
                    false => self.ranges.push((revision, Span::of_delete(delete))),
                };
            }
            (Request::Txn(txn), Response::Txn(response)) => {
                let branch = if response.succeeded { &txn.success } else { &txn.failure };
                if branch.len() != response.responses.len() {
                    return false;
                }
                let mut parts = branch.iter().zip(&response.responses);
                return parts.all(|(request, response)| self.note(request, response, revision));
            }
            (
                Request::Election(ElectionRequest::Proclaim { leader, value }),
                Response::Election(ElectionResponse::Proclaim { .. }),
            ) => write(&leader.key, Act::Put(Some(value))),
            (Request::Range(_), Response::Range(_)) => {}
            _ => return false,
        }
        true
    }

    /// True if answers alone say that a revision wrote a key, and in this way if a value is given.
    pub(crate) fn wrote(&self, revision: Revision, key: &Bytes) -> bool {
        self.write(revision, key).is_some()
    }

    fn write(&self, revision: Revision, key: &Bytes) -> Option<Act<'h>> {
        let writes = self.keys.get(key)?;
        let at = writes.partition_point(|write| write.revision < revision);
        writes.get(at).filter(|write| write.revision == revision).map(|write| write.act)
    }

    /// The revisions in `after + 1 ..= last` of which answers do not say everything that they put.
    pub(super) fn open(&self, after: Revision, last: Revision) -> i64 {
        let up_to = |revision: Revision| {
            let at = usize::try_from(revision - 2).ok().map(|at| at.min(self.open.len().saturating_sub(1)));
            at.and_then(|at| self.open.get(at)).copied().unwrap_or(0)
        };
        i64::from(up_to(last)) - i64::from(up_to(after))
    }

    /// The number of puts of a key in `after + 1 ..= last`, according to answers.
    pub(super) fn puts(&self, key: &Bytes, after: Revision, last: Revision) -> i64 {
        self.writes(key, after, last).iter().filter(|write| write.act != Act::Delete).count() as i64
    }

    /// True if a key may have been deleted in `after + 1 ..= last` by a request that was answered.
    pub(super) fn may_delete(&self, key: &Bytes, after: Revision, last: Revision) -> bool {
        let first = self.ranges.partition_point(|(revision, _)| *revision <= after);
        let mut ranges = self.ranges[first..].iter().take_while(|(revision, _)| *revision <= last);
        self.writes(key, after, last).iter().any(|write| write.act == Act::Delete)
            || ranges.any(|(_, span)| span.contains(key))
    }

    fn writes(&self, key: &Bytes, after: Revision, last: Revision) -> &[Write<'h>] {
        let Some(writes) = self.keys.get(key) else { return &[] };
        let first = writes.partition_point(|write| write.revision <= after);
        let end = writes.partition_point(|write| write.revision <= last);
        if first < end { &writes[first..end] } else { &[] }
    }

    /// True if answers alone say that a revision did not leave a key like this; `None`: that it was not deleted.
    pub(super) fn refute(
        &self,
        revision: Revision,
        key: &Bytes,
        kv: Option<&KeyValue>,
        with_value: bool,
    ) -> bool {
        let is_told =
            usize::try_from(revision).ok().and_then(|at| self.told.get(at)).is_some_and(|told| *told);
        match (self.write(revision, key), kv) {
            (Some(Act::Put(value)), Some(kv)) => {
                with_value && value.is_some_and(|value| *value != kv.value)
                    || kv.create_revision != KeyValue::NOT_RECORDED
                        && self.refute_create(revision, key, kv.create_revision == revision)
            }
            (Some(Act::Delete), None) => false,
            (Some(_), _) => true,
            (None, Some(_)) => is_told,
            (None, None) => is_told && !self.may_delete(key, revision - 1, revision),
        }
    }

    /// True if answers alone say that the state at a revision was not what is shown of it.
    fn contradict(&self, revision: Revision, shown: &Shown<'_>) -> bool {
        match shown {
            Shown::Key(kv, with_value) => {
                kv.mod_revision > revision
                    || !self.writes(&kv.key, kv.mod_revision, revision).is_empty()
                    || self.refute(kv.mod_revision, &kv.key, Some(kv), *with_value)
            }
            Shown::Present(key) => self.is_gone(key, revision),
            Shown::Absent(key) => self.is_there(key, revision),
            Shown::Whole(span, kvs) => {
                kvs.iter().any(|kv| kv.mod_revision > revision)
                    || span
                        .of(&self.keys)
                        .any(|(key, _)| self.is_there(key, revision) && kvs.iter().all(|kv| kv.key != *key))
            }
        }
    }

    /// True if answers alone say that a key was there at a revision.
    pub(crate) fn is_there(&self, key: &Bytes, revision: Revision) -> bool {
        self.writes(key, 1, revision).last().is_some_and(|last| {
            last.act != Act::Delete
                && self.open(last.revision, revision) == 0
                && !self.may_delete(key, last.revision, revision)
        })
    }

    /// True if answers alone say that a key was absent at a revision.
    fn is_gone(&self, key: &Bytes, revision: Revision) -> bool {
        match self.writes(key, 1, revision).last() {
            Some(last) => last.act == Act::Delete && self.open(last.revision, revision) == 0,
            None => self.open(1, revision) == 0,
        }
    }

    /// True if answers alone say that a put did not create its key, or that it did.
    pub(super) fn refute_create(&self, revision: Revision, key: &Bytes, is_create: bool) -> bool {
        match is_create {
            true => self.is_there(key, revision - 1),
            false => self.is_gone(key, revision - 1),
        }
    }

    /// True if answers alone say that what is told of a key at a revision, or that it was absent, is wrong.
    pub(super) fn refute_state(&self, revision: Revision, key: &Bytes, told: Option<&KeyValue>) -> bool {
        match told {
            Some(kv) => self.contradict(revision, &Shown::Key(kv, true)),
            None => self.contradict(revision, &Shown::Absent(key)),
        }
    }

    /// True if an answer shows what no way to fill the gaps can explain.
    pub(super) fn refute_answer(&self, operation: &Operation) -> bool {
        let mut is_refuted = false;
        shown_by(operation, &mut |revision, shown| {
            is_refuted = is_refuted || self.contradict(revision, &shown);
        });
        is_refuted
    }
}

/// Calls `see` with everything that an answer shows of the state at some revision.
pub(super) fn shown_by<'h>(operation: &'h Operation, see: &mut impl FnMut(Revision, Shown<'h>)) {
    let Some(response) = operation.response() else { return };
    let revision = response.header().revision;
    match (&operation.request, response) {
        (Request::Range(range), Response::Range(response)) => {
            let revision = if range.revision > 0 { range.revision } else { revision };
            of_range(range, response, revision, see);
        }
        (_, Response::Election(ElectionResponse::Leader { kv: Some(kv), .. })) => {
            see(revision, Shown::Key(kv, true));
        }
        (Request::Lock(LockRequest::Unlock { key }), Response::Lock(_)) => see(revision, Shown::Absent(key)),
        (Request::Put(put), Response::Put(response)) if put.prev_kv => match &response.prev_kv {
            Some(kv) => see(revision - 1, Shown::Key(kv, true)),
            None => see(revision - 1, Shown::Absent(&put.key)),
        },
        (Request::Delete(delete), Response::Delete(response)) => {
            let before = revision - Revision::from(response.deleted > 0);
            response.prev_kvs.iter().for_each(|kv| see(before, Shown::Key(kv, true)));
            if response.deleted > 0 && delete.range_end.is_empty() {
                see(before, Shown::Present(&delete.key));
            }
            see(revision, Shown::Whole(Span::of_delete(delete), &[]));
        }
        (Request::Txn(_), Response::Txn(_)) => {
            let is_write = modified(response);
            for past in past_ranges(operation) {
                of_range(past.request, past.response, past.request.revision, see);
            }
            of_txn(&operation.request, response, revision - Revision::from(is_write), is_write, see);
        }
        _ => {}
    }
}

/// The facts that the parts of a txn show of the state before it, as far as that is clear.
fn of_txn<'h>(
    request: &'h Request,
    response: &'h Response,
    before: Revision,
    is_write: bool,
    see: &mut impl FnMut(Revision, Shown<'h>),
) {
    match (request, response) {
        (Request::Txn(txn), Response::Txn(response)) => {
            let branch = if response.succeeded { &txn.success } else { &txn.failure };
            for (request, response) in branch.iter().zip(&response.responses) {
                of_txn(request, response, before, is_write, see);
            }
        }
        (Request::Range(range), Response::Range(response)) if range.revision <= 0 => match is_write {
            false => of_range(range, response, before, see),
            // It may show what the txn did before.
            true => {
                let kvs = response.kvs.iter().filter(|kv| kv.mod_revision <= before);
                kvs.for_each(|kv| see(before, Shown::Key(kv, !range.keys_only)));
            }
        },
        _ => {}
    }
}

fn of_range<'h>(
    range: &'h RangeRequest,
    response: &'h RangeResponse,
    revision: Revision,
    see: &mut impl FnMut(Revision, Shown<'h>),
) {
    response.kvs.iter().for_each(|kv| see(revision, Shown::Key(kv, !range.keys_only)));
    let bounds = [
        range.min_mod_revision,
        range.max_mod_revision,
        range.min_create_revision,
        range.max_create_revision,
    ];
    if !range.count_only && !response.more && bounds == [0; 4] {
        see(revision, Shown::Whole(Span::of_range(range), &response.kvs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    /// `a` is put at 2 and 5, `b` is deleted with all that follows `b` at 3; 4 is in no answer.
    fn told(check: impl FnOnce(&Facts<'_>)) {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, delete_range("b", "\0"), deleted(3, 1));
        h.ok(0, txn([], [put("a", "2"), get("b")], []), decided(5, true, [written(5), ranged(4, [])]));
        let history = h.build();
        check(&Facts::of(&history, &[None, None, Some(0), Some(1), None, Some(2)]));
    }

    #[test]
    fn a_write_and_what_is_open_are_counted_between_revisions() {
        told(|facts| {
            let a = Bytes::from("a");
            assert_eq!(
                [(1, 5), (2, 5), (1, 4), (5, 9)].map(|(after, last)| facts.puts(&a, after, last)),
                [2, 1, 1, 0]
            );
            assert_eq!(
                [(1, 5), (3, 4), (4, 5), (0, 1)].map(|(after, last)| facts.open(after, last)),
                [1, 1, 0, 0]
            );
            assert!(facts.may_delete(&"c".into(), 2, 3) && !facts.may_delete(&a, 2, 3));
            assert!(facts.wrote(5, &a) && !facts.wrote(4, &a) && !facts.wrote(3, &"b".into()));
        });
    }

    #[test]
    fn only_what_no_gap_can_explain_is_refuted() {
        told(|facts| {
            let refuted = |request: Request, response: Response| {
                let mut h = Builder::default();
                h.ok(0, request, response);
                facts.refute_answer(&h.build().operations[0])
            };
            assert!(!refuted(get("a"), ranged(3, [kv("a", "1", 2, 2, 1)])));
            assert!(refuted(get("a"), ranged(3, [kv("a", "9", 2, 2, 1)])), "another value");
            assert!(refuted(get("a"), ranged(3, [])), "it was there");
            assert!(!refuted(get("a"), ranged(4, [])), "who made 4 may have deleted it");
            assert!(!refuted(get("a"), ranged(4, [kv("a", "9", 2, 4, 2)])));
            assert!(refuted(get("a"), ranged(5, [kv("a", "1", 2, 2, 1)])), "it is old");
            assert!(refuted(range("a", "c"), ranged(5, [])));
            assert!(refuted(get("c"), ranged(5, [kv("c", "1", 3, 3, 1)])), "3 put nothing");
            assert!(!refuted(get("c"), ranged(5, [kv("c", "1", 4, 4, 1)])));
        });
    }
}
