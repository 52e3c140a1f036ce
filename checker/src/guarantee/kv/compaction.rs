//! `compaction`: after a compaction at a revision, data at and after that revision is intact; before it
//! there is nothing left to read, nor to compact again.
//!
//! etcd: `server/storage/mvcc/kvstore.go`, `updateCompactRev`, and `kvstore_compaction.go`, which keeps the
//! newest revision of each key up to the compacted one.

use super::{past_reads, refusals};
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::Refusal;
use crate::history::{Operation, Outcome, Request};
use crate::replay::{Compactions, Difference, Flaw, Known, Line, Reach, differences};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "compaction",
    about: "after a compaction what is at and after its revision is intact, and what is before it is refused",
    check,
};

/// Examines every answered compaction, what was answered after one had taken effect, every refusal because of one, and
/// of compactions also those because of the future.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let examined = examined(case);
    if examined == 0 {
        return Verdict::Vacuous;
    }
    let refused = || case.sorts().refused.iter().find_map(|index| refusals::false_compacted(case, *index));
    let of_compactions =
        || refusals::false_refusal(case, |operation| matches!(operation.request, Request::Compact(_)));
    let alone = not_refused(case, Compactions::highest_certain)
        .or_else(|| of_the_unmade(case))
        .or_else(|| past_reads::of_the_compacted(case, Compactions::highest_certain))
        .or_else(refused)
        .or_else(of_compactions);
    if alone.is_some() {
        return Verdict::of(examined, alone);
    }
    case.by_line(|line| (examined, lost(case, line)))
}

fn examined(case: &Case<'_>) -> u64 {
    let operations = case.recorded.operations.iter();
    let examined = operations.filter(|operation| {
        let is_compaction = matches!(operation.request, Request::Compact(_));
        match &operation.outcome {
            Outcome::Ok(_) => {
                let is_after_one = || {
                    !operation.request.is_serializable()
                        && case.compactions().highest_certain(operation.invoke_ns).is_some()
                };
                is_compaction || is_after_one()
            }
            Outcome::Failed(error) => match Refusal::of(error) {
                Some(Refusal::Compacted) => true,
                Some(Refusal::FutureRev) => is_compaction,
                _ => false,
            },
            Outcome::Unknown(_) => false,
        }
    });
    examined.count() as u64
}

/// A compaction that was answered although it had nothing to take away, or was of the future.
pub(super) fn not_refused(
    case: &Case<'_>,
    known: impl Fn(&Compactions, u64) -> Option<Known>,
) -> Option<Evidence> {
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
        if let Some(known) = known(case.compactions(), operation.invoke_ns)
            && request.revision <= known.revision
        {
            let message = format!(
                "a compaction at {} was answered although {} had been compacted",
                request.revision, known.revision
            );
            let exhibits = [case.operation(index)].into_iter().chain(case.compaction(known)).collect();
            return Some(Evidence::new("compacted-again", message, exhibits));
        }
    }
    None
}

/// A compaction at a revision that all that was asked before it was answered cannot have made.
fn of_the_unmade(case: &Case<'_>) -> Option<Evidence> {
    let operations = &case.recorded.operations;
    let is_answered = |operation: &Operation| {
        matches!((&operation.request, &operation.outcome), (Request::Compact(_), Outcome::Ok(_)))
    };
    if !case.begins_with_store() || !operations.iter().any(is_answered) {
        return None;
    }
    let reach = Reach::of(case.recorded)?;
    let answered = operations.iter().enumerate().filter(|(_, operation)| is_answered(operation));
    answered.into_iter().find_map(|(index, operation)| {
        let Request::Compact(request) = &operation.request else { return None };
        let newest = reach.newest_by(operation.return_ns.unwrap_or(u64::MAX));
        let message = format!(
            "revision {} was compacted when all that had been asked can have made revisions up to {newest}",
            request.revision
        );
        let evidence = || Evidence::new("compaction-of-the-future", message, vec![case.operation(index)]);
        (request.revision > newest).then(evidence)
    })
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
            let mut exhibits = vec![case.operation(*operation), case.operation(compaction)];
            exhibits.extend(case.writer(line, revision));
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
    const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";

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
        assert_eq!(verdict, Verdict::Holds { examined: 6 });
        assert_eq!(judged(|_| ()), Verdict::Holds { examined: 1 });
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
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
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
        assert_eq!(check(&Case::new(&once.build())), Verdict::Holds { examined: 1 });
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
        let refused = |request: Request, message: &'static str| {
            kind(|h| {
                h.failed(1, request, "OutOfRange", message);
            })
        };
        for request in [
            range_at("a", "", 4),
            range_at("a", "", 7),
            compact(5),
            get("a"),
            range("a", "\0"),
            serializable("a", ""),
            txn([], [get("a")], [put("a", "1")]),
            txn([], [range_at("a", "", 4), get("a")], []),
            put("a", "1"),
            delete("a"),
        ] {
            assert_eq!(refused(request.clone(), COMPACTED), "false-compacted", "{request}");
        }
        for revision in [7, 5, 1] {
            assert_eq!(refused(compact(revision), FUTURE), "false-future");
        }
        let verdict = judged(|h| {
            h.failed(1, compact(8), "OutOfRange", FUTURE);
            h.failed(1, compact(4), "OutOfRange", COMPACTED);
            h.failed(1, range_at("a", "", 3), "OutOfRange", COMPACTED);
            // What waits for a lock watches from the revision at which it queued.
            h.failed(1, lock("l", 7), "OutOfRange", COMPACTED);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 5 });
    }

    /// `a` is put at 2 to 6; a compaction at 5 has no answer.
    fn untold(build: impl FnOnce(&mut Builder)) -> Verdict {
        let mut h = Builder::default();
        for revision in 2..=6 {
            h.ok(0, put("a", "1"), written(revision));
        }
        h.unknown(0, compact(5));
        build(&mut h);
        check(&Case::new(&h.build()))
    }

    #[test]
    fn a_compaction_that_somebody_was_told_of_is_certain() {
        type Tell = fn(&mut Builder);
        let tells: [(&str, Tell); 4] = [
            ("read", |h| _ = h.failed(1, range_at("a", "", 2), "OutOfRange", COMPACTED)),
            ("member", |h| {
                let Request::Range(range) = range_at("a", "", 4) else { return };
                let range = crate::history::RangeRequest { serializable: true, ..range };
                h.failed(1, Request::Range(range), "OutOfRange", COMPACTED);
            }),
            ("compaction", |h| _ = h.failed(1, compact(3), "OutOfRange", COMPACTED)),
            ("watch", |h| {
                let watch = h.watch(1, watching("a", "", 2));
                h.compacted(watch, 5);
            }),
        ];
        for (name, tell) in tells {
            let kind = |build: fn(&mut Builder)| {
                let verdict = untold(|h| {
                    tell(h);
                    build(h);
                });
                verdict.evidence().map(|evidence| (evidence.kind.clone(), evidence.exhibits.len()))
            };
            let read: fn(&mut Builder) = |h| _ = h.ok(2, range_at("a", "", 4), ranged(6, [a(4)]));
            assert_eq!(kind(read), Some(("read-of-the-compacted".to_owned(), 3)), "{name}");
            let again: fn(&mut Builder) = |h| _ = h.ok(2, compact(5), compaction(6));
            assert_eq!(kind(again), Some(("compacted-again".to_owned(), 3)), "{name}");
            let kept: fn(&mut Builder) = |h| {
                h.ok(2, range_at("a", "", 5), ranged(6, [a(5)]));
                h.ok(2, compact(6), compaction(6));
                h.failed(2, range_at("a", "", 4), "OutOfRange", COMPACTED);
            };
            assert_eq!(kind(kept), None, "{name}");
        }
    }

    #[test]
    fn a_compaction_that_nobody_was_told_of_may_come_late() {
        let verdict = untold(|h| {
            h.ok(1, range_at("a", "", 4), ranged(6, [a(4)]));
            let watch = h.watch(3, watching("a", "", 2));
            h.ok(1, range_at("a", "", 4), ranged(6, [a(4)]));
            h.compacted(watch, 5);
        });
        assert!(!verdict.is_violated(), "{verdict}");
        // Who was told while the read was under way proves nothing for it.
        let verdict = untold(|h| {
            let told = h.failed(1, range_at("a", "", 4), "OutOfRange", COMPACTED);
            let read = h.ok(2, range_at("a", "", 4), ranged(6, [a(4)]));
            h.during(told, 300, 400);
            h.during(read, 390, 500);
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn rejects_a_compaction_of_what_was_not_asked_for_yet() {
        let of = |revision: Revision, header: Revision| {
            let mut h = Builder::default();
            h.ok(0, put("a", "1"), written(2));
            h.unknown(0, put("a", "2"));
            h.ok(0, compact(revision), compaction(header));
            h.ok(0, put("a", "3"), written(4));
            check(&Case::new(&h.build()))
        };
        assert_eq!(of(3, 2).evidence().unwrap().kind, "compaction-of-the-future");
        assert_eq!(of(4, 4).evidence().unwrap().kind, "compaction-of-the-future");
        assert_eq!(of(9, 9).evidence().unwrap().kind, "compaction-of-the-future");
        assert!(of(3, 3).holds());
    }
}
