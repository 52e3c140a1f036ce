//! Histories made by hand: those that must be accepted, and those that must be rejected.

use super::super::election_one_leader::check;
use crate::guarantee::by_hand::{judged, kind};
use crate::history::KeyValue;
use crate::history::build::*;
use crate::verdict::Verdict;

/// Client 0 stands at 2, client 1 at 3 and proclaims at 5 while it waits. Client 0 proclaims at 4 and resigns at
/// 6; client 1 leads, proclaims at 7 and resigns at 8. There is no leader until client 2 stands at 10.
fn election(h: &mut Builder) {
    h.ok(0, put("e/7", "zero"), written(2));
    h.ok(1, put("e/8", "one"), written(3));
    h.ok(0, put("e/7", "zero, still"), written(4));
    h.ok(1, put("e/8", "one, soon"), written(5));
    h.ok(0, delete("e/7"), deleted(6, 1));
    h.ok(1, put("e/8", "one, now"), written(7));
    h.ok(1, delete("e/8"), deleted(8, 1));
    h.ok(3, put("x", ""), written(9));
    h.ok(2, put("e/9", "two"), written(10));
}

fn leaders() -> [(i64, KeyValue); 5] {
    [
        (2, kv("e/7", "zero", 2, 2, 1)),
        (4, kv("e/7", "zero, still", 2, 4, 2)),
        (6, kv("e/8", "one, soon", 3, 5, 2)),
        (7, kv("e/8", "one, now", 3, 7, 3)),
        (10, kv("e/9", "two", 10, 10, 1)),
    ]
}

/// Adds an observer from before all that, who is shown the leaders at these places.
fn observe(h: &mut Builder, places: &[usize]) {
    let observer = h.observe(4, "e");
    election(h);
    for place in places {
        let (revision, kv) = leaders()[*place].clone();
        h.observed(observer, revision, kv);
    }
}

#[test]
fn accepts_every_leader_in_order() {
    assert_eq!(judged(check, |h| observe(h, &[0, 1, 2, 3, 4])), Verdict::Holds { examined: 5 });
    // One that was answered late begins with the present leader; how far it comes is left to it.
    assert_eq!(judged(check, |h| observe(h, &[2, 3])), Verdict::Holds { examined: 2 });
    assert_eq!(judged(check, |h| observe(h, &[])), Verdict::Vacuous);
}

#[test]
fn accepts_a_header_beyond_what_is_shown() {
    let verdict = judged(check, |h| {
        let observer = h.observe(4, "e");
        election(h);
        h.observed(observer, 5, leaders()[1].1.clone());
        h.observed(observer, 8, leaders()[2].1.clone());
    });
    assert_eq!(verdict, Verdict::Holds { examined: 2 });
}

#[test]
fn rejects_what_never_led_like_this() {
    for wrong in [
        kv("e/7", "one", 2, 2, 1),
        kv("e/8", "one, soon", 3, 5, 1),
        // It had not led when it said so.
        kv("e/8", "one", 3, 3, 1),
        kv("e/6", "six", 2, 2, 1),
    ] {
        let shown = |h: &mut Builder| {
            let observer = h.observe(4, "e");
            election(h);
            h.observed(observer, 9, wrong.clone());
        };
        assert_eq!(kind(check, shown), "not-a-leader", "{wrong}");
    }
}

#[test]
fn rejects_one_that_is_shown_before_it_leads() {
    let early = |h: &mut Builder| {
        let observer = h.observe(4, "e");
        election(h);
        h.observed(observer, 5, leaders()[2].1.clone());
    };
    assert_eq!(kind(check, early), "too-early");
}

#[test]
fn rejects_leaders_out_of_order() {
    assert_eq!(kind(check, |h| observe(h, &[0, 1, 0])), "earlier-leader");
    assert_eq!(kind(check, |h| observe(h, &[3, 3])), "earlier-leader");
    let back = |h: &mut Builder| {
        let observer = h.observe(4, "e");
        election(h);
        h.observed(observer, 8, leaders()[2].1.clone());
        h.observed(observer, 7, leaders()[3].1.clone());
    };
    assert_eq!(kind(check, back), "earlier-revision");
}

#[test]
fn rejects_leaders_and_proclamations_that_are_skipped() {
    for places in [&[0, 2][..], &[0, 1, 3], &[1, 4], &[2, 4]] {
        assert_eq!(kind(check, |h| observe(h, places)), "skipped-leader");
    }
}

/// The same, with a compaction at a revision; then the leader at a place is shown at `revision`.
fn compacted(at: i64, first: usize, then: usize, revision: i64) -> Verdict {
    judged(check, |h| {
        let observer = h.observe(4, "e");
        election(h);
        let (shown, kv) = leaders()[first].clone();
        h.observed(observer, shown, kv);
        h.ok(3, compact(at), compaction(10));
        h.observed(observer, revision, leaders()[then].1.clone());
    })
}

#[test]
fn accepts_the_newest_after_a_compaction() {
    assert!(compacted(6, 0, 4, 10).holds());
    assert!(compacted(4, 0, 3, 7).holds());
}

#[test]
fn rejects_what_no_compaction_explains() {
    // All after 2 was still there.
    assert_eq!(compacted(3, 0, 4, 10).evidence().unwrap().kind, "skipped-leader");
    // Not the newest.
    assert_eq!(compacted(6, 0, 3, 10).evidence().unwrap().kind, "skipped-leader");
    assert_eq!(compacted(9, 0, 2, 7).evidence().unwrap().kind, "skipped-leader");
    // The compaction came later.
    let late = |h: &mut Builder| {
        observe(h, &[0, 4]);
        h.ok(3, compact(6), compaction(10));
    };
    assert_eq!(kind(check, late), "skipped-leader");
}

#[test]
fn judges_what_is_shown_first_by_what_had_been_answered() {
    let first = |place: usize, until: i64| {
        judged(check, |h| {
            election(h);
            let observer = h.observe(4, "e");
            // Answers at `until` and later came after it asked.
            for (at, revision) in (2..=10).enumerate() {
                let invoke_ns = h.tick();
                if revision >= until {
                    h.during(at, invoke_ns, invoke_ns + 5);
                }
            }
            let (revision, kv) = leaders()[place].clone();
            h.observed(observer, revision, kv);
        })
    };
    let is_stale =
        |verdict: &Verdict| verdict.evidence().is_some_and(|evidence| evidence.kind == "stale-leader");
    assert!(is_stale(&first(0, 5)));
    assert!(first(1, 5).holds());
    assert!(first(1, 6).holds());
    assert!(is_stale(&first(1, 7)));
    // Nobody led at 8.
    assert!(is_stale(&first(3, 9)));
    assert!(first(4, 9).holds());
}

/// Of two whose outcome is unknown, one proclaims; an observer sees it at a revision.
fn open(modified: i64, is_last: bool) -> Verdict {
    judged(check, |h| {
        let observer = h.observe(4, "e");
        h.ok(0, put("e/7", "zero"), written(2));
        h.unknown(1, put("x", "1"));
        h.unknown(1, put("e/7", "again"));
        if !is_last {
            h.ok(0, put("y", ""), written(5));
        }
        h.observed(observer, modified, kv("e/7", "again", 2, modified, 2));
    })
}

#[test]
fn what_is_shown_tells_who_made_a_revision() {
    for (modified, is_last) in [(3, false), (4, false), (3, true), (4, true)] {
        assert_eq!(open(modified, is_last), Verdict::Holds { examined: 1 }, "{modified} {is_last}");
    }
}

/// Two unanswered revisions stand between two leaders that are shown one after the other.
fn with_a_gap(others: [&str; 2], version: i64) -> Verdict {
    judged(check, |h| {
        let observer = h.observe(4, "e");
        h.ok(0, put("e/7", "zero"), written(2));
        h.unknown(1, put(others[0], "again"));
        h.unknown(1, put(others[1], "and again"));
        h.ok(0, put("e/7", "last"), written(5));
        h.observed(observer, 2, kv("e/7", "zero", 2, 2, 1));
        h.observed(observer, 5, kv("e/7", "last", 2, 5, version));
    })
}

#[test]
fn rejects_what_every_way_to_fill_a_gap_skips() {
    let verdict = with_a_gap(["e/7", "e/7"], 4);
    assert!(verdict.is_violated(), "{verdict}");
}

#[test]
fn does_not_decide_by_a_guess() {
    let verdict = with_a_gap(["e/7", "x"], 3);
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict}");
}

#[test]
fn accepts_a_gap_that_others_fill() {
    assert!(with_a_gap(["x", "y"], 2).holds());
}
