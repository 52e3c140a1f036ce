//! Refusals that say something of the store: they must be true.
//!
//! etcd: `server/storage/mvcc/errors.go` and `api/v3rpc/rpctypes/error.go`.

use super::Case;
use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::history::{Outcome, Request, Revision};
use crate::revision::{Line, Span};
use crate::spec::etcd::{Answer, Etcd, Refusal};
use stateright::semantics::SequentialSpec;

/// A request, of those that are `wanted`, that was refused for a reason that did not hold.
pub(super) fn false_refusal(
    case: &Case<'_>,
    line: &Line,
    wanted: impl Fn(&Request) -> bool,
) -> Option<Evidence> {
    for index in case.sorts().refused.iter().copied() {
        let operation = &case.history.operations[index];
        let Outcome::Failed(error) = &operation.outcome else { continue };
        let Some(refusal) = Refusal::of(error).filter(|_| wanted(&operation.request)) else { continue };
        let asked = asked(&operation.request);
        let (kind, message) = match refusal {
            Refusal::Compacted => match false_compacted(case, index) {
                Some(evidence) => return Some(evidence),
                None => continue,
            },
            Refusal::FutureRev => {
                let floor = line.floors[index].map_or(1, |floor| floor.place.revision());
                match asked {
                    Some(asked) if asked.highest <= floor => {
                        let message =
                            format!("{} is not after {floor}, which had been answered", asked.highest);
                        ("false-future", message)
                    }
                    _ => continue,
                }
            }
            Refusal::KeyNotFound => {
                let floor = line.floors[index].map_or(1, |floor| floor.place.revision());
                match &operation.request {
                    Request::Put(put) if !can_be_absent(line, &put.key, floor) => (
                        "false-not-found",
                        format!("{} was there all the time from revision {floor} on", put.key),
                    ),
                    _ => continue,
                }
            }
            // These need no look at the state, so any will do.
            Refusal::EmptyKey
            | Refusal::ValueProvided
            | Refusal::LeaseProvided
            | Refusal::TooManyOps
            | Refusal::DuplicateKey => match Etcd::default().invoke(&operation.request) {
                Answer::Given(_) => ("false-refusal", "there is nothing in the request to refuse".to_owned()),
                Answer::Refused(_) | Answer::At(_) => continue,
            },
        };
        let floor = line.floors[index].map(|floor| case.operation(floor.operation));
        let exhibits = floor.into_iter().chain([case.operation(index)]).collect();
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}

/// The operation at `index`, if it was refused because of a compaction that cannot have happened.
pub(super) fn false_compacted(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let operation = &case.history.operations[index];
    let Outcome::Failed(error) = &operation.outcome else { return None };
    if Refusal::of(error) != Some(Refusal::Compacted) {
        return None;
    }
    // When the recording ends without an answer, the answer is later than everything.
    let until_ns = operation.return_ns.unwrap_or(u64::MAX);
    let compaction = case.compactions().highest_possible_by(until_ns);
    let possible = compaction.map_or(-1, |(revision, _)| revision);
    // A second compaction at the same revision is refused, a read there is not.
    let highest_refused = match operation.request {
        Request::Compact(_) => possible,
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => possible,
        _ => possible - 1,
    };
    let lowest = asked(&operation.request)?.lowest;
    let message = format!("revision {lowest} cannot have been compacted by then");
    let compaction = compaction.map(|(_, compaction)| case.operation(compaction));
    let exhibits = compaction.into_iter().chain([case.operation(index)]).collect();
    (lowest > highest_refused).then(|| Evidence::new("false-compacted", message, exhibits))
}

/// Whether there is a revision, from `first` on, at which a key is absent.
fn can_be_absent(line: &Line, key: &Bytes, first: Revision) -> bool {
    let absent_at_first = line.last_change(key, first).is_none_or(|(_, change)| change.after.is_none());
    let no_end = Bytes::default();
    let span = Span::new(key, &no_end);
    absent_at_first
        || line.changes_of(span, first, line.end()).iter().any(|(_, change)| change.after.is_none())
}

/// The revisions that a request names.
pub(crate) struct Asked {
    pub(crate) lowest: Revision,
    pub(crate) highest: Revision,
}

/// Those of a request, if it names any.
pub(crate) fn asked(request: &Request) -> Option<Asked> {
    match request {
        Request::Range(range) => {
            (range.revision > 0).then_some(Asked { lowest: range.revision, highest: range.revision })
        }
        Request::Compact(compact) => Some(Asked { lowest: compact.revision, highest: compact.revision }),
        Request::Txn(txn) => txn.branches().filter_map(asked).reduce(|one, two| Asked {
            lowest: one.lowest.min(two.lowest),
            highest: one.highest.max(two.highest),
        }),
        Request::Put(_) | Request::Delete(_) => None,
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::PutRequest;
    use crate::history::build::*;
    use crate::verdict::Verdict;

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";
    const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";

    fn keep(key: &str) -> Request {
        Request::Put(PutRequest { key: key.into(), ignore_value: true, ..PutRequest::default() })
    }

    fn judged(request: Request, message: &str) -> Verdict {
        let mut history = Builder::default();
        for revision in 2..=6 {
            history.ok(0, put("a", "1"), written(revision));
        }
        history.ok(0, compact(4), compaction(6));
        history.failed(1, request, "OutOfRange", message);
        super::super::linearizable::check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_refusals_that_are_true() {
        for (request, message) in [
            (range_at("a", "", 3), COMPACTED),
            (compact(4), COMPACTED),
            (compact(3), COMPACTED),
            (range_at("a", "", 7), FUTURE),
            (compact(7), FUTURE),
            (txn([], [range_at("a", "", 9), range_at("a", "", 2)], []), FUTURE),
            (put("a", "1"), "etcdserver: no leader"),
            (keep("b"), "etcdserver: key not found"),
            (put("", "1"), "etcdserver: key is not provided"),
            (txn([], [put("a", "1"), put("a", "2")], []), "etcdserver: duplicate key given in txn request"),
        ] {
            let verdict = judged(request.clone(), message);
            assert!(verdict.holds(), "{request}: {verdict}");
        }
    }

    #[test]
    fn rejects_refusals_that_are_not() {
        for (request, message, kind) in [
            (range_at("a", "", 4), COMPACTED, "false-compacted"),
            (range_at("a", "", 5), COMPACTED, "false-compacted"),
            (compact(5), COMPACTED, "false-compacted"),
            (range_at("a", "", 6), FUTURE, "false-future"),
            (compact(6), FUTURE, "false-future"),
            (txn([], [range_at("a", "", 5)], []), COMPACTED, "false-compacted"),
            // What asks for the present names no revision.
            (txn([], [range_at("a", "", 5), get("a")], []), COMPACTED, "false-compacted"),
            (keep("a"), "etcdserver: key not found", "false-not-found"),
            (put("a", "1"), "etcdserver: key is not provided", "false-refusal"),
            (txn([], [put("a", "1")], []), "etcdserver: duplicate key given in txn request", "false-refusal"),
        ] {
            let verdict = judged(request.clone(), message);
            let evidence = verdict.evidence().unwrap_or_else(|| panic!("{request}: {verdict}"));
            assert_eq!(evidence.kind, kind);
        }
    }
}
