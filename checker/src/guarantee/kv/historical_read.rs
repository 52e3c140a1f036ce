//! `historical-read`: a range at a revision returns the same content whenever and from whichever member it
//! is asked, or that the revision is compacted or in the future, and only when that is true.
//!
//! etcd: `RangeRequest.revision` (`api/etcdserverpb/rpc.proto`; `server/storage/mvcc/kvstore_txn.go`,
//! `rangeKeys`; `tests/robustness/validate/operations.go`, which replays them as serializable reads).

use super::{explain, past_reads, refusals};
use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::Refusal;
use crate::history::{Outcome, RangeRequest, Request, Revision};
use crate::replay::{Compactions, Flaw, Line, PastRange, past_ranges, same_range};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "historical-read",
    about: "a range at a revision returns the same content whenever and wherever it is asked, or is rightly refused",
    check,
};

/// Examines every answered range at a revision of its own, and every refusal of one because of it.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let mut examined = 0;
    let different = two_answers(case, &mut examined);
    examined += refused(case);
    if examined == 0 {
        return Verdict::Vacuous;
    }
    let alone = different
        .or_else(|| past_reads::of_the_future(case, |_| true))
        .or_else(|| past_reads::of_the_compacted(case, Compactions::highest_certain))
        .or_else(|| {
            refusals::false_refusal(case, |operation| matches!(operation.request, Request::Range(_)))
        });
    if alone.is_some() {
        return Verdict::of(examined, alone);
    }
    case.by_line(|line| (examined, of_flaws(case, line)))
}

/// Everything that two ranges must have in common for one answer; how a member was asked is not of it.
type Question<'h> = (Revision, &'h Bytes, &'h Bytes, [i64; 5], (bool, bool), (u8, u8));

fn question(request: &RangeRequest) -> Question<'_> {
    let numbers = [
        request.limit,
        request.min_mod_revision,
        request.max_mod_revision,
        request.min_create_revision,
        request.max_create_revision,
    ];
    let shown = (request.keys_only, request.count_only);
    let order = (request.sort_order as u8, request.sort_target as u8);
    (request.revision, &request.key, &request.range_end, numbers, shown, order)
}

/// Two answers to one question that differ.
fn two_answers(case: &Case<'_>, examined: &mut u64) -> Option<Evidence> {
    let mut known: BTreeMap<Question<'_>, (usize, PastRange<'_>)> = BTreeMap::new();
    for index in case.sorts().past.iter().copied() {
        for range in past_ranges(&case.history.operations[index]) {
            *examined += 1;
            let (first, other) = *known.entry(question(range.request)).or_insert((index, range));
            if !same_range(range.request, range.response, other.response) {
                let message = format!("revision {} was read in two ways", range.request.revision);
                let exhibits = vec![case.operation(index), case.operation(first)];
                return Some(Evidence::new("two-answers", message, exhibits));
            }
        }
    }
    None
}

/// The number of ranges refused because of their revision.
fn refused(case: &Case<'_>) -> u64 {
    let operations = case.sorts().refused.iter().map(|index| &case.history.operations[*index]);
    let refused = operations.filter(|operation| match (&operation.request, &operation.outcome) {
        (Request::Range(_), Outcome::Failed(error)) => {
            matches!(Refusal::of(error), Some(Refusal::Compacted | Refusal::FutureRev))
        }
        _ => false,
    });
    refused.count() as u64
}

/// A range that does not show its revision.
fn of_flaws(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    let bears = |flaw: &&Flaw| match flaw {
        Flaw::WrongPast { .. } => true,
        Flaw::WrongResponse { operation, .. } => {
            matches!(&case.history.operations[*operation].request, Request::Range(range) if range.revision > 0)
        }
        Flaw::NoWriter { .. } | Flaw::TwoWriters { .. } | Flaw::SeenOtherwise { .. } => false,
    };
    line.flaws[..line.proven].iter().find(bears).map(|flaw| explain::flaw(case, line, flaw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{KeyValue, Response};

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";
    const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";

    /// `a` is put at 2, 3 and 4.
    fn written_history() -> Builder {
        let mut h = Builder::default();
        for revision in 2..=4 {
            h.ok(0, put("a", &revision.to_string()), written(revision));
        }
        h
    }

    fn a(revision: Revision) -> KeyValue {
        kv("a", &revision.to_string(), 2, revision, revision - 1)
    }

    fn judged(build: impl FnOnce(&mut Builder)) -> Verdict {
        let mut h = written_history();
        build(&mut h);
        check(&Case::new(&h.build()))
    }

    fn kind(build: impl FnOnce(&mut Builder)) -> String {
        let verdict = judged(build);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    }

    fn in_txn(response: Response) -> (Request, Response) {
        (txn([], [put("b", "1"), range_at("a", "", 3)], []), decided(5, true, [written(5), response]))
    }

    #[test]
    fn accepts_the_past_as_it_was() {
        let verdict = judged(|h| {
            h.ok(1, range_at("a", "", 3), ranged(4, [a(3)]));
            let (request, response) = in_txn(ranged(5, [a(3)]));
            h.ok(1, request, response);
            h.ok(2, range_at("a", "", 3), ranged(5, [a(3)]));
            h.ok(2, range_at("a", "", 5), ranged(5, [a(4)]));
            h.failed(2, range_at("a", "", 6), "OutOfRange", FUTURE);
            h.ok(2, compact(3), compaction(5));
            h.failed(2, range_at("a", "", 2), "OutOfRange", COMPACTED);
            h.ok(2, range_at("a", "", 3), ranged(5, [a(3)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 7 });
    }

    #[test]
    fn a_history_without_them_proves_nothing() {
        let verdict = judged(|h| {
            h.ok(1, get("a"), ranged(4, [a(4)]));
            h.failed(1, range_at("a", "", 2), "Unavailable", "etcdserver: no leader");
            h.failed(1, compact(9), "OutOfRange", FUTURE);
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }

    #[test]
    fn rejects_two_answers_to_one_question_even_where_nothing_else_is_known() {
        let mut h = Builder::default();
        h.ok(0, range_at("a", "", 900), ranged(1000, [a(4)]));
        h.ok(1, range_at("a", "", 900), ranged(1001, [a(3)]));
        let verdict = check(&Case::new(&h.build()));
        let evidence = verdict.evidence().unwrap();
        assert_eq!((evidence.kind.as_str(), evidence.exhibits.len()), ("two-answers", 2));
    }

    #[test]
    fn rejects_what_was_not_there_then() {
        let read = |response| {
            kind(|h| {
                h.ok(1, range_at("a", "", 3), response);
            })
        };
        assert_eq!(read(ranged(4, [a(4)])), "future-value");
        assert_eq!(read(ranged(4, [a(2)])), "lost-write");
        assert_eq!(read(ranged(4, [kv("a", "9", 2, 3, 2)])), "wrong-value");
        let part = |response: Response| {
            kind(|h| {
                let (request, response) = in_txn(response);
                h.ok(1, request, response);
            })
        };
        assert_eq!(part(ranged(5, [a(2)])), "wrong-past");
        assert_eq!(part(ranged(5, [])), "wrong-past");
    }

    #[test]
    fn rejects_a_read_that_should_have_been_refused() {
        let future = |h: &mut Builder| {
            h.ok(1, range_at("a", "", 5), ranged(4, [a(4)]));
        };
        assert_eq!(kind(future), "read-of-the-future");
        let by_its_own_write = |h: &mut Builder| {
            let request = txn([], [put("b", "1"), range_at("a", "", 5)], []);
            h.ok(1, request, decided(5, true, [written(5), ranged(5, [a(4)])]));
        };
        assert_eq!(kind(by_its_own_write), "read-of-the-future");
        let compacted = |h: &mut Builder| {
            h.ok(1, compact(3), compaction(4));
            h.ok(1, range_at("a", "", 2), ranged(4, [a(2)]));
        };
        assert_eq!(kind(compacted), "read-of-the-compacted");
    }

    #[test]
    fn rejects_a_refusal_that_is_not_true() {
        let refused = |revision, message| {
            kind(|h| {
                h.failed(1, range_at("a", "", revision), "OutOfRange", message);
            })
        };
        assert_eq!(refused(2, COMPACTED), "false-compacted");
        assert_eq!(refused(4, FUTURE), "false-future");
    }
}
