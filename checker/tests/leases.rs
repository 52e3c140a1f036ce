//! The line of revisions where leases run out, locks are taken and leaders elected.

use revline_checker::history::build::*;
use revline_checker::history::{History, KeyValue};
use revline_checker::judge::Judge;

fn built(build: impl FnOnce(&mut Builder)) -> History {
    let mut history = Builder::default();
    build(&mut history);
    history.build()
}

/// Every guarantee holds, or had nothing to look at; `linearizable` holds. Whether a lease may have run out so
/// early, or was granted at all, is not asked here.
#[track_caller]
fn accepted(build: impl FnOnce(&mut Builder)) {
    let verdicts = Judge::new(&built(build)).run();
    for (name, verdict) in verdicts.iter() {
        assert!(["lease-alive", "lease-api"].contains(&name) || !verdict.is_violated(), "{name}: {verdict}");
    }
    let verdict = verdicts.get("linearizable").expect("it is judged");
    assert!(verdict.holds(), "{verdict}");
}

/// In which way `linearizable` is violated.
#[track_caller]
fn rejected(build: impl FnOnce(&mut Builder)) -> String {
    let verdicts = Judge::new(&built(build)).run();
    let verdict = verdicts.get("linearizable").expect("it is judged");
    verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
}

/// Lease 7 is granted, and `a` and `b` are attached to it, at 2 and 3.
fn attached(h: &mut Builder) {
    h.ok(0, grant(7, 10), granted(1, 7, 10));
    h.ok(0, put_with("a", "1", 7), written(2));
    h.ok(0, put_with("b", "1", 7), written(3));
}

fn one(key: &str, value: &str, create: i64, revision: i64, version: i64, lease: i64) -> KeyValue {
    with_lease(kv(key, value, create, revision, version), lease)
}

#[test]
fn a_revocation_deletes_all_attached_keys_in_one_revision() {
    accepted(|h| {
        attached(h);
        h.ok(0, put("c", "1"), written(4));
        h.ok(1, revoke(7), revoked(5));
        h.ok(0, range("a", "z"), ranged(5, [kv("c", "1", 4, 4, 1)]));
        h.ok(0, grant(7, 10), granted(5, 7, 10));
        h.ok(1, revoke(7), revoked(5));
    });
    let left = rejected(|h| {
        attached(h);
        h.ok(1, revoke(7), revoked(4));
        h.ok(0, range("a", "z"), ranged(4, [one("b", "1", 3, 3, 1, 7)]));
    });
    assert_eq!(left, "lost-write");
    // It says that nothing was attached.
    let untouched = rejected(|h| {
        attached(h);
        h.ok(1, revoke(7), revoked(3));
        h.ok(0, range("a", "z"), ranged(3, [one("a", "1", 2, 2, 1, 7), one("b", "1", 3, 3, 1, 7)]));
    });
    assert_eq!(untouched, "wrong-answer");
}

#[test]
fn a_put_without_a_lease_detaches() {
    accepted(|h| {
        attached(h);
        h.ok(0, put("a", "2"), written(4));
        h.ok(1, revoke(7), revoked(5));
        h.ok(0, range("a", "z"), ranged(5, [kv("a", "2", 2, 4, 2)]));
    });
}

#[test]
fn a_lease_runs_out_whether_a_watch_saw_it_or_not() {
    accepted(|h| {
        attached(h);
        let watch = h.watch(1, watching("a", "z", 4));
        h.created(watch, 3);
        h.events(watch, [delete_event("a", 4), delete_event("b", 4)]);
        h.ok(0, range("a", "z"), ranged(4, []));
    });
    accepted(|h| {
        attached(h);
        h.ok(0, range("a", "z"), ranged(4, []));
        h.ok(0, put("c", "1"), written(5));
    });
    // Two leases, and the later read tells which of them it was.
    accepted(|h| {
        attached(h);
        h.ok(0, grant(8, 10), granted(3, 8, 10));
        h.ok(0, put_with("c", "1", 8), written(4));
        h.ok(0, put("d", "1"), written(6));
        h.ok(
            0,
            range("a", "z"),
            ranged(6, [one("a", "1", 2, 2, 1, 7), one("b", "1", 3, 3, 1, 7), kv("d", "1", 6, 6, 1)]),
        );
    });
}

#[test]
fn a_lease_that_runs_out_takes_all_its_keys_and_no_others() {
    let split = rejected(|h| {
        attached(h);
        let watch = h.watch(1, watching("a", "z", 4));
        h.created(watch, 3);
        h.events(watch, [delete_event("a", 4), delete_event("b", 5)]);
        h.ok(0, range("a", "z"), ranged(5, []));
    });
    assert_eq!(split, "no-writer");
    let free = rejected(|h| {
        h.ok(0, put("c", "1"), written(2));
        let watch = h.watch(1, watching("c", "", 3));
        h.created(watch, 2);
        h.events(watch, [delete_event("c", 3)]);
    });
    assert_eq!(free, "no-writer");
    let skipped = rejected(|h| {
        h.ok(0, grant(7, 10), granted(1, 7, 10));
        h.ok(0, put("c", "1"), written(2));
        h.ok(0, put("c", "2"), written(4));
    });
    assert_eq!(skipped, "skipped-revision");
}

#[test]
fn a_lock_puts_its_key_before_it_is_answered() {
    accepted(|h| {
        h.ok(0, grant(7, 10), granted(1, 7, 10));
        h.ok(1, grant(10, 10), granted(1, 10, 10));
        let waits = h.ok(1, lock("l", 10), locked(4, "l/a"));
        let first = h.ok(0, lock("l", 7), locked(2, "l/7"));
        let frees = h.ok(0, unlock("l/7"), unlocked(4));
        h.during(first, 50, 60);
        h.during(waits, 70, 200);
        h.during(frees, 100, 110);
        h.ok(0, unlock("l/7"), unlocked(4));
        let read = h.ok(0, range("l/", "l0"), ranged(4, [one("l/a", "", 3, 3, 1, 10)]));
        h.during(read, 210, 220);
        let again = h.ok(1, lock("l", 10), locked(4, "l/a"));
        h.during(again, 230, 240);
    });
    // The key is there after it was given back.
    let kept = rejected(|h| {
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        h.ok(0, unlock("l/7"), unlocked(2));
        h.ok(0, get("l/7"), ranged(2, [one("l/7", "", 2, 2, 1, 7)]));
    });
    assert_eq!(kept, "wrong-answer");
    // The key was put after the lock was answered.
    let late = rejected(|h| {
        h.ok(0, lock("l", 7), locked(1, "l/7"));
        h.ok(0, get("l/7"), ranged(2, [one("l/7", "", 2, 2, 1, 7)]));
    });
    assert_eq!(late, "no-writer");
}

#[test]
fn a_key_is_named_after_its_lease_as_a_signed_number() {
    accepted(|h| {
        h.ok(0, grant(-7, 10), granted(1, -7, 10));
        h.ok(0, lock("l", -7), locked(2, "l/-7"));
        h.ok(1, get("l/-7"), ranged(2, [one("l/-7", "", 2, 2, 1, -7)]));
        h.ok(0, campaign("e", -0x1f, "v"), elected(3, leader_key("e", -0x1f, 3)));
        h.ok(1, leader("e"), led(3, one("e/-1f", "v", 3, 3, 1, -0x1f)));
        h.unknown(1, lock("m", -7));
        h.ok(1, get("m/-7"), ranged(4, [one("m/-7", "", 4, 4, 1, -7)]));
        h.ok(0, revoke(-7), revoked(5));
        h.ok(1, range("a", "z"), ranged(5, [one("e/-1f", "v", 3, 3, 1, -0x1f)]));
    });
    let unsigned = rejected(|h| {
        h.unknown(0, lock("l", -7));
        let key = "l/fffffffffffffff9";
        h.ok(1, get(key), ranged(2, [one(key, "", 2, 2, 1, -7)]));
    });
    assert_eq!(unsigned, "no-writer");
}

#[test]
fn a_lock_with_a_lease_of_its_own() {
    accepted(|h| {
        h.ok(0, lock("l", 0), locked(2, "l/beef"));
        h.ok(0, get("l/beef"), ranged(2, [one("l/beef", "", 2, 2, 1, 0xbeef)]));
        // It runs out: nobody keeps it alive.
        h.ok(0, get("l/beef"), ranged(3, []));
    });
    // Whose key it is nobody was told, but it was seen.
    accepted(|h| {
        h.unknown(0, lock("l", 0));
        h.ok(1, get("l/beef"), ranged(2, [one("l/beef", "", 2, 2, 1, 0xbeef)]));
        h.ok(1, get("l/beef"), ranged(3, []));
    });
    // Nor was it seen, but it was there.
    accepted(|h| {
        h.unknown(0, lock("l", 0));
        h.ok(1, put("x", "1"), written(3));
        h.ok(1, put("x", "1"), written(5));
        h.unknown(0, lock("l", 0));
    });
}

#[test]
fn who_gives_up_leaves_no_key_behind() {
    accepted(|h| {
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        h.failed(1, lock("l", 8), "Unavailable", "etcdserver: mutex: session is expired");
        let watch = h.watch(2, watching("l/", "l0", 3));
        h.created(watch, 2);
        h.events(watch, [put_event(one("l/8", "", 3, 3, 1, 8))]);
        h.events(watch, [delete_event("l/8", 4)]);
        h.ok(2, range("l/", "l0"), ranged(4, [one("l/7", "", 2, 2, 1, 7)]));
    });
}

#[test]
fn an_election_is_its_keys() {
    let mine = || leader_key("e", 7, 2);
    accepted(|h| {
        h.ok(0, campaign("e", 7, "one"), elected(2, mine()));
        h.ok(1, leader("e"), led(2, one("e/7", "one", 2, 2, 1, 7)));
        h.ok(0, proclaim(mine(), "two"), proclaimed(3));
        h.ok(0, campaign("e", 7, "three"), elected(3, mine()));
        h.ok(1, leader("e"), led(4, one("e/7", "three", 2, 4, 3, 7)));
        h.unknown(0, proclaim(mine(), "four"));
        h.ok(1, leader("e"), led(5, one("e/7", "four", 2, 5, 4, 7)));
        h.ok(0, resign(mine()), resigned(6));
        h.ok(0, resign(mine()), resigned(6));
        h.ok(1, get("e/7"), ranged(6, []));
    });
    let second = rejected(|h| {
        h.ok(0, campaign("e", 7, "one"), elected(2, mine()));
        h.unknown(1, campaign("e", 8, "two"));
        h.ok(2, leader("e"), led(3, one("e/8", "two", 3, 3, 1, 8)));
    });
    assert_eq!(second, "wrong-answer");
    let deposed = rejected(|h| {
        h.ok(0, campaign("e", 7, "one"), elected(2, mine()));
        h.ok(0, resign(mine()), resigned(3));
        h.ok(0, proclaim(mine(), "two"), proclaimed(4));
    });
    assert_eq!(deposed, "wrong-answer");
}

#[test]
fn what_is_told_of_leases_may_be_old() {
    accepted(|h| {
        attached(h);
        h.ok(1, keep_alive(7), kept_alive(1, 7, 10));
        h.ok(1, time_to_live(7), lives(2, 7, 9, 10, &["a"]));
        h.ok(1, leases(), listed(1, &[7]));
    });
    // A grant is an entry of the log: it comes after what was answered before.
    let kind = rejected(|h| {
        attached(h);
        h.ok(1, grant(8, 10), granted(2, 8, 10));
    });
    assert_eq!(kind, "stale-read");
}
