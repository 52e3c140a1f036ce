//! Times left that a lease can have, and others.

use super::*;

/// Lease 7 is granted in a term from second 1 to 2 and asked for from 6 to 7.
fn told(term: u64, ttl_s: i64, granted_s: i64) -> Verdict {
    judged(check, |h| {
        let index = h.ok_in_term(0, grant(7, 10), granted(1, 7, 10), 3);
        h.during(index, SECOND_NS, 2 * SECOND_NS);
        let index = h.ok_in_term(0, time_to_live(7), lives(1, 7, ttl_s, granted_s, &[]), term);
        h.during(index, 6 * SECOND_NS, 7 * SECOND_NS);
    })
}

#[test]
fn rejects_a_ttl_that_cannot_be_left() {
    let found = |term: u64, ttl_s: i64, granted_s: i64| {
        told(term, ttl_s, granted_s).evidence().map(|evidence| evidence.kind.clone())
    };
    assert_eq!(found(3, 11, 10).as_deref(), Some("above-the-granted"));
    assert_eq!(found(3, i64::MAX, 10).as_deref(), Some("above-the-granted"));
    assert_eq!(found(3, 3, 10).as_deref(), Some("less-left"));
    assert_eq!(found(3, -1, 10).as_deref(), Some("less-left"));
    assert_eq!(found(3, 5, 11).as_deref(), Some("another-ttl"));
    assert_eq!(found(3, 5, 0).as_deref(), Some("another-ttl"));
    for ttl_s in 4..=10 {
        assert_eq!(found(3, ttl_s, 10), None);
    }
    // A new leader gives an election timeout more.
    assert_eq!(found(4, 11, 10), None);
    assert_eq!(found(0, 60, 10), None);
    assert_eq!(found(4, 61, 10).as_deref(), Some("above-the-granted"));
    let renewed = |ttl_s: i64| {
        judged(check, |h| {
            granted_7(h);
            at(h, 0, 5, 6, keep_alive(7), kept_alive(1, 7, ttl_s));
        })
    };
    assert!(renewed(10).holds());
    for ttl_s in [9, 11] {
        assert_eq!(renewed(ttl_s).evidence().map(|evidence| evidence.kind.as_str()), Some("another-ttl"));
    }
}

#[test]
fn a_clock_that_jumps_or_drifts_leaves_less_or_more() {
    let told = |ppm: u64, jump_ms: u64, ttl_s: i64| {
        judged(check, |h| {
            h.observation(Observation::Bounds {
                at_ns: 0,
                clock_drift_ppm: ppm,
                clock_jump_ms: jump_ms,
                lease_expiry_slack_ms: 0,
                lease_leader_slack_ms: Some(0),
            });
            let index = h.ok_in_term(0, grant(7, 20), granted(1, 7, 20), 3);
            h.during(index, SECOND_NS, SECOND_NS);
            let index = h.ok_in_term(0, time_to_live(7), lives(1, 7, ttl_s, 20, &[]), 3);
            h.during(index, 11 * SECOND_NS, 11 * SECOND_NS);
        })
        .holds()
    };
    let possible =
        |ppm: u64, jump_ms: u64| (0..=20).filter(|ttl_s| told(ppm, jump_ms, *ttl_s)).collect::<Vec<_>>();
    assert_eq!(possible(0, 0), [10]);
    assert_eq!(possible(200_000, 0), [8, 9, 10, 11, 12]);
    assert_eq!(possible(0, 3_000), [7, 8, 9, 10, 11, 12, 13]);
    assert_eq!(possible(0, u64::MAX).len(), 21);
    assert_eq!(possible(1_000_000, 0).len(), 21);
}
