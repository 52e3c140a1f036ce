//! Histories that begin in the middle: nothing that was there before is held against anybody, and what contradicts
//! itself is found all the same.

use revline_checker::history::build::*;
use revline_checker::history::{AuthRequest, Request};
use revline_checker::judge::Judge;
use revline_checker::verdict::{Verdict, Verdicts};

const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";

type Build = fn(&mut Builder);

fn judged(build: impl FnOnce(&mut Builder)) -> Verdicts {
    let mut h = Builder::in_the_middle();
    build(&mut h);
    Judge::new(&h.build()).run()
}

fn violated(build: impl FnOnce(&mut Builder)) -> Vec<String> {
    judged(build).violations().map(|(name, _)| name.to_owned()).collect()
}

fn is_undecided(verdicts: &Verdicts, name: &str) -> bool {
    matches!(verdicts.get(name), Some(Verdict::Unknown { why }) if why.contains("does not begin with the store"))
}

#[test]
fn what_was_there_before_is_no_violation() {
    let histories: [(&str, Build); 10] = [
        ("a first write at revision 5", |h| {
            h.ok(0, put("a", "1"), written(5));
            h.ok(0, get("a"), ranged(5, [kv("a", "1", 5, 5, 1)]));
        }),
        ("reads first", |h| {
            h.ok(0, get("a"), ranged(7, [kv("a", "old", 3, 6, 2)]));
            h.ok(0, put("a", "1"), written(8));
            h.ok(1, range("a", "\0"), ranged(8, [kv("a", "1", 3, 8, 3), kv("b", "old", 4, 4, 1)]));
        }),
        ("an unknown write first", |h| {
            h.unknown(0, put("a", "lost"));
            h.ok(1, put("b", "1"), written(4));
            h.ok(1, get("a"), ranged(4, [kv("a", "old", 2, 2, 1)]));
        }),
        ("a write whose first revision is 3", |h| {
            h.unknown(0, delete("a"));
            h.ok(1, put("a", "1"), written(3));
            h.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 3, 2)]));
        }),
        ("a lease from before", |h| {
            h.ok(0, put_with("a", "1", 77), written(9));
            h.ok(0, revoke(77), revoked(10));
            h.ok(1, get("a"), ranged(10, []));
        }),
        ("a lock from before", |h| {
            h.ok(0, get("l/7"), ranged(12, [with_lease(kv("l/7", "", 5, 5, 1), 7)]));
            h.ok(0, unlock("l/7"), unlocked(13));
            h.ok(1, get("l/7"), ranged(13, []));
        }),
        ("a compaction from before", |h| {
            h.ok(0, put("a", "1"), written(20));
            h.failed(0, range_at("a", "", 4), "OutOfRange", COMPACTED);
            h.failed(0, compact(11), "OutOfRange", COMPACTED);
            let watch = h.watch(1, watching("a", "", 3));
            h.compacted(watch, 15);
        }),
        ("a watch of what was written before", |h| {
            let watch = h.watch(1, watching("a", "", 3));
            h.created(watch, 8);
            h.events(watch, [put_event(kv("a", "x", 2, 4, 2))]);
            h.events(watch, [delete_event("a", 6)]);
            h.ok(0, put("a", "1"), written(9));
            h.events(watch, [put_event(kv("a", "1", 9, 9, 1))]);
        }),
        ("users from before", |h| {
            let enable = auth(AuthRequest::Enable);
            h.ok(0, enable.clone(), changed(8, &enable));
            let read = h.ok(1, get("a"), ranged(8, [kv("a", "old", 3, 6, 2)]));
            h.by_user(read, "u");
        }),
        ("a txn on what was there before", |h| {
            h.ok(0, txn([unmodified_since("a", 4)], [put("a", "2")], []), decided(6, true, [written(6)]));
            h.ok(0, delete_range("a", "\0"), deleted(7, 3));
        }),
    ];
    for (name, build) in histories {
        let verdicts = judged(build);
        for (guarantee, verdict) in verdicts.iter() {
            assert!(!verdict.is_violated(), "{name}: {guarantee}: {verdict}");
        }
    }
}

#[test]
fn what_cannot_be_judged_says_why() {
    let verdicts = judged(|h| {
        h.ok(0, get("a"), ranged(7, [kv("a", "old", 3, 6, 2)]));
        h.ok(0, put("a", "1"), written(8));
    });
    for name in ["linearizable", "revision", "durable"] {
        assert!(is_undecided(&verdicts, name), "{name}: {:?}", verdicts.get(name));
    }
}

#[test]
fn what_contradicts_itself_is_found() {
    let histories: [(&str, &str, Build); 10] = [
        ("two writes with one revision", "revision", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, put("b", "1"), written(9));
        }),
        ("two writes with one revision", "linearizable", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, put("b", "1"), written(9));
        }),
        ("a stale read", "linearizable", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, get("a"), ranged(8, []));
        }),
        ("a lost write", "linearizable", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, get("a"), ranged(12, [kv("a", "0", 4, 4, 1)]));
        }),
        ("a write in the past", "durable", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, put("b", "1"), written(8));
        }),
        ("an earlier answer", "revision", |h| {
            h.ok(0, get("a"), ranged(9, []));
            h.ok(0, get("a"), ranged(8, []));
        }),
        ("another value of a revision", "serializable-read", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.ok(1, serializable("a", ""), ranged(9, [kv("a", "2", 4, 9, 2)]));
        }),
        ("two answers to one question", "historical-read", |h| {
            h.ok(0, range_at("a", "", 5), ranged(9, []));
            h.ok(1, range_at("a", "", 5), ranged(9, [kv("a", "1", 5, 5, 1)]));
        }),
        ("the newest refused as compacted", "compaction", |h| {
            h.ok(0, put("a", "1"), written(9));
            h.failed(0, get("a"), "OutOfRange", COMPACTED);
        }),
        ("a watch out of order", "watch-ordered", |h| {
            let watch = h.watch(1, watching("a", "", 3));
            h.created(watch, 8);
            h.events(watch, [put_event(kv("a", "1", 6, 6, 1))]);
            h.events(watch, [put_event(kv("a", "0", 5, 5, 1))]);
        }),
    ];
    for (name, guarantee, build) in histories {
        let found = violated(build);
        assert!(found.iter().any(|found| found == guarantee), "{name}: {found:?}, not {guarantee}");
    }
}

#[test]
fn compactions_of_what_was_written_meanwhile_are_not_older() {
    let refused = |request: Request| {
        violated(|h| {
            h.ok(0, get("a"), ranged(8, []));
            h.ok(0, put("a", "1"), written(9));
            h.ok(0, put("a", "2"), written(10));
            h.failed(1, request, "OutOfRange", COMPACTED);
        })
    };
    // Whoever compacted before the history began compacted no more than was there.
    assert_eq!(refused(range_at("a", "", 7)), [""; 0]);
    assert_eq!(refused(compact(8)), [""; 0]);
    assert!(refused(range_at("a", "", 9)).contains(&"compaction".to_owned()));
    assert!(refused(compact(9)).contains(&"compaction".to_owned()));
}

#[test]
fn a_history_that_says_or_shows_that_it_begins_with_the_store_is_judged_in_full() {
    let read = |h: &mut Builder| {
        h.ok(1, get("b"), ranged(2, [kv("b", "invented", 2, 2, 1)]));
    };
    // It says so, or an answer at revision 1 or a first write shows it.
    let mut says = Builder::default();
    read(&mut says);
    assert!(Judge::new(&says.build()).run().any_violated());
    let shown: [Build; 2] =
        [|h| _ = h.ok(0, get("a"), ranged(1, [])), |h| _ = h.ok(0, put("a", "1"), written(2))];
    for show in shown {
        let found = violated(|h| {
            show(h);
            read(h);
        });
        assert!(found.contains(&"linearizable".to_owned()), "{found:?}");
    }
    assert!(!judged(read).any_violated());
}
