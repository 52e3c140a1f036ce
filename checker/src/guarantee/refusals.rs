//! Refusals that say something of the store: they must be true.
//!
//! etcd: `server/storage/mvcc/errors.go` and `api/v3rpc/rpctypes/error.go`.

use super::Case;
use crate::evidence::Evidence;
use crate::history::{Outcome, Request, Revision};
use crate::revision::Line;

/// A request that was refused for a reason that did not hold.
pub(super) fn false_refusal(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Outcome::Failed(error) = &operation.outcome else { continue };
        let Some(refusal) = Refusal::of(&error.message) else { continue };
        let asked = asked(&operation.request);
        // When the recording ends without an answer, the answer is later than everything.
        let until_ns = operation.return_ns.unwrap_or(u64::MAX);
        let (kind, message) = match refusal {
            Refusal::Compacted => {
                let possible = case.compactions().highest_possible(until_ns);
                // A second compaction at the same revision is refused, a read there is not.
                let highest_refused = match operation.request {
                    Request::Compact(_) => possible,
                    _ => possible - 1,
                };
                match asked {
                    Some(asked) if asked.lowest > highest_refused => (
                        "false-compacted",
                        format!("revision {} cannot have been compacted by then", asked.lowest),
                    ),
                    _ => continue,
                }
            }
            Refusal::Future => {
                let floor = line.floors[index].map_or(1, |floor| floor.place.revision());
                match asked {
                    Some(asked) if asked.highest <= floor => (
                        "false-future",
                        format!(
                            "revision {floor} had been answered before, {} is not after it",
                            asked.highest
                        ),
                    ),
                    _ => continue,
                }
            }
        };
        let floor = line.floors[index].map(|floor| case.operation(floor.operation));
        let exhibits = floor.into_iter().chain([case.operation(index)]).collect();
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}

enum Refusal {
    Compacted,
    Future,
}

impl Refusal {
    fn of(message: &str) -> Option<Self> {
        if message.contains("required revision has been compacted") {
            Some(Refusal::Compacted)
        } else if message.contains("required revision is a future revision") {
            Some(Refusal::Future)
        } else {
            None
        }
    }
}

/// The revisions that a request names.
struct Asked {
    lowest: Revision,
    highest: Revision,
}

fn asked(request: &Request) -> Option<Asked> {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::verdict::Verdict;

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";
    const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";

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
        ] {
            let verdict = judged(request.clone(), message);
            let evidence = verdict.evidence().unwrap_or_else(|| panic!("{request}: {verdict}"));
            assert_eq!(evidence.kind, kind);
        }
    }
}
