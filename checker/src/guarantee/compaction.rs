//! `compaction`: after a compaction at a revision, data at and after that revision is intact; before it
//! there is nothing left to read, nor to compact again.
//!
//! etcd: `server/storage/mvcc/kvstore.go`, `updateCompactRev`, and `kvstore_compaction.go`, which keeps the
//! newest revision of each key up to the compacted one.

use super::{Case, past_reads, refusals};
use crate::evidence::Evidence;
use crate::history::{Outcome, Request};
use crate::revision::{Difference, Flaw, Line, differences};
use crate::spec::etcd::Refusal;
use crate::verdict::Verdict;

/// Examines what was answered after an answered compaction, and every refusal because of one.
pub(super) fn check(case: &Case<'_>) -> Verdict {
    let examined = examined(case);
    if examined == 0 {
        return Verdict::Vacuous;
    }
    let refused = || case.sorts().refused.iter().find_map(|index| refusals::false_compacted(case, *index));
    let alone = not_refused(case).or_else(|| past_reads::of_the_compacted(case, |_| true)).or_else(refused);
    if alone.is_some() {
        return Verdict::of(examined, alone);
    }
    case.by_line(|line| (examined, lost(case, line)))
}

fn examined(case: &Case<'_>) -> u64 {
    let operations = case.history.operations.iter();
    let examined = operations.filter(|operation| match &operation.outcome {
        Outcome::Ok(_) => {
            !operation.request.is_serializable()
                && case.compactions().highest_certain(operation.invoke_ns).is_some()
        }
        Outcome::Failed(error) => Refusal::of(error) == Some(Refusal::Compacted),
        Outcome::Unknown(_) => false,
    });
    examined.count() as u64
}

/// A compaction that was answered although it had nothing to take away, or was of the future.
pub(super) fn not_refused(case: &Case<'_>) -> Option<Evidence> {
    for index in case.sorts().compactions.iter().copied() {
        let operation = &case.history.operations[index];
        let (Request::Compact(request), Some(response)) = (&operation.request, operation.response()) else {
            continue;
        };
        let newest = response.header().revision;
        if request.revision > newest {
            let message = format!("revision {} was compacted when {newest} was the newest", request.revision);
            return Some(Evidence::new("compaction-of-the-future", message, vec![case.operation(index)]));
        }
        if let Some((compacted, earlier)) = case.compactions().highest_certain(operation.invoke_ns)
            && request.revision <= compacted
        {
            let message = format!(
                "a compaction at {} was answered although {compacted} had been compacted",
                request.revision
            );
            let exhibits = vec![case.operation(earlier), case.operation(index)];
            return Some(Evidence::new("compacted-again", message, exhibits));
        }
    }
    None
}

/// A read without what a compaction before it had to keep.
fn lost(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    line.flaws[..line.proven].iter().find_map(|flaw| {
        let Flaw::WrongResponse { operation, revision, expected } = flaw else { return None };
        let reader = &case.history.operations[*operation];
        let until_ns = reader.return_ns.unwrap_or(u64::MAX);
        let (compacted, compaction) = case.compactions().highest_possible_by(until_ns)?;
        let found = differences(line, *revision, &reader.request, reader.response()?, expected.as_ref());
        found.into_iter().find_map(|difference| {
            let Difference::Lost { key, revision } = difference else { return None };
            let message = format!(
                "{key} was read without what revision {revision} did to it, which the compaction at {compacted} had to keep"
            );
            let mut exhibits: Vec<_> = case.writer(line, revision).into_iter().collect();
            exhibits.extend([case.operation(compaction), case.operation(*operation)]);
            (revision <= compacted).then(|| Evidence::new("lost-at-compaction", message, exhibits))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{KeyValue, Revision};

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";

    fn a(revision: Revision) -> KeyValue {
        kv("a", "1", 2, revision, revision - 1)
    }

    /// `a` is put at 2 to 6, `b` at 7; compacted at 4.
    fn judged(build: impl FnOnce(&mut Builder)) -> Verdict {
        let mut h = Builder::default();
        for revision in 2..=6 {
            h.ok(0, put("a", "1"), written(revision));
        }
        h.ok(0, put("b", "1"), written(7));
        h.ok(0, compact(4), compaction(7));
        build(&mut h);
        check(&Case::new(&h.build()))
    }

    fn kind(build: impl FnOnce(&mut Builder)) -> String {
        let verdict = judged(build);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    }

    #[test]
    fn accepts_what_is_kept_and_what_is_gone() {
        let verdict = judged(|h| {
            h.ok(1, range_at("a", "", 4), ranged(7, [a(4)]));
            h.ok(1, get("a"), ranged(7, [a(6)]));
            h.failed(1, range_at("a", "", 3), "OutOfRange", COMPACTED);
            h.failed(1, compact(4), "OutOfRange", COMPACTED);
            h.ok(1, compact(5), compaction(7));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 5 });
        assert_eq!(judged(|_| ()), Verdict::Vacuous);
    }

    #[test]
    fn a_member_may_not_have_heard_of_it() {
        let read = Request::Range(crate::history::RangeRequest {
            serializable: true,
            revision: 3,
            key: "a".into(),
            ..crate::history::RangeRequest::default()
        });
        let verdict = judged(|h| {
            h.ok(1, read, ranged(7, [a(3)]));
            h.ok(1, get("a"), ranged(7, [a(6)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_a_read_of_what_is_gone() {
        let read = |h: &mut Builder| {
            h.ok(1, range_at("a", "", 3), ranged(7, [a(3)]));
        };
        assert_eq!(kind(read), "read-of-the-compacted");
        let in_a_txn = |h: &mut Builder| {
            h.ok(1, txn([], [range_at("a", "", 3)], []), decided(7, true, [ranged(7, [a(3)])]));
        };
        assert_eq!(kind(in_a_txn), "read-of-the-compacted");
    }

    #[test]
    fn rejects_a_compaction_that_should_have_been_refused() {
        let again = |revision| {
            kind(|h| {
                h.ok(1, compact(revision), compaction(7));
            })
        };
        assert_eq!(again(4), "compacted-again");
        assert_eq!(again(3), "compacted-again");
        assert_eq!(again(8), "compaction-of-the-future");
    }

    #[test]
    fn compacting_nothing_succeeds_once() {
        let mut h = Builder::default();
        h.ok(0, compact(0), compaction(1));
        let once = h.clone();
        h.ok(0, compact(0), compaction(1));
        assert_eq!(check(&Case::new(&once.build())), Verdict::Vacuous);
        assert!(check(&Case::new(&h.build())).is_violated());
    }

    #[test]
    fn rejects_the_loss_of_what_had_to_be_kept() {
        let read = |h: &mut Builder| {
            h.ok(1, range_at("a", "", 4), ranged(7, []));
        };
        assert_eq!(kind(read), "lost-at-compaction");
        // What came after the compacted revision was not the compaction's to lose.
        let later = judged(|h| {
            h.ok(1, get("b"), ranged(7, []));
        });
        assert!(later.holds(), "{later}");
    }

    #[test]
    fn rejects_a_refusal_of_what_is_kept() {
        let refused = |h: &mut Builder| {
            h.failed(1, range_at("a", "", 4), "OutOfRange", COMPACTED);
        };
        assert_eq!(kind(refused), "false-compacted");
    }
}
