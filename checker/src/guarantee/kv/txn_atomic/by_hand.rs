//! Histories made by hand: those that must be accepted, and those that must be rejected.

use super::*;
use crate::history::build::*;

fn both() -> Request {
    txn([], [put("a", "2"), put("b", "2")], [put("c", "2")])
}

fn judged(build: impl FnOnce(&mut Builder)) -> Verdict {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    build(&mut h);
    check(&Case::new(&h.build()))
}

fn kind(build: impl FnOnce(&mut Builder)) -> String {
    let verdict = judged(build);
    verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
}

fn done(h: &mut Builder) {
    h.ok(0, both(), decided(3, true, [written(3), written(3)]));
}

#[test]
fn accepts_txns_seen_as_a_whole() {
    let verdict = judged(|h| {
        done(h);
        h.ok(1, range("a", "c"), ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "2", 3, 3, 1)]));
        h.ok(1, serializable("a", "c"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        let watch = h.watch(1, watching("a", "c", 2));
        h.created(watch, 3);
        h.events(watch, [put_event(kv("a", "1", 2, 2, 1))]);
        h.events(watch, [put_event(kv("a", "2", 2, 3, 2)), put_event(kv("b", "2", 3, 3, 1))]);
        let one = h.watch(1, watching("b", "", 2));
        h.created(one, 3);
        h.events(one, [put_event(kv("b", "2", 3, 3, 1))]);
    });
    assert_eq!(verdict, Verdict::Holds { examined: 3 });
    assert_eq!(judged(done), Verdict::Vacuous);
}

#[test]
fn rejects_a_read_of_a_part() {
    let read = |request| {
        kind(|h| {
            done(h);
            h.ok(1, request, ranged(3, [kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1)]));
        })
    };
    assert_eq!(read(range("a", "c")), "part-in-a-read");
    assert_eq!(read(serializable("a", "c")), "part-in-a-read");
}

#[test]
fn does_not_take_a_read_without_any_of_it_for_a_part() {
    let verdict = judged(|h| {
        done(h);
        h.ok(1, get("b"), ranged(3, [kv("b", "2", 3, 3, 1)]));
        h.ok(1, get("a"), ranged(3, [kv("a", "2", 2, 3, 2)]));
        h.ok(1, range("a", "c"), ranged(3, [kv("a", "1", 2, 2, 1)]));
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_a_watch_of_a_part() {
    let kind = kind(|h| {
        done(h);
        let watch = h.watch(1, watching("a", "c", 3));
        h.created(watch, 3);
        h.events(watch, [put_event(kv("a", "2", 2, 3, 2))]);
    });
    assert_eq!(kind, "part-in-a-watch");
}

#[test]
fn accepts_a_stream_that_broke_between_fragments() {
    let part = |then: &dyn Fn(&mut Builder, usize)| {
        judged(|h| {
            done(h);
            let request = crate::history::WatchRequest { fragment: true, ..watching("a", "c", 3) };
            let watch = h.watch(1, request);
            h.created(watch, 3);
            let events = vec![put_event(kv("a", "2", 2, 3, 2))];
            h.frame(watch, crate::history::WatchFrame { events, fragment: true, ..Default::default() });
            then(h, watch);
        })
    };
    assert!(part(&|_, _| ()).holds());
    assert!(part(&|h, watch| h.events(watch, [put_event(kv("b", "2", 3, 3, 1))])).holds());
    let other = part(&|h, watch| h.events(watch, [put_event(kv("a", "3", 2, 4, 3))]));
    assert_eq!(other.evidence().unwrap().kind, "part-in-a-watch");
}

#[test]
fn rejects_a_txn_at_two_revisions() {
    assert_eq!(
        kind(|h| {
            h.ok(0, both(), decided(4, true, [written(3), written(4)]));
        }),
        "two-revisions"
    );
    let kind = kind(|h| {
        h.ok(0, both(), decided(4, true, []));
        h.ok(1, get("a"), ranged(4, [kv("a", "2", 2, 3, 2)]));
        h.ok(1, get("b"), ranged(4, [kv("b", "2", 4, 4, 1)]));
    });
    assert_eq!(kind, "parts-apart");
}

#[test]
fn does_not_take_what_others_put_for_a_part() {
    let apart = |other: Request| {
        let mut h = Builder::default();
        h.ok(0, txn([], [put("l/7", "")], []), decided(2, true, [written(2)]));
        h.unknown(1, other);
        h.ok(2, get("l/7"), ranged(2, [kv("l/7", "", 2, 2, 1)]));
        h.ok(2, get("l/7"), ranged(5, [kv("l/7", "", 5, 5, 1)]));
        parts_apart(&h.build()).map(|parts| parts.kind)
    };
    let lock = |name: &str| Request::Lock(LockRequest::Lock { name: name.into(), lease: 7 });
    let keep =
        |key: &str| Request::Put(PutRequest { key: key.into(), ignore_value: true, ..PutRequest::default() });
    let campaign = |name: &str| {
        Request::Election(ElectionRequest::Campaign { name: name.into(), lease: 7, value: Bytes::default() })
    };
    for other in [lock("l"), keep("l/7"), campaign("l")] {
        assert_eq!(apart(other.clone()), None, "{other:?}");
    }
    for other in [lock("m"), keep("l/8"), campaign("l/7")] {
        assert_eq!(apart(other.clone()), Some("parts-apart"), "{other:?}");
    }
}

#[test]
fn rejects_what_a_refused_txn_or_an_untaken_branch_left() {
    assert_eq!(
        kind(|h| {
            h.failed(0, both(), "InvalidArgument", "etcdserver: key not found");
            h.ok(1, get("a"), ranged(3, [kv("a", "2", 2, 3, 2)]));
        }),
        "refused-txn"
    );
    assert_eq!(
        kind(|h| {
            done(h);
            h.ok(1, get("c"), ranged(4, [kv("c", "2", 4, 4, 1)]));
        }),
        "other-branch"
    );
}

#[test]
fn accepts_a_watch_without_the_change_that_a_compaction_there_drops() {
    let judged = |compacts: bool| {
        judged(|h| {
            h.ok(0, put("c", "1"), written(3));
            // It deletes `a` and `c`, and puts `a` anew: of the two changes of `a` a compaction at 4 keeps the last.
            let request = txn([], [delete_range("a", "\0"), put("a", "2")], []);
            h.ok(0, request, decided(4, true, [deleted(4, 2), written(4)]));
            if compacts {
                h.ok(0, compact(4), compaction(4));
            }
            let no_put = crate::history::WatchRequest { no_put: true, ..watching("a", "d", 4) };
            let watch = h.watch(1, no_put);
            h.created(watch, 4);
            h.events(watch, [delete_event("c", 4)]);
        })
    };
    assert!(judged(true).holds());
    assert_eq!(judged(false).evidence().unwrap().kind, "part-in-a-watch");
}
