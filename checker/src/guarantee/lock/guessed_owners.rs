//! Unanswered revisions, and locks, campaigns and leases that were: the walk finds makers that agree with
//! both, and where none can the answer is blamed.

use crate::guarantee::guesses::{assert_sound, violated};
use crate::history::build::*;
use crate::history::{KeyValue, Request};

const NO_LEADER: (&str, &str) = ("Unknown", "election: no leader");
const NOT_LEADER: (&str, &str) = ("Unknown", "election: not leader");
const EXPIRED: (&str, &str) = ("Unknown", "mutex: session is expired");

/// Leases 7, 8 and 9 live for ever, or nearly.
fn granted_all(h: &mut Builder) {
    for lease in [7, 8, 9] {
        h.ok(0, grant(lease, 6000), granted(1, lease, 6000));
    }
}

/// Requests of unknown outcome: each may have made a revision, whichever is tried first.
fn unknown(h: &mut Builder, mut requests: Vec<Request>, turn: usize) {
    let turn = turn % requests.len();
    requests.rotate_left(turn);
    for (at, request) in requests.into_iter().enumerate() {
        h.unknown(20 + at as u32, request);
    }
}

fn own(key: &str, lease: i64, created: i64, modified: i64, version: i64, value: &str) -> KeyValue {
    with_lease(kv(key, value, created, modified, version), lease)
}

/// Expects no violation and nothing undecided, in every order of the guesses.
#[track_caller]
fn accepts(build: impl Fn(&mut Builder, usize)) {
    for turn in 0..4 {
        assert_sound(|h| {
            granted_all(h);
            build(h, turn);
        });
    }
}

/// Expects a violation of the guarantee, in every order of the guesses.
#[track_caller]
fn rejects(guarantee: &str, build: impl Fn(&mut Builder, usize)) {
    for turn in 0..4 {
        let found = violated(|h| {
            granted_all(h);
            build(h, turn);
        });
        assert!(found.iter().any(|name| name == guarantee), "turn {turn}: {found:?}");
    }
}

/// Lease 7 has the lock. Revisions 3 and 4 are in no answer, and lease 8 has the lock at 4.
fn passed_on(h: &mut Builder, requests: Vec<Request>, turn: usize) {
    h.ok(0, lock("l", 7), locked(2, "l/7"));
    unknown(h, requests, turn);
    h.ok(1, lock("l", 8), locked(4, "l/8"));
    h.ok(2, put("y", "1"), written(5));
}

#[test]
fn a_lock_tells_that_those_before_it_are_gone() {
    for takes in [unlock("l/7"), delete("l/7"), delete_range("l/", "l0"), txn([], [delete("l/7")], [])] {
        accepts(|h, turn| {
            passed_on(h, vec![put("x", "1"), takes.clone(), put("z", "1"), lock("l", 9)], turn);
        });
    }
    // The key that it passed is there as it was.
    rejects("lock-exclusive", |h, turn| {
        passed_on(h, vec![put("x", "1"), unlock("l/7"), put("z", "1")], turn);
        h.ok(3, get("l/7"), ranged(5, [own("l/7", 7, 2, 2, 1, "")]));
    });
    // One took the key away, and another of the name stands before this one.
    rejects("lock-exclusive", |h, turn| {
        passed_on(h, vec![put("x", "1"), lock("l", 9), unlock("l/7")], turn);
        h.ok(3, range("l/", "l0"), ranged(5, [own("l/8", 8, 4, 4, 1, ""), own("l/9", 9, 3, 3, 1, "")]));
    });
    // Both revisions are known, and neither took the key away.
    rejects("lock-exclusive", |h, turn| {
        passed_on(h, vec![put("x", "1"), unlock("l/7"), put("z", "1")], turn);
        h.ok(3, get("x"), ranged(5, [kv("x", "1", 3, 3, 1)]));
    });
}

#[test]
fn a_lock_tells_that_its_key_is_there() {
    let taken = |h: &mut Builder, turn: usize| {
        h.unknown(5, lock("l", 7));
        unknown(h, vec![put("x", "1"), unlock("l/7"), put("z", "1")], turn);
        h.ok(0, lock("l", 7), locked(3, "l/7"));
        h.ok(2, put("y", "1"), written(4));
    };
    accepts(taken);
    accepts(|h, turn| {
        taken(h, turn);
        h.ok(3, get("x"), ranged(4, [kv("x", "1", 2, 2, 1)]));
    });
    accepts(|h, turn| {
        taken(h, turn);
        h.ok(3, get("x"), ranged(4, [kv("x", "1", 3, 3, 1)]));
    });
    rejects("lock-exclusive", |h, turn| {
        taken(h, turn);
        h.ok(
            3,
            range("x", "{"),
            ranged(4, [kv("x", "1", 2, 2, 1), kv("y", "1", 4, 4, 1), kv("z", "1", 3, 3, 1)]),
        );
    });
}

/// Lease 7 leads since 2. Revisions 3 and 4 are in no answer; revision 5 is a put.
fn led_on(h: &mut Builder, requests: Vec<Request>, turn: usize) {
    h.ok(0, campaign("e", 7, "seven"), elected(2, leader_key("e", 7, 2)));
    unknown(h, requests, turn);
    h.ok(2, put("y", "1"), written(5));
}

fn ambitions() -> Vec<Request> {
    vec![put("x", "1"), campaign("e", 8, "eight"), resign(leader_key("e", 7, 2)), put("z", "1")]
}

#[test]
fn a_campaign_tells_when_its_key_was_created() {
    for created in [3, 4] {
        accepts(|h, turn| {
            led_on(h, ambitions(), turn);
            h.ok(1, campaign("e", 8, "eight"), elected(5, leader_key("e", 8, created)));
            h.ok(2, put("y", "2"), written(6));
        });
    }
    // It was created at a revision that another made.
    rejects("election-one-leader", |h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(1, campaign("e", 8, "eight"), elected(5, leader_key("e", 8, 3)));
        h.ok(2, put("y", "2"), written(6));
        h.ok(3, get("x"), ranged(6, [kv("x", "1", 3, 3, 1)]));
    });
    // Nobody can have taken away the key that stood before it.
    for other in [resign(leader_key("e", 8, 3)), unlock("e/9"), put("z", "2")] {
        rejects("election-one-leader", |h, turn| {
            led_on(h, vec![put("x", "1"), campaign("e", 8, "eight"), other.clone()], turn);
            h.ok(1, campaign("e", 8, "eight"), elected(5, leader_key("e", 8, 3)));
            h.ok(2, put("y", "2"), written(6));
        });
    }
}

#[test]
fn a_leader_tells_who_was_the_first() {
    accepts(|h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(3, leader("e"), led(5, own("e/8", 8, 3, 3, 1, "eight")));
    });
    accepts(|h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(3, leader("e"), led(5, own("e/7", 7, 2, 2, 1, "seven")));
    });
    accepts(|h, turn| {
        led_on(h, vec![put("x", "1"), proclaim(leader_key("e", 7, 2), "again"), put("z", "1")], turn);
        h.ok(3, leader("e"), led(5, own("e/7", 7, 2, 4, 2, "again")));
    });
    rejects("linearizable", |h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(3, leader("e"), led(5, own("e/8", 8, 3, 3, 1, "eight")));
        h.ok(3, get("x"), ranged(5, [kv("x", "1", 4, 4, 1)]));
    });
}

#[test]
fn a_proclamation_tells_that_its_key_stood_all_the_time() {
    let proclaims = |h: &mut Builder, turn: usize| {
        led_on(h, ambitions(), turn);
        h.ok(0, proclaim(leader_key("e", 7, 2), "again"), proclaimed(6));
    };
    accepts(proclaims);
    accepts(|h, turn| {
        proclaims(h, turn);
        h.ok(0, resign(leader_key("e", 7, 2)), resigned(7));
        h.ok(3, get("e/7"), ranged(7, []));
    });
    accepts(|h, turn| {
        proclaims(h, turn);
        h.ok(3, get("x"), ranged(6, [kv("x", "1", 3, 3, 1)]));
    });
    rejects("election-one-leader", |h, turn| {
        proclaims(h, turn);
        h.ok(1, campaign("e", 8, "eight"), elected(6, leader_key("e", 8, 3)));
        h.ok(2, put("y", "2"), written(7));
        h.ok(3, get("e/7"), ranged(7, [own("e/7", 7, 2, 6, 2, "again")]));
    });
}

#[test]
fn an_unlock_and_a_resignation_tell_that_the_key_is_gone() {
    let unlocks = |h: &mut Builder, turn: usize| {
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        unknown(h, vec![put("x", "1"), put("z", "1"), lock("l", 7)], turn);
        h.ok(0, unlock("l/7"), unlocked(4));
        h.ok(2, put("y", "1"), written(5));
    };
    accepts(unlocks);
    accepts(|h, turn| {
        unlocks(h, turn);
        h.ok(3, get("x"), ranged(5, [kv("x", "1", 3, 3, 1)]));
    });
    accepts(|h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(0, resign(leader_key("e", 7, 2)), resigned(5));
        h.ok(2, put("y", "2"), written(6));
    });
    rejects("linearizable", |h, turn| {
        led_on(h, ambitions(), turn);
        h.ok(0, resign(leader_key("e", 7, 2)), resigned(5));
        h.ok(2, put("y", "2"), written(6));
        h.ok(3, get("e/7"), ranged(6, [own("e/7", 7, 2, 2, 1, "seven")]));
    });
}

#[test]
fn a_refusal_tells_that_a_key_was_gone() {
    let refused = |requests: Vec<Request>, request: Request, (code, text): (&'static str, &'static str)| {
        move |h: &mut Builder, turn: usize| {
            led_on(h, requests.clone(), turn);
            h.failed(3, request.clone(), code, text);
            h.ok(2, put("y", "2"), written(6));
        }
    };
    let still_there = |h: &mut Builder| {
        h.ok(3, get("e/7"), ranged(6, [own("e/7", 7, 2, 2, 1, "seven")]));
    };
    let questions = [
        (leader("e"), NO_LEADER, vec![put("x", "1"), resign(leader_key("e", 7, 2)), put("z", "1")]),
        (proclaim(leader_key("e", 7, 2), "again"), NOT_LEADER, ambitions()),
        (
            proclaim(leader_key("e", 7, 2), "again"),
            NOT_LEADER,
            vec![put("x", "1"), unlock("e/7"), put("z", "1")],
        ),
        (leader("e"), NO_LEADER, vec![put("x", "1"), delete_range("e/", "e0"), put("z", "1")]),
    ];
    for (request, error, requests) in questions {
        let build = refused(requests, request, error);
        accepts(&build);
        rejects("election-one-leader", |h, turn| {
            build(h, turn);
            still_there(h);
        });
    }
    let expired = |h: &mut Builder, turn: usize| {
        h.ok(0, lock("l", 7), locked(2, "l/7"));
        unknown(h, vec![put("x", "1"), unlock("l/8"), put("z", "1"), lock("l", 8)], turn);
        h.failed(1, lock("l", 8), EXPIRED.0, EXPIRED.1);
        h.ok(2, put("y", "1"), written(5));
    };
    accepts(expired);
}

#[test]
fn a_hold_tells_that_its_key_is_the_first() {
    let held = |h: &mut Builder, turn: usize, created: i64| {
        h.ok(0, put_with("l/7", "", 7), written(2));
        unknown(h, vec![put("x", "1"), delete("l/7"), put_with("l/8", "", 8), put("z", "1")], turn);
        let from_ns = h.tick();
        let hold = crate::history::Hold { create_revision: created, ..lock_hold("l", "l/8", 8, 4) };
        h.hold(1, hold, from_ns, None);
        h.ok(2, put("y", "1"), written(5));
    };
    for created in [0, 3, 4] {
        accepts(|h, turn| held(h, turn, created));
    }
    rejects("lock-exclusive", |h, turn| {
        held(h, turn, 3);
        h.ok(3, get("x"), ranged(5, [kv("x", "1", 3, 3, 1)]));
    });
    rejects("lock-exclusive", |h, turn| {
        held(h, turn, 0);
        h.ok(3, get("l/7"), ranged(5, [own("l/7", 7, 2, 2, 1, "")]));
    });
}

/// In seconds.
fn at(h: &mut Builder, operation: usize, from_s: u64) {
    h.during(operation, from_s * 1_000_000_000, from_s * 1_000_000_000 + 1000);
}

#[test]
fn a_lease_that_was_kept_alive_had_not_run_out() {
    // Lease 5 may have run out from 1 s on. `k` is attached to it; of revisions 3 and 4 nobody was told.
    let leased = |h: &mut Builder, turn: usize, says: &dyn Fn(&mut Builder) -> usize| {
        let granted = h.ok(0, grant(5, 1), granted(1, 5, 1));
        let put_it = h.ok(0, put_with("k", "1", 5), written(2));
        at(h, granted, 1);
        at(h, put_it, 1);
        for (number, request) in [put("x", "1"), put("z", "1")].into_iter().enumerate() {
            let lost = h.unknown(20 + (number + turn) as u32 % 2, request);
            h.during(lost, 1_500_000_000, 1_600_000_000);
        }
        let seen = h.ok(2, put("y", "1"), written(4));
        at(h, seen, 4);
        let says = says(h);
        at(h, says, 5);
        let last = h.ok(2, put("y", "2"), written(5));
        at(h, last, 6);
    };
    let answers: [&dyn Fn(&mut Builder) -> usize; 3] = [
        &|h| h.ok(1, keep_alive(5), kept_alive(4, 5, 1)),
        &|h| h.ok(1, time_to_live(5), lives(4, 5, 0, 1, &["k"])),
        &|h| h.ok(1, get("k"), ranged(4, [own("k", 5, 2, 2, 1, "1")])),
    ];
    for says in answers {
        for turn in 0..4 {
            assert_sound(|h| leased(h, turn, says));
        }
    }
    // Its key went with it all the same.
    let goes = |h: &mut Builder| {
        let watch = h.watch(9, watching("k", "", 3));
        h.created(watch, 2);
        h.events(watch, [delete_event("k", 3)]);
        h.ok(1, keep_alive(5), kept_alive(4, 5, 1))
    };
    for turn in 0..4 {
        let found = violated(|h| leased(h, turn, &goes));
        assert!(found.iter().any(|name| name == "lease-alive"), "{found:?}");
    }
}

/// The maker of revision 4 is unknown. The campaign of lease 8 was under way all the time.
fn campaigned(h: &mut Builder, requests: Vec<Request>, turn: usize) {
    h.ok(0, campaign("e", 7, "seven"), elected(2, leader_key("e", 7, 2)));
    unknown(h, requests, turn);
    let begun_ns = h.tick();
    h.ok(2, put("x", "1"), written(5));
    let won = h.ok(1, campaign("e", 8, "eight"), elected(3, leader_key("e", 8, 3)));
    let end_ns = h.tick();
    h.during(won, begun_ns, end_ns);
}

#[test]
fn an_own_key_that_a_guess_took_along_may_have_stood() {
    let both = txn([], [delete("e/7"), delete("e/8")], []);
    for decoy in [delete_range("e", "f"), delete_range("e/", "e0"), both] {
        for turn in 0..4 {
            let found = violated(|h| {
                granted_all(h);
                campaigned(h, vec![delete("e/7"), decoy.clone(), put("z", "1")], turn);
            });
            assert_eq!(found, Vec::<String>::new(), "{decoy:?}, turn {turn}");
        }
    }
    rejects("election-one-leader", |h, turn| campaigned(h, vec![put("z", "1"), put("y", "1")], turn));
}

/// A lock or a leadership was refused, and later one revision is missing.
fn refused_then_skipped(request: Request, refusal: (&str, &str)) -> Vec<String> {
    violated(|h| {
        h.failed(3, request, refusal.0, refusal.1);
        h.ok(1, put("a", "1"), written(2));
        h.ok(1, put("a", "2"), written(4));
        h.ok(1, get("a"), ranged(4, [kv("a", "2", 2, 4, 2)]));
    })
}

#[test]
fn who_was_refused_before_makes_no_revision_later() {
    let no_lease = ("NotFound", "etcdserver: requested lease not found");
    for request in [lock("l", 7), campaign("e", 7, "v"), lock("l", -7)] {
        for refusal in [no_lease, EXPIRED, NOT_LEADER] {
            let found = refused_then_skipped(request.clone(), refusal);
            assert!(found.iter().any(|name| name == "revision"), "{request:?}, {refusal:?}: {found:?}");
        }
    }
}

#[test]
fn who_was_refused_may_have_queued_before() {
    let refusal = ("PermissionDenied", "etcdserver: permission denied");
    for request in [lock("l", 7), campaign("e", 7, "v"), lock("l", 9)] {
        let found = violated(|h| {
            granted_all(h);
            h.ok(1, put("a", "1"), written(2));
            h.failed(3, request.clone(), refusal.0, refusal.1);
            h.ok(1, put("a", "2"), written(4));
            h.ok(1, put("a", "3"), written(6));
        });
        assert_eq!(found, Vec::<String>::new(), "{request:?}: it took its key away after it was refused");
    }
}
