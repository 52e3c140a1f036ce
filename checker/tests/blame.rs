//! Evidence names what is at fault, first, and no bystander.

use revline_checker::evidence::Evidence;
use revline_checker::history::build::*;
use revline_checker::history::{KeyValue, LeaseResponse, Request, Response};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdicts;

fn judged(build: impl FnOnce(&mut Builder)) -> Verdicts {
    let mut history = Builder::default();
    build(&mut history);
    Judge::new(&history.build()).run()
}

#[track_caller]
fn evidence(verdicts: &Verdicts, guarantee: &str) -> Evidence {
    let verdict = verdicts.get(guarantee).expect("it is judged");
    verdict.evidence().unwrap_or_else(|| panic!("{guarantee}: {verdict}")).clone()
}

/// `a` is attached to lease 7, `c` to none.
fn one_attached(h: &mut Builder) {
    h.ok(0, grant(7, 10), granted(1, 7, 10));
    h.ok(0, put_with("a", "1", 7), written(2));
    h.ok(0, put("c", "1"), written(3));
}

#[test]
fn a_wrong_lease_is_called_one() {
    for (shown, message) in [
        (8, "a was shown with lease 8, and it is attached to lease 7"),
        (0, "a was shown with no lease, and it is attached to lease 7"),
        (-7, "a was shown with lease -7, and it is attached to lease 7"),
    ] {
        let wrong = || with_lease(kv("a", "1", 2, 2, 1), shown);
        let read = judged(|h| {
            one_attached(h);
            h.ok(1, get("a"), ranged(3, [wrong()]));
        });
        let found = evidence(&read, "linearizable");
        assert_eq!(found.kind, "wrong-lease");
        assert!(found.message.starts_with(message), "{found}");
        assert!(found.exhibits[0].text.starts_with("range a"), "{found}");
        assert!(!read.get("durable").is_some_and(|verdict| verdict.is_violated()));
        let watched = judged(|h| {
            one_attached(h);
            let watch = h.watch(1, watching("a", "", 2));
            h.created(watch, 3);
            h.events(watch, [put_event(wrong())]);
        });
        let found = evidence(&watched, "revision");
        assert_eq!((found.kind.as_str(), found.message.as_str()), ("wrong-lease", message));
        assert!(found.exhibits[0].to_string().starts_with("watch 0"), "{found}");
    }
    let version = judged(|h| {
        one_attached(h);
        h.ok(1, get("a"), ranged(3, [with_lease(kv("a", "1", 2, 2, 2), 7)]));
    });
    assert_eq!(evidence(&version, "linearizable").kind, "wrong-version");
}

#[test]
fn what_is_not_recorded_is_called_unknown() {
    let unknown = KeyValue { create_revision: -1, version: -1, lease: -1, ..kv("a", "1", 0, 5, 0) };
    assert_eq!(unknown.to_string(), "a = 1 (mod 5, create unknown, version unknown)");
    assert_eq!(
        with_lease(kv("a", "1", 2, 5, 3), -0x1f).to_string(),
        "a = 1 (mod 5, create 2, version 3, lease -1f)"
    );
    for response in [kept_alive(2, 7, 0), lives(2, 7, -1, 0, &[])] {
        assert_eq!(response.to_string(), "no such lease at revision 2");
    }
    let overdue = lives(2, 7, -1, 10, &[]);
    assert!(matches!(&overdue, Response::Lease(LeaseResponse::TimeToLive { .. })));
    assert_eq!(overdue.to_string(), "-1 of 10 s left, keys {} at revision 2");
}

#[test]
fn a_revocation_that_takes_another_key_is_at_fault() {
    let taken = |read: fn(&str, &str) -> Request| {
        judged(|h| {
            one_attached(h);
            h.ok(1, revoke(7), revoked(4));
            h.ok(2, read("a", "z"), ranged(4, []));
            h.ok(2, serializable("a", "z"), ranged(4, []));
        })
    };
    let verdicts = taken(range);
    for guarantee in ["linearizable", "durable"] {
        let found = evidence(&verdicts, guarantee);
        assert_eq!(found.kind, "lost-write");
        assert!(found.exhibits[0].text.starts_with("revoke lease 7"), "{found}");
    }
    // The state is wrong, and not the read that shows it.
    assert!(verdicts.get("serializable-read").is_some_and(|verdict| verdict.holds()));
    // Where nobody else shows it, it is the read.
    let found = evidence(&taken(serializable), "serializable-read");
    assert!(found.exhibits[0].text.starts_with("serializable range"), "{found}");
    let seen = judged(|h| {
        one_attached(h);
        h.ok(1, revoke(7), revoked(4));
        let watch = h.watch(2, watching("c", "", 4));
        h.created(watch, 3);
        h.events(watch, [delete_event("c", 4)]);
    });
    let found = evidence(&seen, "linearizable");
    assert_eq!(found.kind, "no-writer");
    assert!(found.exhibits[0].text.starts_with("revoke lease 7"), "{found}");
}

#[test]
fn a_member_that_stands_still_loses_nothing() {
    let stale = |again: bool| {
        judged(|h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("b", "1"), written(3));
            let read = h.ok(1, range("a", "c"), ranged(3, [kv("a", "1", 2, 2, 1)]));
            h.sent_to(read, 3);
            if again {
                h.ok(1, range("a", "c"), ranged(3, [kv("a", "1", 2, 2, 1), kv("b", "1", 3, 3, 1)]));
            }
        })
    };
    let verdicts = stale(true);
    assert!(!verdicts.get("durable").is_some_and(|verdict| verdict.is_violated()));
    let found = evidence(&verdicts, "linearizable");
    assert!(found.exhibits[0].text.starts_with("range [a, c)"), "{found}");
    assert_eq!(evidence(&stale(false), "durable").kind, "lost-write");
}

#[test]
fn what_came_too_late_is_named_before_what_it_contradicts() {
    let named = |build: fn(&mut Builder), guarantee: &str| {
        evidence(&judged(build), guarantee).exhibits[0].text.clone()
    };
    let stale = |h: &mut Builder| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
    };
    assert!(named(stale, "linearizable").starts_with("range a"));
    let twice = |h: &mut Builder| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(1, put("b", "1"), written(2));
    };
    assert!(named(twice, "linearizable").starts_with("put b"));
    assert!(named(twice, "durable").starts_with("put b"));
    let back = |h: &mut Builder| {
        h.ok(0, put("a", "1"), written(2));
        let first = h.ok(1, serializable("a", ""), ranged(2, [kv("a", "1", 2, 2, 1)]));
        let second = h.ok(1, serializable("a", ""), ranged(1, []));
        h.sent_to(first, 1);
        h.sent_to(second, 1);
    };
    assert!(named(back, "serializable-read").ends_with("count 0 at revision 1"));
    let missed = |h: &mut Builder| {
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        let watch = h.watch(1, watching("a", "", 2));
        h.created(watch, 1);
        h.events(watch, [put_event(kv("a", "2", 2, 3, 2))]);
    };
    assert!(named(missed, "watch-reliable").starts_with("watch"));
}
