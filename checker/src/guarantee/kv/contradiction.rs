//! Answers that contradict each other about one key, whatever the store held before the history began.
//!
//! A history that begins in the middle has no line of revisions to replay. But each answer tells of some keys as
//! they were at some revision, and what it tells of a key binds every revision back to the one that wrote it: if a key
//! was last changed at 5 and is read at 9, then nothing else was read of it at 7, and nothing else wrote it at 8.

use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;
use crate::replay::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The most lookups of a key in a range: of very long histories only the first ranges are asked which keys
/// they do not show.
const LOOKED_UP_MAX: usize = 1 << 22;

/// One key at one revision, as an answer tells of it.
#[derive(Clone, Debug)]
struct Told {
    revision: Revision,
    /// `None` where the key is absent.
    kv: Option<KeyValue>,
    with_value: bool,
    operation: usize,
}

/// The facts that all answers tell.
#[derive(Debug, Default)]
struct Answers<'h> {
    by_key: BTreeMap<&'h Bytes, Vec<Told>>,
    /// By revision, the operation that was answered that it made it.
    writers: BTreeMap<Revision, usize>,
    /// The changes by answered writes.
    changed: BTreeSet<(Revision, &'h Bytes)>,
    /// Answered deletes of ranges.
    doomed: Vec<(Revision, Span<'h>, usize)>,
    /// Ranges that show every key that they cover.
    whole: Vec<(Revision, Span<'h>, BTreeSet<&'h Bytes>, usize)>,
}

/// Two answers that contradict each other, for a history that does not begin with the store; for one that does the
/// line says more. Only those of serializable reads, and what contradicts them, or only the others.
pub(super) fn between_answers(case: &Case<'_>, of_serializable: bool) -> Option<Evidence> {
    if case.begins_with_store() {
        return None;
    }
    let operations = &case.history.operations;
    let wanted = |operation: &Operation| of_serializable || !operation.request.is_serializable();
    let mut answers = Answers::default();
    for (index, operation) in operations.iter().enumerate().filter(|(_, operation)| wanted(operation)) {
        if let Some(response) = operation.response() {
            answers.of(index, &operation.request, response);
        }
    }
    answers.complete();
    let is_asked_for = |told: &[usize]| {
        !of_serializable || told.iter().any(|told| operations[*told].request.is_serializable())
    };
    for (key, told) in &mut answers.by_key {
        told.sort_by_key(|told| (told.revision, told.operation));
        // Whether something may have deleted the key after one revision, up to another.
        let may_delete = |after: Revision, up_to: Revision| {
            let answered = answers.writers.range(after + 1..=up_to).count();
            usize::try_from(up_to - after).is_ok_and(|revisions| answered < revisions)
                || (after + 1..=up_to).any(|revision| answers.changed.contains(&(revision, *key)))
        };
        for (at, one) in told.iter().enumerate() {
            if let Some(writer) = one.kv.as_ref().and_then(|kv| answers.writers.get(&kv.mod_revision))
                && let Some(kv) = &one.kv
                && !answers.changed.contains(&(kv.mod_revision, *key))
                && is_asked_for(&[one.operation])
            {
                let message =
                    format!("{key} was shown as of revision {}, which did not write it", kv.mod_revision);
                let exhibits = vec![case.operation(*writer), case.operation(one.operation)];
                return Some(Evidence::new("not-of-its-revision", message, exhibits));
            }
            let Some(next) = told.get(at + 1) else { continue };
            if !one.allows(next, may_delete) && is_asked_for(&[one.operation, next.operation]) {
                let message = format!(
                    "what was told of {key} at revision {} and at revision {} cannot both be so",
                    one.revision, next.revision
                );
                let exhibits = vec![case.operation(one.operation), case.operation(next.operation)];
                return Some(Evidence::new("contradicting-answers", message, exhibits));
            }
        }
    }
    None
}

impl Told {
    /// True if this can be so, and something else of the same key at the same revision or later.
    fn allows(&self, next: &Told, may_delete: impl Fn(Revision, Revision) -> bool) -> bool {
        match (&self.kv, &next.kv) {
            (one, Some(kv)) if kv.mod_revision <= self.revision => one.as_ref().is_some_and(|one| {
                let with_value = self.with_value && next.with_value;
                let shown = if with_value { one.value.clone() } else { kv.value.clone() };
                one.mod_revision == kv.mod_revision && kv.agrees(&KeyValue { value: shown, ..one.clone() })
            }),
            // It was written since.
            (_, Some(_)) => next.revision > self.revision,
            (None, None) => true,
            // It was deleted since.
            (Some(_), None) => next.revision > self.revision && may_delete(self.revision, next.revision),
        }
    }
}

impl<'h> Answers<'h> {
    fn tell(&mut self, key: &'h Bytes, told: Told) {
        self.by_key.entry(key).or_default().push(told);
    }

    fn of(&mut self, operation: usize, request: &'h Request, response: &'h Response) {
        let revision = response.header().revision;
        if modified(response) {
            // What is left of a key that one request puts and deletes depends on more than the request.
            if puts(request) && deletes(request) {
                return;
            }
            self.writers.entry(revision).or_insert(operation);
        }
        self.part(operation, request, response, (revision, modified(response)));
    }

    /// Adds the facts of a request, or of a part of a txn. `own`: the revision of the whole, and whether the whole
    /// made it.
    fn part(
        &mut self,
        operation: usize,
        request: &'h Request,
        response: &'h Response,
        own: (Revision, bool),
    ) {
        let (revision, is_write) = own;
        match (request, response) {
            // In a txn that writes, what comes before it is not told apart from what comes after.
            (Request::Range(range), Response::Range(got)) if range.revision > 0 || !is_write => {
                let at = if range.revision > 0 { range.revision } else { revision };
                self.range(operation, range, got, at);
            }
            (Request::Put(put), Response::Put(_)) => {
                let kv = KeyValue {
                    key: put.key.clone(),
                    value: put.value.clone(),
                    create_revision: KeyValue::NOT_RECORDED,
                    mod_revision: revision,
                    version: KeyValue::NOT_RECORDED,
                    lease: if put.ignore_lease { KeyValue::NOT_RECORDED } else { put.lease },
                };
                self.changed.insert((revision, &put.key));
                let with_value = !put.ignore_value;
                self.tell(&put.key, Told { revision, kv: Some(kv), with_value, operation });
            }
            (Request::Delete(delete), Response::Delete(got)) => {
                if !delete.range_end.is_empty() {
                    self.doomed.push((revision, Span::of_delete(delete), operation));
                    return;
                }
                if got.deleted > 0 {
                    self.changed.insert((revision, &delete.key));
                }
                self.tell(&delete.key, Told { revision, kv: None, with_value: true, operation });
            }
            (Request::Election(ElectionRequest::Proclaim { leader, .. }), _) => {
                self.changed.insert((revision, &leader.key));
            }
            (Request::Txn(txn), Response::Txn(got)) => {
                let branch = if got.succeeded { &txn.success } else { &txn.failure };
                for (request, response) in branch.iter().zip(&got.responses) {
                    self.part(operation, request, response, own);
                }
            }
            _ => {}
        }
    }

    fn range(
        &mut self,
        operation: usize,
        range: &'h RangeRequest,
        got: &'h RangeResponse,
        revision: Revision,
    ) {
        let is_whole = range.limit == 0
            && !range.count_only
            && [
                range.min_mod_revision,
                range.max_mod_revision,
                range.min_create_revision,
                range.max_create_revision,
            ] == [0; 4];
        for kv in &got.kvs {
            let told = Told { revision, kv: Some(kv.clone()), with_value: !range.keys_only, operation };
            self.tell(&kv.key, told);
        }
        if is_whole {
            let shown = got.kvs.iter().map(|kv| &kv.key).collect();
            self.whole.push((revision, Span::of_range(range), shown, operation));
        }
    }

    /// Tells of the keys that ranges do not show, and of those that they deleted.
    fn complete(&mut self) {
        let keys: Vec<&'h Bytes> = self.by_key.keys().copied().collect();
        for (revision, span, operation) in std::mem::take(&mut self.doomed) {
            for key in keys.iter().copied().filter(|key| span.contains(key)) {
                self.changed.insert((revision, key));
                self.tell(key, Told { revision, kv: None, with_value: true, operation });
            }
        }
        let ranges = LOOKED_UP_MAX / keys.len().max(1);
        for (revision, span, shown, operation) in std::mem::take(&mut self.whole).into_iter().take(ranges) {
            for key in keys.iter().copied().filter(|key| span.contains(key) && !shown.contains(key)) {
                self.tell(key, Told { revision, kv: None, with_value: true, operation });
            }
        }
    }
}

fn puts(request: &Request) -> bool {
    match request {
        Request::Put(_) => true,
        Request::Txn(txn) => txn.branches().any(puts),
        _ => false,
    }
}

fn deletes(request: &Request) -> bool {
    match request {
        Request::Delete(_) => true,
        Request::Txn(txn) => txn.branches().any(deletes),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    /// `a` is put at 7, `b` at 8, and `a` again at 9.
    fn kind(build: impl FnOnce(&mut Builder)) -> Option<String> {
        let mut h = Builder::in_the_middle();
        h.ok(0, put("a", "1"), written(7));
        h.ok(0, put("b", "1"), written(8));
        h.ok(0, put("a", "2"), written(9));
        build(&mut h);
        let history = h.build();
        let case = Case::new(&history);
        let (binding, of_serializable) = (between_answers(&case, false), between_answers(&case, true));
        binding.or(of_serializable).map(|evidence| evidence.kind)
    }

    #[test]
    fn accepts_what_anything_before_explains() {
        assert_eq!(kind(|_| ()), None);
        let verdict = kind(|h| {
            h.ok(1, get("a"), ranged(9, [kv("a", "2", 3, 9, 5)]));
            h.ok(
                1,
                range("a", "\0"),
                ranged(9, [kv("a", "2", 3, 9, 5), kv("b", "1", 8, 8, 1), kv("c", "0", 4, 4, 1)]),
            );
            h.ok(1, serializable("a", ""), ranged(8, [kv("a", "1", 3, 7, 4)]));
            h.ok(1, serializable("a", ""), ranged(6, [kv("a", "0", 3, 5, 3)]));
            // Something of which nobody knows deleted `c` at 10.
            h.ok(1, get("c"), ranged(10, []));
            h.ok(1, delete_range("a", "c"), deleted(11, 2));
            h.ok(1, range("a", "\0"), ranged(11, []));
            h.ok(
                1,
                range_at("a", "\0", 8),
                ranged(11, [kv("a", "1", 3, 7, 4), kv("b", "1", 8, 8, 1), kv("c", "0", 4, 4, 1)]),
            );
        });
        assert_eq!(verdict, None);
    }

    #[test]
    fn rejects_what_nothing_explains() {
        let read = |request: Request, response: Response| {
            kind(|h| {
                h.ok(1, request, response);
            })
        };
        let contradicting = || Some("contradicting-answers".to_owned());
        assert_eq!(read(get("a"), ranged(9, [kv("a", "1", 3, 7, 4)])), contradicting());
        assert_eq!(read(get("a"), ranged(12, [kv("a", "0", 3, 5, 3)])), contradicting());
        assert_eq!(read(get("a"), ranged(9, [kv("a", "x", 3, 9, 5)])), contradicting());
        assert_eq!(read(get("a"), ranged(9, [])), contradicting());
        assert_eq!(read(range("a", "c"), ranged(9, [kv("a", "2", 3, 9, 5)])), contradicting());
        assert_eq!(read(serializable("b", ""), ranged(8, [])), contradicting());
        assert_eq!(read(range_at("a", "", 8), ranged(9, [kv("a", "0", 3, 5, 3)])), contradicting());
        assert_eq!(
            read(get("c"), ranged(9, [kv("c", "1", 8, 8, 1)])),
            Some("not-of-its-revision".to_owned())
        );
        // Two reads of what nobody wrote here.
        let two = kind(|h| {
            h.ok(1, get("z"), ranged(9, [kv("z", "1", 3, 3, 1)]));
            h.ok(1, get("z"), ranged(9, [kv("z", "2", 3, 3, 1)]));
        });
        assert_eq!(two, contradicting());
        // Nobody can have deleted it: both revisions since are of others.
        let gone = kind(|h| {
            h.ok(1, get("z"), ranged(9, [kv("z", "1", 3, 3, 1)]));
            h.ok(1, put("q", "1"), written(10));
            h.ok(1, get("z"), ranged(10, []));
        });
        assert_eq!(gone, contradicting());
    }
}
