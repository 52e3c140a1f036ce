//! `namespace-isolated`: through a namespace, no request or watch sees or touches a key outside it, and returned keys
//! come without the prefix.
//!
//! etcd: `client/v3/namespace`. Every key is looked at with the prefix put back: one that came from elsewhere, or with
//! the prefix still on it, is then a key that its revision did not write.

use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::kv::explain;
use crate::guarantee::watch::watch_reliable;
use crate::guarantee::{Case, Guarantee};
use crate::history::modified;
use crate::history::{Event, KeyValue, Operation, Request, Response, Revision};
use crate::replay::{Flaw, Line, Span, seen_in};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "namespace-isolated",
    about: "through a namespace no key outside it is seen or touched, and keys come without the prefix",
    check,
};

/// Examines every answered request and every event through a namespace.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    if history.namespaces.is_empty() {
        return Verdict::Vacuous;
    }
    let inside = |operation: &&Operation| prefix_of(case, operation).is_some();
    let answered =
        history.operations.iter().filter(inside).filter(|operation| operation.response().is_some());
    let watched = history.watches.iter().filter(|watch| history.namespaces.contains_key(&watch.client));
    let examined = (answered.count() + watched.flat_map(|watch| watch.events()).count()) as u64;
    let writers = Writers::of(case);
    let evidence = shown(case, &writers).or_else(|| watched_foreign(case, &writers));
    match evidence.or_else(|| touched(case, &writers)) {
        None if examined > 0 => case.by_line(|line| (examined, wrong_view(case, line))),
        evidence => Verdict::of(examined, evidence),
    }
}

fn prefix_of<'h>(case: &Case<'h>, operation: &Operation) -> Option<&'h Bytes> {
    case.history.namespaces.get(&operation.client)
}

/// The operation answered with each revision, where it is a single one.
struct Writers(BTreeMap<Revision, Option<usize>>);

impl Writers {
    fn of(case: &Case<'_>) -> Self {
        let mut writers = BTreeMap::new();
        for (index, operation) in case.history.operations.iter().enumerate() {
            if let Some(response) = operation.response().filter(|response| modified(response)) {
                let writer = writers.entry(response.header().revision).or_insert(Some(index));
                *writer = writer.filter(|first| *first == index);
            }
        }
        Writers(writers)
    }

    fn at(&self, revision: Revision) -> Option<usize> {
        self.0.get(&revision).copied().flatten()
    }

    /// If it is certain that a revision did not change a key, but one of which a prefix was not taken off, or that
    /// never had it: who made the revision, and the words for it.
    fn foreign(
        &self,
        case: &Case<'_>,
        prefix: &Bytes,
        key: &Bytes,
        revision: Revision,
    ) -> Option<(usize, &'static str, String)> {
        let writer = self.at(revision)?;
        let raw = Bytes::from(key.as_slice().strip_prefix(prefix.as_slice())?);
        if may_change(case, writer, key) || !may_change(case, writer, &raw) {
            return None;
        }
        Some(match raw.as_slice().starts_with(prefix.as_slice()) {
            true => (writer, "prefix-left", format!("{raw} came with the prefix {prefix} still on it")),
            false => (writer, "foreign-key", format!("{raw} is outside the namespace {prefix}")),
        })
    }
}

/// True if an answered operation can have changed a key.
fn may_change(case: &Case<'_>, index: usize, key: &Bytes) -> bool {
    fn part(request: &Request, response: &Response, key: &Bytes) -> bool {
        match (request, response) {
            (Request::Put(put), _) => put.key == *key,
            (Request::Delete(delete), _) => Span::of_delete(delete).contains(key),
            (Request::Txn(txn), Response::Txn(took)) => {
                let branch = if took.succeeded { &txn.success } else { &txn.failure };
                branch.iter().zip(&took.responses).any(|(request, response)| part(request, response, key))
            }
            (Request::Range(_) | Request::Compact(_) | Request::Auth(_), _) => false,
            // What else deletes keys does not name them.
            _ => true,
        }
    }
    let operation = &case.history.operations[index];
    operation.response().is_none_or(|response| part(&operation.request, response, key))
}

/// A request that was shown a key that is not in its namespace, or not among those it asked for.
fn shown(case: &Case<'_>, writers: &Writers) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let (Some(prefix), Some(response)) = (prefix_of(case, operation), operation.response()) else {
            continue;
        };
        let mut found = None;
        seen_in(&operation.request, response, &mut |kv: &KeyValue, _| {
            found = found.take().or_else(|| writers.foreign(case, prefix, &kv.key, kv.mod_revision));
        });
        let own = case.operation(index);
        if let Some((writer, kind, message)) = found {
            return Some(Evidence::new(kind, message, vec![own, case.operation(writer)]));
        }
        if let Some(key) = unasked(&operation.request, response) {
            let message = format!("{key}, with the prefix of the namespace, is not what was asked for");
            return Some(Evidence::new("foreign-key", message, vec![own]));
        }
    }
    None
}

/// A key that a response shows and the request did not ask for.
fn unasked<'h>(request: &'h Request, response: &'h Response) -> Option<&'h Bytes> {
    let outside =
        |span: Span<'_>, kvs: &'h [KeyValue]| kvs.iter().map(|kv| &kv.key).find(|key| !span.contains(key));
    match (request, response) {
        (Request::Range(range), Response::Range(got)) => outside(Span::of_range(range), &got.kvs),
        (Request::Delete(delete), Response::Delete(got)) => outside(Span::of_delete(delete), &got.prev_kvs),
        (Request::Put(put), Response::Put(got)) => {
            got.prev_kv.as_ref().map(|kv| &kv.key).filter(|key| **key != put.key)
        }
        (Request::Txn(txn), Response::Txn(got)) => {
            let branch = if got.succeeded { &txn.success } else { &txn.failure };
            branch.iter().zip(&got.responses).find_map(|(request, response)| unasked(request, response))
        }
        _ => None,
    }
}

/// A watch that was shown such a key.
fn watched_foreign(case: &Case<'_>, writers: &Writers) -> Option<Evidence> {
    let history = case.history;
    for (index, watch) in history.watches.iter().enumerate() {
        let Some(prefix) = history.namespaces.get(&watch.client) else { continue };
        let span = Span::of_watch(&watch.request);
        for (frame, at, Event { kv, .. }) in watch.events() {
            let own = Exhibit::event(history, index, frame, at);
            if let Some((writer, kind, message)) = writers.foreign(case, prefix, &kv.key, kv.mod_revision) {
                return Some(Evidence::new(kind, message, vec![own, case.operation(writer)]));
            }
            if !span.contains(&kv.key) {
                let message =
                    format!("{}, with the prefix of the namespace, is not what was watched", kv.key);
                let exhibits = vec![own, Exhibit::watch(history, index)];
                return Some(Evidence::new("foreign-key", message, exhibits));
            }
        }
    }
    None
}

/// A request through a namespace that was seen to change a key outside it.
fn touched(case: &Case<'_>, writers: &Writers) -> Option<Evidence> {
    let history = case.history;
    let touches = |key: &Bytes, revision: Revision| {
        let writer = writers.at(revision)?;
        let prefix = prefix_of(case, &history.operations[writer])?;
        (!key.as_slice().starts_with(prefix.as_slice())).then(|| {
            let message = format!("through the namespace {prefix} {key} was changed");
            (message, case.operation(writer))
        })
    };
    let evidence = |(message, writer): (String, Exhibit), seen| {
        Evidence::new("foreign-change", message, vec![writer, seen])
    };
    for (index, watch) in history.watches.iter().enumerate() {
        for (frame, at, Event { kv, .. }) in watch.events() {
            if let Some(found) = touches(&kv.key, kv.mod_revision) {
                return Some(evidence(found, Exhibit::event(history, index, frame, at)));
            }
        }
    }
    for (index, operation) in history.operations.iter().enumerate() {
        let Some(response) = operation.response() else { continue };
        let mut found = None;
        seen_in(&operation.request, response, &mut |kv: &KeyValue, _| {
            found = found.take().or_else(|| touches(&kv.key, kv.mod_revision));
        });
        if let Some(found) = found {
            return Some(evidence(found, case.operation(index)));
        }
    }
    None
}

/// An answer or a watch that is not that of its namespace, where the end of the namespace had to be found: it was
/// taken for somewhere else.
fn wrong_view(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    let history = case.history;
    let in_requests = line.flaws[..line.proven].iter().find(|flaw| match flaw {
        Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
            let operation = &history.operations[*operation];
            prefix_of(case, operation).is_some_and(|prefix| asks_to_the_end(&operation.request, prefix))
        }
        Flaw::NoWriter { .. } | Flaw::TwoWriters { .. } | Flaw::SeenOtherwise { .. } => false,
    });
    if let Some(flaw) = in_requests {
        return Some(Evidence { kind: "wrong-view".to_owned(), ..explain::flaw(case, line, flaw) });
    }
    (0..history.watches.len()).find_map(|index| {
        let watch = &history.watches[index];
        let prefix = history.namespaces.get(&watch.client)?;
        let is_open = is_to_the_end(&watch.request.range_end, prefix);
        let evidence =
            is_open.then(|| watch_reliable::of_watch(case, line, index, &mut 0, &mut None)).flatten()?;
        Some(Evidence { kind: "wrong-view".to_owned(), ..evidence })
    })
}

/// True if a request asks for all keys of its namespace from some key on.
fn asks_to_the_end(request: &Request, prefix: &Bytes) -> bool {
    match request {
        Request::Range(range) => is_to_the_end(&range.range_end, prefix),
        Request::Delete(delete) => is_to_the_end(&delete.range_end, prefix),
        Request::Txn(txn) => {
            let compares = txn.compare.iter().map(|compare| &compare.range_end);
            compares.into_iter().any(|end| is_to_the_end(end, prefix))
                || txn.branches().any(|request| asks_to_the_end(request, prefix))
        }
        _ => false,
    }
}

/// True if the end of a range, in full, is that of the namespace: not one that the client named itself.
fn is_to_the_end(range_end: &Bytes, prefix: &Bytes) -> bool {
    !range_end.is_empty() && !range_end.as_slice().starts_with(prefix.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::WatchRequest;
    use crate::history::build::*;

    /// Client 0 sees every key, clients 1 and 2 those below `n/`; `n/a` is put at 2, `o` at 3.
    fn begun(h: &mut Builder) {
        h.namespace(1, "n/");
        h.namespace(2, "n/");
        h.ok(1, put("a", "1"), written(2));
        h.ok(0, put("o", "2"), written(3));
    }

    fn of(build: impl Fn(&mut Builder)) -> String {
        kind(check, |h| {
            begun(h);
            build(h);
        })
    }

    fn answered(client: u32, request: Request, response: Response) -> String {
        of(|h| {
            h.ok(client, request.clone(), response.clone());
        })
    }

    #[test]
    fn accepts_a_view_of_its_own_keys() {
        let verdict = judged(check, |h| {
            begun(h);
            h.ok(2, range("a", "\0"), ranged(3, [kv("a", "1", 2, 2, 1)]));
            let watch = h.watch(2, watching("", "\0", 1));
            h.created(watch, 3);
            h.events(watch, [put_event(kv("a", "1", 2, 2, 1))]);
            h.ok(0, range("a", "\0"), ranged(3, [kv("n/a", "1", 2, 2, 1), kv("o", "2", 3, 3, 1)]));
            h.ok(1, delete_range("a", "\0"), deleted(4, 1));
            let all = h.watch(0, watching("\0", "\0", 2));
            h.events(all, [put_event(kv("n/a", "1", 2, 2, 1))]);
            h.events(all, [put_event(kv("o", "2", 3, 3, 1))]);
            h.events(all, [delete_event("n/a", 4)]);
        });
        // Two writes and a read, and an event.
        assert_eq!(verdict, Verdict::Holds { examined: 4 });
    }

    #[test]
    fn accepts_a_key_that_begins_as_the_prefix_does() {
        let verdict = judged(check, |h| {
            begun(h);
            h.ok(1, put("n/a", "3"), written(4));
            h.ok(2, get("n/a"), ranged(4, [kv("n/a", "3", 4, 4, 1)]));
            h.ok(0, get("n/n/a"), ranged(4, [kv("n/n/a", "3", 4, 4, 1)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 3 });
    }

    #[test]
    fn is_vacuous_without_a_namespace_and_where_none_was_used() {
        let without = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
        });
        let unused = judged(check, |h| {
            h.namespace(1, "n/");
            h.ok(0, put("a", "1"), written(2));
        });
        assert_eq!((without, unused), (Verdict::Vacuous, Verdict::Vacuous));
    }

    #[test]
    fn rejects_keys_from_elsewhere() {
        let both = || ranged(3, [kv("a", "1", 2, 2, 1), kv("o", "2", 3, 3, 1)]);
        assert_eq!(answered(2, range("a", "\0"), both()), "foreign-key");
        let request = || txn([], [range("a", "\0")], []);
        assert_eq!(answered(2, request(), decided(3, true, [both()])), "foreign-key");
        assert_eq!(answered(2, get("b"), ranged(3, [kv("a", "1", 2, 2, 1)])), "foreign-key");
        let watched = |event: Event| {
            of(|h| {
                let watch = h.watch(2, watching("a", "\0", 2));
                h.created(watch, 3);
                h.events(watch, [event.clone()]);
            })
        };
        assert_eq!(watched(put_event(kv("o", "2", 3, 3, 1))), "foreign-key");
        assert_eq!(watched(delete_event("\x01", 9)), "foreign-key");
    }

    #[test]
    fn rejects_a_prefix_that_was_not_taken_off() {
        let left = || kv("n/a", "1", 2, 2, 1);
        assert_eq!(answered(2, range("a", "\0"), ranged(3, [left()])), "prefix-left");
        let watched = of(|h| {
            let watch = h.watch(2, WatchRequest { prev_kv: true, ..watching("a", "\0", 2) });
            h.events(watch, [put_event(left())]);
        });
        assert_eq!(watched, "prefix-left");
    }

    #[test]
    fn rejects_a_delete_that_took_keys_of_others() {
        let request = || delete_range("a", "\0");
        let seen = of(|h| {
            h.ok(1, request(), deleted(4, 2));
            let watch = h.watch(0, watching("o", "", 4));
            h.events(watch, [delete_event("o", 4)]);
        });
        assert_eq!(seen, "foreign-change");
        // Nobody saw which, but it says itself how many.
        assert_eq!(answered(1, request(), deleted(4, 2)), "wrong-view");
        let written_at = of(|h| {
            h.ok(1, put("b", "1"), written(4));
            h.ok(0, get("b"), ranged(4, [kv("b", "1", 4, 4, 1)]));
        });
        assert_eq!(written_at, "foreign-change");
    }

    #[test]
    fn rejects_an_end_that_is_not_that_of_the_namespace() {
        // It ends before it begins.
        assert_eq!(answered(2, range("a", "\0"), ranged(3, [])), "wrong-view");
        let missed = of(|h| {
            let watch = h.watch(2, watching("a", "\0", 2));
            h.created(watch, 3);
            h.progress(watch, 3);
        });
        assert_eq!(missed, "wrong-view");
    }

    #[test]
    fn what_has_an_end_of_its_own_is_for_other_guarantees() {
        let verdict = judged(check, |h| {
            begun(h);
            h.ok(2, get("a"), ranged(3, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }
}
