//! Hand-made histories of answers about locks and leaderships, to accept and to reject.

use super::super::election_one_leader;
use super::super::lock_exclusive;
use crate::guarantee::by_hand::judged;
use crate::history::build::*;
use crate::verdict::Verdict;

/// Leases 7, 8 and -9 live for ever, or nearly.
fn granted_all(h: &mut Builder) {
    for lease in [7, 8, -9] {
        h.ok(0, grant(lease, 6000), granted(1, lease, 6000));
    }
}

fn locks(build: impl FnOnce(&mut Builder)) -> Verdict {
    judged(lock_exclusive::check, |h| {
        granted_all(h);
        build(h);
    })
}

fn leads(build: impl FnOnce(&mut Builder)) -> Verdict {
    judged(election_one_leader::check, |h| {
        granted_all(h);
        build(h);
    })
}

#[track_caller]
fn found(verdict: &Verdict) -> (&str, &str) {
    let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
    (&evidence.kind, &evidence.exhibits[0].text)
}

#[test]
fn accepts_locks_one_after_the_other() {
    let verdict = locks(|h| {
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        h.ok(0, unlock("l/7"), unlocked(3));
        h.ok(1, lock("l", -9), locked(4, "l/-9"));
        h.ok(2, lock("m", 8), locked(5, "m/8"));
        h.ok(1, unlock("l/-9"), unlocked(6));
        h.failed(2, lock("l", 8), "Unavailable", "etcdserver: request timed out");
        h.ok(2, lock("l", 0), locked(7, "l/beef"));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 5 });
    // It waited for the first.
    let verdict = locks(|h| {
        let first = h.ok(0, lock("l", 7), locked(2, "l/7"));
        let second = h.ok(1, lock("l", 8), locked(4, "l/8"));
        let frees = h.ok(0, unlock("l/7"), unlocked(4));
        h.during(first, 100, 110);
        h.during(second, 105, 200);
        h.during(frees, 150, 160);
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_a_second_lock() {
    let second_at = |revision: i64, between: &dyn Fn(&mut Builder)| {
        locks(|h| {
            h.ok(0, lock("l", 7), locked(2, "l/7"));
            between(h);
            h.ok(1, lock("l", 8), locked(revision, "l/8"));
        })
    };
    let second = |between: &dyn Fn(&mut Builder)| second_at(3, between);
    let verdict = second(&|_| ());
    assert_eq!(found(&verdict), ("answered-while-held", "lock l (lease 8) -> locked with l/8 at revision 3"));
    // Whoever may have taken the key away.
    let takes =
        [unlock("l/7"), delete("l/7"), delete_range("l/", "l0"), revoke(7), txn([], [delete("l/7")], [])];
    for request in takes {
        let with_it = |revision: i64| {
            second_at(revision, &|h| {
                h.unknown(3, request.clone());
            })
        };
        assert!(with_it(4).holds(), "{request}");
        // No one revision takes a key away and puts another.
        assert!(with_it(3).is_violated(), "{request}");
    }
    for request in [unlock("l/8"), delete("l"), revoke(8), put("l/7", "x")] {
        let verdict = second(&|h| {
            h.unknown(3, request.clone());
        });
        assert!(verdict.is_violated(), "{request}: {verdict}");
    }
    // Its lease may have run out.
    let short = judged(lock_exclusive::check, |h| {
        h.ok(0, grant(7, 1), granted(1, 7, 1));
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        let late = h.ok(1, lock("l", 8), locked(4, "l/8"));
        h.during(late, 3_000_000_000, 3_000_000_100);
    });
    assert!(!short.is_violated(), "{short}");
    // Both at one revision, or the key of the first was seen to wait.
    let both = locks(|h| {
        let one = h.ok(0, lock("l", 7), locked(3, "l/7"));
        let other = h.ok(1, lock("l", 8), locked(3, "l/8"));
        h.during(one, 100, 200);
        h.during(other, 100, 200);
    });
    assert_eq!(found(&both).0, "answered-while-held");
    let passed = locks(|h| {
        h.unknown(0, lock("l", 7));
        h.ok(1, lock("l", 8), locked(3, "l/8"));
        h.ok(
            2,
            range("l/", "l0"),
            ranged(3, [with_lease(kv("l/7", "", 2, 2, 1), 7), with_lease(kv("l/8", "", 3, 3, 1), 8)]),
        );
    });
    assert_eq!(found(&passed), ("not-first", "lock l (lease 8) -> locked with l/8 at revision 3"));
}

#[test]
fn rejects_a_lock_without_its_key() {
    let other = locks(|h| {
        h.ok(0, lock("l", 7), locked(2, "l/8"));
    });
    assert_eq!(found(&other).0, "another-key");
    let twos_complement = locks(|h| {
        h.ok(0, lock("l", -9), locked(2, "l/fffffffffffffff7"));
    });
    assert_eq!(found(&twos_complement).0, "another-key");
    let gone = locks(|h| {
        h.ok(0, put_with("l/7", "", 7), written(2));
        h.ok(0, delete("l/7"), deleted(3, 1));
        h.ok(1, lock("l", 7), locked(3, "l/7"));
        h.ok(1, get("l/7"), ranged(3, []));
    });
    assert_eq!(found(&gone).0, "no-key");
}

#[test]
fn rejects_a_session_that_is_not_expired() {
    let lost = |deletes: bool| {
        locks(|h| {
            h.ok(0, put_with("l/7", "", 7), written(2));
            if deletes {
                let delete = h.ok(0, delete("l/7"), deleted(3, 1));
                h.during(delete, 100, 200);
            }
            let refused = h.failed(1, lock("l", 7), "Unavailable", "mutex: session is expired");
            h.during(refused, 100, 200);
            if deletes {
                h.ok(0, put_with("l/7", "", 7), written(4));
            }
            let read = h.ok(2, get("x"), ranged(if deletes { 4 } else { 2 }, []));
            h.during(read, 300, 400);
        })
    };
    assert_eq!(found(&lost(false)).0, "false-session-expired");
    assert!(!lost(true).is_violated());
}

#[test]
fn accepts_leaderships_one_after_the_other() {
    let verdict = leads(|h| {
        h.failed(2, leader("e"), "Unknown", "election: no leader");
        h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
        h.ok(0, proclaim(leader_key("e", 7, 2), "b"), proclaimed(3));
        h.ok(0, resign(leader_key("e", 7, 2)), resigned(4));
        h.failed(0, proclaim(leader_key("e", 7, 2), "c"), "Unknown", "election: not leader");
        h.failed(2, leader("e"), "Unknown", "election: no leader");
        h.ok(1, campaign("e", -9, "c"), elected(5, leader_key("e", -9, 5)));
        h.ok(2, get("x"), ranged(5, []));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 5 });
    // Its answer carries the revision from before it waited.
    let verdict = leads(|h| {
        let first = h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
        let waits = h.ok(1, campaign("e", 8, "b"), elected(3, leader_key("e", 8, 3)));
        let resigns = h.ok(0, resign(leader_key("e", 7, 2)), resigned(4));
        h.during(first, 100, 110);
        h.during(waits, 120, 200);
        h.during(resigns, 150, 160);
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_a_second_leader() {
    let second = |between: &dyn Fn(&mut Builder)| {
        leads(|h| {
            h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
            between(h);
            h.ok(1, campaign("e", 8, "b"), elected(3, leader_key("e", 8, 3)));
        })
    };
    assert_eq!(found(&second(&|_| ())).0, "answered-while-held");
    for request in [resign(leader_key("e", 7, 2)), delete_range("e", "f"), revoke(7)] {
        assert!(
            !second(&|h| {
                h.unknown(3, request.clone());
            })
            .is_violated(),
            "{request}"
        );
    }
    // The one that queued before is passed over.
    let passed = leads(|h| {
        h.ok(0, put_with("e/7", "a", 7), written(2));
        h.ok(1, campaign("e", 8, "b"), elected(3, leader_key("e", 8, 3)));
        h.ok(2, get("e/7"), ranged(3, [with_lease(kv("e/7", "a", 2, 2, 1), 7)]));
    });
    assert_eq!(found(&passed).0, "not-first");
    let never = leads(|h| {
        h.ok(0, put("x", "a"), written(2));
        h.ok(1, campaign("e", 8, "b"), elected(2, leader_key("e", 8, 2)));
        h.ok(2, get("x"), ranged(2, [kv("x", "a", 2, 2, 1)]));
    });
    assert_eq!(found(&never).0, "no-key");
}

#[test]
fn rejects_a_false_no_leader() {
    let asked = |between: &dyn Fn(&mut Builder), last: i64| {
        leads(|h| {
            h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
            between(h);
            let refused = h.failed(2, leader("e"), "Unknown", "election: no leader");
            h.during(refused, 500, 600);
            let read = h.ok(2, get("x"), ranged(last, []));
            h.during(read, 700, 800);
        })
    };
    assert_eq!(found(&asked(&|_| (), 2)).0, "false-no-leader");
    // The next one leads from when the first is gone.
    let next = |h: &mut Builder| {
        let waits = h.ok(1, campaign("e", 8, "b"), elected(3, leader_key("e", 8, 3)));
        let resigns = h.ok(0, resign(leader_key("e", 7, 2)), resigned(4));
        h.during(waits, 120, 200);
        h.during(resigns, 150, 160);
    };
    assert_eq!(found(&asked(&next, 4)).0, "false-no-leader");
    let resigned_then = |h: &mut Builder| {
        h.ok(0, resign(leader_key("e", 7, 2)), resigned(3));
    };
    assert!(asked(&resigned_then, 3).holds());
    let meanwhile = |h: &mut Builder| {
        let resigns = h.ok(0, resign(leader_key("e", 7, 2)), resigned(3));
        h.during(resigns, 550, 650);
    };
    assert!(asked(&meanwhile, 3).holds());
    // Nothing shows what came last.
    let last = leads(|h| {
        h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
        h.unknown(1, resign(leader_key("e", 7, 2)));
        h.failed(2, leader("e"), "Unknown", "election: no leader");
    });
    assert!(!last.is_violated(), "{last}");
    let alone = leads(|h| {
        h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
        h.failed(2, leader("e"), "Unknown", "election: no leader");
    });
    assert_eq!(found(&alone).0, "false-no-leader");
}

#[test]
fn rejects_a_false_not_leader() {
    let proclaims = |key: i64, rev: i64| {
        leads(|h| {
            h.ok(0, campaign("e", 7, "a"), elected(2, leader_key("e", 7, 2)));
            h.failed(0, proclaim(leader_key("e", key, rev), "b"), "Unknown", "election: not leader");
            h.ok(2, get("x"), ranged(2, []));
        })
    };
    assert_eq!(found(&proclaims(7, 2)).0, "false-not-leader");
    assert!(proclaims(7, 1).holds());
    assert!(proclaims(8, 2).holds());
}
