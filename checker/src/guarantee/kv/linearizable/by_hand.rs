//! Histories made by hand: those that must be accepted, and those that must be rejected.

use super::*;
use crate::guarantee::by_hand::{judged, kind};
use crate::history::build::*;
use crate::history::{History, Revision};

#[test]
fn accepts_what_a_sequential_etcd_answers() {
    let verdict = judged(check, |h| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        h.ok(1, delete("x"), deleted(2, 0));
        h.ok(
            1,
            txn([unmodified_since("a", 2)], [put("a", "2"), put("b", "1")], []),
            decided(3, true, [written(3), written(3)]),
        );
        h.ok(0, range("a", "\0"), ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "1", 3, 3, 1)]));
        h.ok(0, range_at("a", "\0", 2), ranged(3, [kv("a", "1", 2, 2, 1)]));
        h.ok(1, delete_range("a", "\0"), deleted(4, 2));
        h.ok(1, get("a"), ranged(4, []));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 8 });
    assert_eq!(check(&Case::new(&History::default())), Verdict::Vacuous);
}

#[test]
fn accepts_overlapping_operations_in_the_order_of_their_revisions() {
    let verdict = judged(check, |h| {
        let slow = h.ok(0, put("a", "1"), written(3));
        let quick = h.ok(1, put("a", "2"), written(2));
        let read = h.ok(2, get("a"), ranged(2, [kv("a", "2", 2, 2, 1)]));
        h.during(slow, 10, 90);
        h.during(quick, 20, 80);
        h.during(read, 30, 70);
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn accepts_unknown_writes_that_happened_late_or_never() {
    let verdict = judged(check, |h| {
        h.unknown(0, put("a", "late"));
        h.unknown(0, put("a", "never"));
        h.unknown(0, delete("absent"));
        h.ok(1, put("a", "1"), written(2));
        h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        h.ok(1, get("a"), ranged(3, [kv("a", "late", 2, 3, 2)]));
        h.ok(1, put("b", "1"), written(4));
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn accepts_a_gap_that_only_later_versions_explain() {
    // Revision 3 was never seen. That `b` is at version 2 by revision 4 tells who made it.
    let verdict = judged(check, |h| {
        h.ok(1, put("b", "0"), written(2));
        h.unknown(0, put("a", "hidden"));
        h.unknown(0, put("b", "hidden"));
        h.ok(1, put("b", "1"), written(4));
        h.ok(1, get("b"), ranged(4, [kv("b", "1", 2, 4, 3)]));
        h.ok(1, get("a"), ranged(4, []));
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_a_gap_that_nothing_explains() {
    let gap = |version: i64| {
        kind(check, |h| {
            h.ok(1, put("b", "0"), written(2));
            h.unknown(0, put("a", "hidden"));
            h.unknown(0, put("c", "hidden"));
            h.ok(1, put("b", "1"), written(4));
            h.ok(1, get("b"), ranged(4, [kv("b", "1", 2, 4, version)]));
        })
    };
    assert_eq!(gap(3), "wrong-version");
    assert_eq!(
        kind(check, |h| {
            h.ok(1, put("b", "0"), written(2));
            h.unknown(0, delete("a"));
            h.ok(1, put("b", "1"), written(4));
        }),
        "skipped-revision"
    );
}

#[test]
fn the_version_of_what_was_seen_tells_how_many_unknown_writes_there_were() {
    let history = |shown: i64| {
        let mut h = Builder::default();
        for client in 1..=9 {
            h.unknown(client, put("a", &client.to_string()));
        }
        h.ok(0, put("b", "1"), written(11));
        h.ok(0, get("a"), ranged(11, [kv("a", "1", 2, 10, shown)]));
        h.build()
    };
    let (sound, torn) = (history(9), history(8));
    assert!(by_line(&Case::new(&sound)).holds());
    assert!(by_line(&Case::new(&torn)).is_violated());
    assert!(check(&Case::new(&torn)).is_violated());
}

#[test]
fn rejects_an_unknown_write_that_took_effect_twice_or_too_early() {
    assert_eq!(
        kind(check, |h| {
            h.unknown(0, put("a", "1"));
            h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
            h.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 3, 2)]));
        }),
        "no-writer"
    );
    assert_eq!(
        kind(check, |h| {
            h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
            h.unknown(0, put("a", "1"));
        }),
        "no-writer"
    );
}

#[test]
fn rejects_a_refused_write_that_was_read() {
    let kind = kind(check, |h| {
        h.failed(0, put("a", "1"), "Unavailable", "etcdserver: no leader");
        h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
    });
    assert_eq!(kind, "no-writer");
}

#[test]
fn rejects_a_stale_read() {
    let verdict = judged(check, |h| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
    });
    let evidence = verdict.evidence().unwrap();
    assert_eq!((evidence.kind.as_str(), evidence.exhibits.len()), ("stale-read", 2));
    assert_eq!(
        kind(check, |h| {
            h.ok(0, put("a", "1"), written(3));
            h.unknown(1, put("b", "1"));
            h.ok(1, put("b", "2"), written(2));
        }),
        "write-in-the-past"
    );
}

#[test]
fn a_history_of_failures_proves_nothing() {
    let verdict = judged(check, |h| {
        h.failed(0, put("a", "1"), "Unavailable", "etcdserver: no leader");
        h.unknown(0, put("a", "1"));
    });
    assert_eq!(verdict, Verdict::Vacuous);
}

#[test]
fn leaves_old_serializable_reads_alone() {
    let verdict = judged(check, |h| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        h.ok(1, serializable("a", ""), ranged(2, [kv("a", "1", 2, 2, 1)]));
        h.ok(1, serializable("a", ""), ranged(2, [kv("a", "invented", 2, 2, 1)]));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 2 });
}

#[test]
fn rejects_wrong_answers() {
    let after = |request, response| {
        kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("b", "1"), written(3));
            h.ok(0, put("a", "2"), written(4));
            h.ok(1, request, response);
        })
    };
    assert_eq!(after(get("a"), ranged(4, [kv("a", "1", 2, 2, 1)])), "lost-write");
    assert_eq!(after(get("a"), ranged(4, [])), "lost-write");
    assert_eq!(after(get("a"), ranged(4, [kv("a", "9", 2, 4, 2)])), "wrong-value");
    assert_eq!(after(get("a"), ranged(4, [kv("a", "2", 2, 4, 3)])), "wrong-version");
    assert_eq!(after(delete("x"), deleted(5, 1)), "wrong-answer");
    assert_eq!(after(delete("a"), deleted(4, 0)), "wrong-answer");
    assert_eq!(after(txn([unmodified_since("a", 2)], [], [get("a")]), decided(4, true, [])), "wrong-branch");
    assert_eq!(after(put("c", "1"), written(4)), "two-writers");
    assert_eq!(after(put("c", "1"), written(6)), "skipped-revision");
    assert_eq!(after(range_at("a", "", 3), ranged(4, [kv("a", "2", 2, 4, 2)])), "future-value");
    assert_eq!(after(range_at("a", "", 3), ranged(4, [])), "lost-write");
    assert_eq!(after(range_at("a", "", 5), ranged(4, [kv("a", "2", 2, 4, 2)])), "read-of-the-future");
}

#[test]
fn rejects_a_read_of_what_was_compacted() {
    let read = |revision: i64| {
        judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            h.ok(0, compact(3), compaction(3));
            let value = if revision == 2 { "1" } else { "2" };
            h.ok(1, range_at("a", "", revision), ranged(3, [kv("a", value, 2, revision, revision - 1)]));
        })
    };
    assert!(read(3).holds());
    assert_eq!(read(2).evidence().unwrap().kind, "read-of-the-compacted");
}

#[test]
fn does_not_judge_what_it_cannot_order() {
    // No answer carries a revision.
    let verdict = judged(check, |h| {
        h.ok(0, put("a", "1"), written(0));
    });
    assert!(matches!(verdict, Verdict::Unknown { .. }));
    // The store was there before the history.
    let mut h = Builder::in_the_middle();
    h.ok(0, put("a", "1"), written(1000));
    let history = h.build();
    assert!(matches!(check(&Case::new(&history)), Verdict::Unknown { .. }));
    let new = History { is_of_new_store: true, ..history };
    assert!(check(&Case::new(&new)).is_violated());
}

#[test]
fn an_odd_event_hides_nothing() {
    let rest = |stale: bool| {
        judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            (0..40).for_each(|client| _ = h.unknown(2 + client, put("c", &client.to_string())));
            let watch = h.watch(1, watching("z", "", 2));
            h.events(watch, [put_event(kv("z", "1", 1_000_000, 1_000_000, 1))]);
            if stale {
                h.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 2, 1)]));
            }
        })
    };
    assert_eq!(rest(true).evidence().map(|evidence| evidence.kind.as_str()), Some("lost-write"));
    assert!(rest(false).holds());
}

#[test]
fn an_odd_answer_hides_nothing() {
    for odd in [0, -1, Revision::MIN, 1_000_000, Revision::MAX] {
        let rest = |stale: bool| {
            judged(check, |h| {
                h.ok(0, put("a", "1"), written(2));
                h.ok(0, put("a", "2"), written(3));
                h.unknown(2, put("c", "1"));
                h.ok(1, get("b"), ranged(odd, []));
                h.ok(1, put("b", "1"), written(odd));
                if stale {
                    h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
                }
            })
        };
        let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
        assert_eq!(kind(rest(true)).as_deref(), Some("stale-read"), "{odd}");
        // One beyond everything has no place in any order; one that is no revision is left to `revision`.
        let expected = (odd > 0).then_some("skipped-revision");
        assert_eq!(kind(rest(false)).as_deref(), expected, "{odd}");
    }
}
