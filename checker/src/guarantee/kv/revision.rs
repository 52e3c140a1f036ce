//! `revision`: one revision per modifying request, one more each, shared by every key a txn touches; none
//! for a request that changed nothing; `mod_revision` of a key is the revision of the request that wrote
//! it, `create_revision` and `version` follow; a client's later request never answers with an earlier
//! revision.
//!
//! etcd's "Revision" guarantees (API guarantees, "KV APIs: Durability and Revision";
//! `tests/robustness/validate/operations.go` by its model's revision).

use super::explain;
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::modified;
use crate::history::{KeyValue, MemberId, Operation, Response, Revision};
use crate::replay::{Difference, Flaw, Line, differences, seen_in};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "revision",
    about: "one revision per modifying request, one more each, and keys carry the revisions of their writes",
    check,
};

/// Examines every answered operation that is not a serializable read.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let answered = case.recorded.operations.iter().filter(|operation| operation.response().is_some());
    let examined = answered.filter(|operation| !operation.request.is_serializable()).count() as u64;
    let alone = within_one_response(case)
        .or_else(|| earlier_answer(case))
        .or_else(|| no_member(case))
        .or_else(|| case.odd(|_, _| true))
        .or_else(|| two_writers(case));
    if alone.is_some() {
        return Verdict::of(examined, alone);
    }
    case.by_line(|line| (examined, of_flaws(case, line)))
}

/// Two requests that were answered with one revision, each as its own.
pub(super) fn two_writers(case: &Case<'_>) -> Option<Evidence> {
    let mut writers: BTreeMap<Revision, usize> = BTreeMap::new();
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Some(response) = operation.response().filter(|response| modified(response)) else { continue };
        let revision = response.header().revision;
        let first = *writers.entry(revision).or_insert(index);
        if revision > 1 && first != index {
            let return_ns = |index: &usize| case.history.operations[*index].return_ns;
            let mut both = [first, index];
            both.sort_by_key(return_ns);
            let [first, second] = both;
            return Some(explain::two_writers(case, revision, first, second));
        }
    }
    None
}

/// Responses that contradict themselves.
fn within_one_response(case: &Case<'_>) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Some(response) = operation.response() else { continue };
        let revision = response.header().revision;
        if modified(response) && revision < 2 {
            let message = format!("revision {revision} was written, and the first write of a store makes 2");
            return Some(Evidence::new("no-revision", message, vec![case.operation(index)]));
        }
        if let Response::Txn(txn) = response
            && let Some(other) = other_revision(&txn.responses, revision)
        {
            let message = format!("a txn at revision {revision} wrote at revision {other}");
            return Some(Evidence::new("two-revisions", message, vec![case.operation(index)]));
        }
        let mut wrong = None;
        seen_in(&operation.request, response, &mut |kv, _| {
            if wrong.is_none() && !possible(kv, revision) {
                wrong = Some(kv);
            }
        });
        if let Some(kv) = wrong {
            let message = format!("at revision {revision} there can be no {kv}");
            return Some(Evidence::new("impossible-key", message, vec![case.operation(index)]));
        }
    }
    None
}

/// A revision other than the txn's that one of its writes, however nested, was answered with.
pub(super) fn other_revision(responses: &[Response], revision: Revision) -> Option<Revision> {
    responses.iter().filter(|response| modified(response)).find_map(|response| match response {
        Response::Txn(txn) => other_revision(&txn.responses, revision),
        response => Some(response.header().revision).filter(|other| ![0, revision].contains(other)),
    })
}

/// True if a key can look like this at a revision.
fn possible(kv: &KeyValue, revision: Revision) -> bool {
    if [kv.create_revision, kv.version].contains(&KeyValue::NOT_RECORDED) {
        return (2..=revision).contains(&kv.mod_revision);
    }
    (2..=revision).contains(&kv.mod_revision)
        && (2..=kv.mod_revision).contains(&kv.create_revision)
        && (kv.version == 1) == (kv.create_revision == kv.mod_revision)
        && (1..=kv.mod_revision.saturating_sub(kv.create_revision).saturating_add(1)).contains(&kv.version)
}

/// An answer that names no member, to a client whose other answers do: its header was left out.
fn no_member(case: &Case<'_>) -> Option<Evidence> {
    let headers = || {
        let operations = case.recorded.operations.iter().enumerate();
        operations
            .filter_map(|(index, operation)| Some((index, operation.client, operation.response()?.header())))
    };
    let mut named = BTreeMap::new();
    for (index, client, _) in headers().filter(|(.., header)| header.member != MemberId(0) && header.term > 0)
    {
        named.entry(client).or_insert(index);
    }
    let mut nameless = headers().filter(|(.., header)| header.member == MemberId(0));
    let (index, named) = nameless.find_map(|(index, client, _)| Some((index, *named.get(&client)?)))?;
    let message = "an answer names no member".to_owned();
    Some(Evidence::new("no-member", message, vec![case.operation(index), case.operation(named)]))
}

/// A client whose later request was answered with an earlier revision.
fn earlier_answer(case: &Case<'_>) -> Option<Evidence> {
    let operations = &case.history.operations;
    let mut order: Vec<usize> = (0..operations.len()).filter(|index| binding(&operations[*index])).collect();
    order.sort_by_key(|index| operations[*index].invoke_ns);
    let mut last: BTreeMap<_, (Revision, usize)> = BTreeMap::new();
    for index in order {
        let Some(response) = operations[index].response() else { continue };
        let revision = response.header().revision;
        let (before, earlier) = *last.entry(operations[index].client).or_insert((revision, index));
        if revision < before {
            let client = operations[index].client;
            let message = format!("{client} was answered at revision {before}, and later at {revision}");
            let exhibits = vec![case.operation(index), case.operation(earlier)];
            return Some(Evidence::new("earlier-revision", message, exhibits));
        }
        last.insert(operations[index].client, (revision, index));
    }
    None
}

fn binding(operation: &Operation) -> bool {
    operation.response().is_some() && !operation.request.is_serializable()
}

/// The first flaw of the line in a revision, as opposed to a value.
fn of_flaws(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    line.flaws[..line.proven].iter().find_map(|flaw| match flaw {
        Flaw::TwoWriters { .. } => Some(explain::flaw(case, line, flaw)),
        Flaw::NoWriter { revision, .. } if *revision <= line.last => Some(explain::flaw(case, line, flaw)),
        Flaw::WrongResponse { operation, revision, expected } => {
            let answered = &case.history.operations[*operation];
            let differences =
                differences(line, *revision, &answered.request, answered.response()?, expected.as_ref());
            let stamped = matches!(differences[0], Difference::Stamp { .. });
            stamped.then(|| explain::flaw(case, line, flaw))
        }
        Flaw::SeenOtherwise { revision, witness, another: false } => {
            Some(explain::wrong_stamp(case, line, *revision, *witness))
        }
        Flaw::NoWriter { .. } | Flaw::WrongPast { .. } | Flaw::SeenOtherwise { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::Header;
    use crate::history::build::*;

    #[test]
    fn an_answer_names_the_member_that_gave_it() {
        let by = |member: u64, mut response: Response| {
            *response.header_mut() = Header { member: MemberId(member), term: 2, ..*response.header() };
            response
        };
        let answered = |second: u32, member: u64| {
            judged(check, |h| {
                h.ok(0, put("a", "1"), by(1, written(2)));
                h.ok(second, put("a", "2"), by(member, written(3)));
            })
        };
        assert!(answered(0, 2).holds());
        assert!(answered(1, 0).holds(), "another recorder may not note it");
        let verdict = answered(0, 0);
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("no-member"));
    }

    #[test]
    fn accepts_one_revision_for_each_request_that_changed_something() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, delete("x"), deleted(2, 0));
            let nested = decided(0, true, [deleted(3, 1)]);
            let txn = txn([], [put("b", "1"), get("c"), txn([], [delete("a")], [])], []);
            h.ok(0, txn, decided(3, true, [written(3), ranged(3, []), nested]));
            h.ok(1, serializable("a", ""), ranged(3, []));
            h.ok(1, serializable("a", ""), ranged(2, [kv("a", "1", 2, 2, 1)]));
            h.ok(0, put("b", "2"), written(4));
            h.ok(0, get("b"), ranged(4, [kv("b", "2", 3, 4, 2)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 5 });
    }

    #[test]
    fn rejects_a_txn_with_two_revisions() {
        let txn = || txn([], [put("a", "1"), put("b", "1")], []);
        let plain = |h: &mut Builder| {
            h.ok(0, txn(), decided(3, true, [written(2), written(3)]));
        };
        assert_eq!(kind(check, plain), "two-revisions");
        let nested = |h: &mut Builder| {
            let request = nest(txn());
            h.ok(0, request, decided(2, true, [decided(0, true, [written(2), written(3)])]));
        };
        assert_eq!(kind(check, nested), "two-revisions");
    }

    fn nest(request: crate::history::Request) -> crate::history::Request {
        txn([], [request], [])
    }

    #[test]
    fn rejects_an_earlier_answer_to_a_later_request() {
        let kind = kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            h.ok(0, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        });
        assert_eq!(kind, "earlier-revision");
    }

    #[test]
    fn rejects_a_revision_that_is_shared_or_skipped() {
        assert_eq!(
            kind(check, |h| {
                h.ok(0, put("a", "1"), written(2));
                h.ok(1, put("a", "2"), written(2));
            }),
            "two-writers"
        );
        assert_eq!(
            kind(check, |h| {
                h.unknown(1, delete("a"));
                h.ok(0, put("a", "1"), written(3));
            }),
            "skipped-revision"
        );
    }

    #[test]
    fn rejects_what_is_no_revision() {
        for (revision, expected) in [
            (0, "no-revision"),
            (-1, "no-revision"),
            (Revision::MIN, "no-revision"),
            (500, "skipped-revision"),
            (Revision::MAX, "skipped-revision"),
        ] {
            let read = |h: &mut Builder| _ = h.ok(1, get("b"), ranged(revision, []));
            let written = |h: &mut Builder| _ = h.ok(1, put("b", "1"), written(revision));
            let kind = |odd: &dyn Fn(&mut Builder)| {
                kind(check, |h| {
                    h.ok(0, put("a", "1"), crate::history::build::written(2));
                    odd(h);
                    h.ok(0, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
                })
            };
            assert_eq!(kind(&read), expected, "{revision}");
            assert_eq!(kind(&written), expected, "{revision}");
        }
        let first = kind(check, |h| {
            h.ok(0, put("a", "1"), written(1));
        });
        assert_eq!(first, "no-revision");
    }

    #[test]
    fn leaves_what_only_a_serializable_read_tells_of_to_that() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(1, serializable("b", ""), ranged(3, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn accepts_as_many_versions_as_there_were_revisions() {
        let verdict = judged(check, |h| {
            for revision in 2..=6 {
                h.ok(0, put("a", "1"), written(revision));
            }
            h.ok(0, get("a"), ranged(6, [kv("a", "1", 2, 6, 5)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 6 });
    }

    #[test]
    fn rejects_keys_with_impossible_or_wrong_revisions() {
        let seen = |create, modified, version| {
            kind(check, |h| {
                h.ok(0, put("a", "1"), written(2));
                h.ok(0, put("a", "2"), written(3));
                h.ok(0, get("a"), ranged(3, [kv("a", "2", create, modified, version)]));
            })
        };
        assert_eq!(seen(2, 4, 2), "impossible-key");
        assert_eq!(seen(3, 2, 1), "impossible-key");
        assert_eq!(seen(3, 3, 2), "impossible-key");
        assert_eq!(seen(2, 3, 3), "impossible-key");
        assert_eq!(seen(2, 3, 1), "impossible-key");
        assert_eq!(seen(1, 3, 2), "impossible-key");
        assert_eq!(seen(3, 3, 1), "wrong-version");
    }

    #[test]
    fn rejects_an_event_with_a_wrong_version() {
        let kind = kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            let watch = h.watch(1, watching("a", "", 2));
            h.created(watch, 2);
            h.events(watch, [put_event(kv("a", "1", 1, 2, 2))]);
        });
        assert_eq!(kind, "wrong-version");
    }
}
