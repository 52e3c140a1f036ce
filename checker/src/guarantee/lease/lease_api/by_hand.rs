//! Hand-made histories of leases, to accept and to reject.

mod keys;
mod listed;
mod remaining;

use super::check;
use crate::guarantee::by_hand::{judged, kind};
use crate::history::build::*;
use crate::history::*;
use crate::verdict::Verdict;

const SECOND_NS: u64 = 1_000_000_000;
const NOT_FOUND: &str = "etcdserver: requested lease not found";
const EXISTS: &str = "etcdserver: lease already exists";

/// An operation of a client from one second to another.
fn at(h: &mut Builder, client: u32, from_s: u64, to_s: u64, request: Request, response: Response) -> usize {
    let index = h.ok(client, request, response);
    h.during(index, from_s * SECOND_NS, to_s * SECOND_NS);
    index
}

fn refused(h: &mut Builder, from_s: u64, to_s: u64, request: Request, message: &str) {
    let index = h.failed(1, request, "NotFound", message);
    h.during(index, from_s * SECOND_NS, to_s * SECOND_NS);
}

fn unanswered(h: &mut Builder, from_s: u64, request: Request) {
    let index = h.unknown(9, request);
    h.during(index, from_s * SECOND_NS, (from_s + 1) * SECOND_NS);
}

/// The store is empty, and lease 7 is granted for 10 s.
fn granted_7(h: &mut Builder) {
    at(h, 0, 1, 2, grant(7, 10), granted(1, 7, 10));
}

/// The operation named first in the evidence.
fn first_named(build: impl FnOnce(&mut Builder)) -> String {
    let verdict = judged(check, build);
    verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).exhibits[0].text.clone()
}

#[track_caller]
fn accepts(build: impl FnOnce(&mut Builder)) {
    let verdict = judged(check, build);
    assert!(verdict.holds(), "{verdict}");
}

/// A use of a lease, and its name.
type Use = (&'static str, Box<dyn Fn(&mut Builder)>);

/// Every way to use lease 7 between two moments.
fn uses(from_s: u64, to_s: u64, revision: Revision) -> Vec<Use> {
    let answered = |request: Request, response: Response| -> Box<dyn Fn(&mut Builder)> {
        Box::new(move |h| {
            at(h, 2, from_s, to_s, request.clone(), response.clone());
        })
    };
    let in_txn = txn([], [txn([], [put_with("t", "1", 7)], [])], []);
    let in_txn_answer = decided(revision, true, [decided(0, true, [written(revision)])]);
    vec![
        ("attached", answered(put_with("k", "v", 7), written(revision))),
        ("attached", answered(in_txn, in_txn_answer)),
        ("renewed", answered(keep_alive(7), kept_alive(revision, 7, 10))),
        ("revoked", answered(revoke(7), revoked(revision))),
        ("shown", answered(time_to_live(7), lives(revision, 7, 8, 10, &[]))),
        ("locked", answered(lock("l", 7), locked(revision, "l/7"))),
        ("elected", answered(campaign("e", 7, "v"), elected(revision, leader_key("e", 7, revision)))),
        ("refused-as-used", Box::new(move |h| refused(h, from_s, to_s, grant(7, 10), EXISTS))),
    ]
}

#[test]
fn accepts_what_a_lessor_answers() {
    assert_eq!(judged(check, |_| ()), Verdict::Vacuous);
    assert_eq!(
        judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
        }),
        Verdict::Vacuous
    );
    let verdict = judged(check, |h| {
        granted_7(h);
        at(h, 0, 3, 4, put_with("a", "1", 7), written(2));
        at(h, 1, 4, 5, time_to_live(7), lives(2, 7, 7, 10, &["a"]));
        at(h, 0, 5, 6, keep_alive(7), kept_alive(2, 7, 10));
        at(h, 0, 7, 8, leases(), listed(2, &[7]));
        at(h, 0, 9, 10, revoke(7), revoked(3));
        refused(h, 11, 12, revoke(7), NOT_FOUND);
        at(h, 0, 13, 14, time_to_live(7), lives(3, 7, -1, 0, &[]));
        at(h, 0, 15, 16, keep_alive(7), kept_alive(3, 7, 0));
        at(h, 0, 17, 18, grant(7, 20), granted(3, 7, 20));
        at(h, 0, 19, 20, put_with("a", "1", 7), written(4));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 11 });
    for (_, used) in uses(3, 4, 2) {
        accepts(|h| {
            granted_7(h);
            used(h);
        });
        // Or it is granted at the same time, or that is not known, or before the history.
        accepts(|h| {
            at(h, 0, 1, 9, grant(7, 10), granted(1, 7, 10));
            used(h);
        });
        accepts(|h| {
            at(h, 0, 1, 2, get("a"), ranged(1, []));
            unanswered(h, 2, grant(7, 10));
            used(h);
        });
    }
    for (name, used) in uses(3, 4, 6) {
        let late = judged(check, |h| {
            at(h, 0, 1, 2, get("a"), ranged(5, []));
            used(h);
        });
        assert!(late.holds(), "{name}: {late}");
    }
}

#[test]
fn rejects_a_lease_that_nobody_granted() {
    for (name, used) in uses(3, 4, 2) {
        let expected = format!("{name}-ungranted");
        let empty = |h: &mut Builder| {
            at(h, 0, 1, 2, get("a"), ranged(1, []));
        };
        let found = kind(check, |h| {
            empty(h);
            used(h);
        });
        assert_eq!(found, expected);
        // It is granted later, or refused.
        let found = kind(check, |h| {
            empty(h);
            used(h);
            at(h, 0, 5, 6, grant(7, 10), granted(2, 7, 10));
        });
        assert_eq!(found, expected);
        let found = kind(check, |h| {
            empty(h);
            refused(h, 1, 2, grant(7, 10), "etcdserver: mvcc: database space exceeded");
            used(h);
        });
        assert_eq!(found, expected);
    }
    // A lease that the cluster chose an id for may be any above 0.
    for unknown in [grant(0, 10), lock("l", 0), campaign("e", 0, "v")] {
        for (lease, is_possible) in [(77, true), (-77, false)] {
            let verdict = judged(check, |h| {
                at(h, 0, 1, 2, get("a"), ranged(1, []));
                unanswered(h, 2, unknown.clone());
                at(h, 0, 3, 4, put_with("k", "v", lease), written(2));
            });
            assert_eq!(verdict.is_violated(), !is_possible, "{unknown} {lease}: {verdict}");
        }
    }
    accepts(|h| {
        at(h, 0, 1, 2, lock("l", 0), locked(2, "l/4d"));
        at(h, 0, 3, 4, put_with("k", "v", 77), written(3));
    });
}

#[test]
fn rejects_a_lease_that_was_revoked() {
    let revoked_7 = |h: &mut Builder| {
        granted_7(h);
        at(h, 0, 3, 5, revoke(7), revoked(1));
    };
    for (name, used) in uses(6, 8, 2) {
        let found = kind(check, |h| {
            revoked_7(h);
            used(h);
        });
        let expected =
            if name == "revoked" { "revoked-twice".to_owned() } else { format!("{name}-after-revoke") };
        assert_eq!(found, expected);
        // It was granted anew, or may have been.
        accepts(|h| {
            revoked_7(h);
            at(h, 0, 5, 7, grant(7, 10), granted(1, 7, 10));
            used(h);
        });
        accepts(|h| {
            unanswered(h, 1, grant(7, 10));
            revoked_7(h);
            used(h);
        });
        // What was refused took nothing.
        accepts(|h| {
            granted_7(h);
            refused(h, 3, 5, revoke(7), "etcdserver: permission denied");
            used(h);
        });
    }
    // What overlaps may come before; unless its revision says otherwise.
    for (name, used) in uses(4, 8, 1) {
        if !["attached", "revoked"].contains(&name) {
            accepts(|h| {
                revoked_7(h);
                used(h);
            });
        }
    }
    accepts(|h| {
        granted_7(h);
        at(h, 0, 3, 5, revoke(7), revoked(3));
        at(h, 1, 4, 8, put_with("k", "v", 7), written(2));
    });
    let after = kind(check, |h| {
        granted_7(h);
        at(h, 0, 3, 5, revoke(7), revoked(3));
        at(h, 1, 4, 8, put_with("k", "v", 7), written(4));
    });
    assert_eq!(after, "attached-after-revoke");
    let both = kind(check, |h| {
        granted_7(h);
        at(h, 0, 3, 5, revoke(7), revoked(1));
        at(h, 1, 4, 8, revoke(7), revoked(1));
    });
    assert_eq!(both, "revoked-twice");
    let named = first_named(|h| {
        revoked_7(h);
        at(h, 1, 6, 7, put_with("k", "v", 7), written(2));
    });
    assert_eq!(named, "put k = v (lease 7) -> put at revision 2");
}

#[test]
fn rejects_a_lease_that_comes_back() {
    let gone: [fn(&mut Builder); 4] = [
        |h| {
            at(h, 0, 20, 21, keep_alive(7), kept_alive(1, 7, 0));
        },
        |h| {
            at(h, 0, 20, 21, time_to_live(7), lives(1, 7, -1, 0, &[]));
        },
        |h| refused(h, 20, 21, put_with("a", "1", 7), NOT_FOUND),
        |h| refused(h, 20, 21, lock("l", 7), NOT_FOUND),
    ];
    for end in gone {
        let found = kind(check, |h| {
            granted_7(h);
            end(h);
            at(h, 2, 22, 23, keep_alive(7), kept_alive(1, 7, 10));
        });
        assert_eq!(found, "renewed-after-end");
        accepts(|h| {
            granted_7(h);
            end(h);
            at(h, 2, 22, 23, grant(7, 10), granted(1, 7, 10));
            at(h, 2, 24, 25, keep_alive(7), kept_alive(1, 7, 10));
        });
        // A lock may find its key, which somebody put without a lease.
        accepts(|h| {
            granted_7(h);
            end(h);
            at(h, 2, 22, 23, put("l/7", ""), written(2));
            at(h, 2, 24, 25, lock("l", 7), locked(2, "l/7"));
        });
    }
}

#[test]
fn rejects_a_denial_of_a_lease_that_lives() {
    let requests = [
        put_with("a", "1", 7),
        txn([], [put_with("a", "1", 7)], []),
        txn([], [put_with("a", "1", 7), put_with("b", "1", 8)], []),
        keep_alive(7),
        revoke(7),
        time_to_live(7),
        lock("l", 7),
        campaign("e", 7, "v"),
        proclaim(leader_key("e", 7, 2), "v"),
    ];
    for request in requests {
        let denied = |from_s: u64, to_s: u64, before: fn(&mut Builder)| {
            judged(check, |h| {
                granted_7(h);
                at(h, 0, 1, 2, grant(8, 10), granted(1, 8, 10));
                before(h);
                refused(h, from_s, to_s, request.clone(), NOT_FOUND);
            })
        };
        let verdict = denied(5, 6, |_| ());
        let evidence = verdict.evidence().unwrap_or_else(|| panic!("{request}: {verdict}"));
        assert_eq!(evidence.kind, "denied-while-alive");
        assert!(evidence.exhibits[0].text.starts_with(&request.to_string()), "{evidence}");
        assert!(
            denied(11, 12, |h| {
                at(h, 0, 9, 10, keep_alive(7), kept_alive(1, 7, 10));
            })
            .is_violated()
                || request.to_string().contains("lease 8")
        );
        // Its TTL was over, or somebody may have revoked it.
        assert!(denied(5, 12, |_| ()).holds(), "{request}");
        assert!(denied(5, 6, |h| unanswered(h, 3, revoke(7))).holds(), "{request}");
        assert!(
            denied(5, 6, |h| {
                at(h, 3, 4, 7, revoke(7), revoked(1));
            })
            .holds(),
            "{request}"
        );
        // Nothing is promised.
        let bounds = |h: &mut Builder| {
            h.observation(Observation::Bounds {
                at_ns: 0,
                clock_drift_ppm: u64::MAX,
                clock_jump_ms: 0,
                lease_expiry_slack_ms: 0,
                lease_leader_slack_ms: None,
            });
        };
        assert!(denied(5, 6, bounds).holds(), "{request}");
    }
}

#[test]
fn rejects_grants_that_are_none() {
    let twice = |from_s: u64| {
        judged(check, |h| {
            granted_7(h);
            at(h, 1, from_s, from_s + 1, grant(7, 5), granted(1, 7, 5));
        })
    };
    assert_eq!(twice(5).evidence().map(|evidence| evidence.kind.as_str()), Some("granted-while-alive"));
    assert!(twice(11).holds());
    for (request, response, expected) in [
        (grant(7, 10), granted(1, 8, 10), "another-id"),
        (grant(-7, 10), granted(1, 7, 10), "another-id"),
        (grant(0, 10), granted(1, 0, 10), "another-id"),
        (grant(0, 10), granted(1, -5, 10), "another-id"),
        (grant(7, 10), granted(1, 7, 9), "shorter-than-asked"),
        (grant(0, 10), granted(1, 5, 0), "shorter-than-asked"),
        (grant(7, 9_000_000_001), granted(1, 7, 9_000_000_001), "too-long"),
    ] {
        let text = request.to_string();
        assert_eq!(
            kind(check, |h| {
                h.ok(0, request, response);
            }),
            expected,
            "{text}"
        );
    }
    for (request, response) in [
        (grant(-7, 10), granted(1, -7, 10)),
        (grant(0, -5), granted(1, 5, 2)),
        (grant(7, 1), granted(1, 7, 2)),
        (grant(7, 9_000_000_000), granted(1, 7, 9_000_000_000)),
    ] {
        accepts(|h| {
            h.ok(0, request, response);
        });
    }
    let too_large = |ttl_s: i64| {
        judged(check, |h| {
            h.ok(0, grant(5, 10), granted(1, 5, 10));
            h.failed(0, grant(7, ttl_s), "OutOfRange", "etcdserver: too large lease TTL");
        })
    };
    assert!(too_large(9_000_000_000).is_violated() && too_large(9_000_000_001).holds());
    assert_eq!(
        kind(check, |h| {
            granted_7(h);
            at(h, 0, 3, 4, keep_alive(7), kept_alive(1, 8, 10));
        }),
        "another-id"
    );
}
