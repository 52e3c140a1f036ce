//! `lease-alive`: a key attached to a lease is not removed while the lease was granted or kept alive within
//! its TTL, as the client measured from sending what was acknowledged last, with clocks that drift within
//! the declared bound. Nor is the lease denied meanwhile; and one that was revoked stays gone.
//!
//! etcd: `server/lease/lessor.go` (`Renew`, `Promote`), and `server/etcdserver/v3_server.go`, `LeaseRenew`:
//! a leader that was deposed must not renew or revoke (#15247), and a renewal must not outrun a revocation
//! (PR #20615).
//!
//! Only leases that were granted once are judged: of an id that was granted again nobody can say which
//! lease was renewed.

use super::lease_removal::Removals;
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::LeaseId;
use crate::lease_times::{LeaseTimes, attached_to, denied_leases};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "lease-alive",
    about: "a lease and its keys stay while it was granted or kept alive within its TTL, and one that was revoked is gone",
    check,
};

/// Examines every answered grant and keepalive.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    if !case.history.operations.iter().any(|operation| operation.request.is_of_leases()) {
        return Verdict::Vacuous;
    }
    let times = LeaseTimes::of(case.history);
    let mut undecided = None;
    let verdict = case.by_line(|line| {
        let removals = Removals::of(case, line, &times);
        undecided = removals.undecided;
        let examined = times.leases.values().map(|lease| lease.renewals.len() as u64).sum();
        let evidence = removals
            .evidence
            .or_else(|| denied(case, &times))
            .or_else(|| after_revocation(case, &times))
            .or_else(|| of_no_lease(case, &times));
        (examined, evidence)
    });
    match undecided {
        Some(why) if !verdict.is_violated() => Verdict::Unknown { why },
        _ => verdict,
    }
}

/// A lease that was said not to exist while it was alive.
fn denied(case: &Case<'_>, times: &LeaseTimes) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        // Of several it is not said which.
        let ([id], Some(return_ns)) = (&denied_leases(operation)[..], operation.return_ns) else { continue };
        let Some(lease) = times.leases.get(id) else { continue };
        let Some(grant) = lease.granted_once().filter(|grant| grant.return_ns < operation.invoke_ns) else {
            continue;
        };
        let Some((renewal, until_ns)) = lease.alive_until(&times.bounds) else { continue };
        if until_ns > return_ns && !lease.may_be_revoked(case.history, return_ns) {
            let message = format!("lease {} was alive, and said not to exist", LeaseId(*id));
            let mut exhibits = vec![case.operation(index), case.operation(grant.operation)];
            if renewal.operation != grant.operation {
                exhibits.push(case.operation(renewal.operation));
            }
            return Some(Evidence::new("denied-while-alive", message, exhibits));
        }
    }
    None
}

/// A lease that was renewed, or had a key attached, after it was revoked.
fn after_revocation(case: &Case<'_>, times: &LeaseTimes) -> Option<Evidence> {
    let operations = &case.history.operations;
    for (id, lease) in &times.leases {
        let Some(grant) = lease.granted_once() else { continue };
        let done = |index: &&usize| {
            operations[**index].response().is_some() && operations[**index].invoke_ns > grant.return_ns
        };
        let revoked = lease.revocations.iter().filter(done).min_by_key(|index| operations[**index].return_ns);
        let Some((revocation, revoked_ns)) =
            revoked.and_then(|index| Some((*index, operations[*index].return_ns?)))
        else {
            continue;
        };
        if let Some(renewal) = lease.renewals.iter().find(|renewal| renewal.invoke_ns > revoked_ns) {
            let message = format!("lease {} was kept alive after it was revoked", LeaseId(*id));
            let exhibits = vec![case.operation(renewal.operation), case.operation(revocation)];
            return Some(Evidence::new("renewed-after-revoke", message, exhibits));
        }
        let attached = (0..operations.len()).find(|index| {
            operations[*index].invoke_ns > revoked_ns && attached_to(&operations[*index]).contains(id)
        });
        if let Some(index) = attached {
            let message = format!("a key was attached to lease {} after it was revoked", LeaseId(*id));
            let exhibits = vec![case.operation(index), case.operation(revocation)];
            return Some(Evidence::new("attached-after-revoke", message, exhibits));
        }
    }
    None
}

/// A key that was attached to a lease that was never granted, in a history that tells of grants.
fn of_no_lease(case: &Case<'_>, times: &LeaseTimes) -> Option<Evidence> {
    if times.has_nameless || times.leases.values().all(|lease| lease.grants.is_empty()) {
        return None;
    }
    let operations = &case.history.operations;
    for (index, operation) in operations.iter().enumerate() {
        for id in attached_to(operation) {
            let granted =
                |grant: &usize| operation.return_ns.is_none_or(|at_ns| operations[*grant].invoke_ns <= at_ns);
            if !times.leases.get(&id).is_some_and(|lease| lease.grants.iter().any(granted)) {
                let message =
                    format!("a key was attached to lease {}, which nobody had granted", LeaseId(id));
                return Some(Evidence::new("attached-to-nothing", message, vec![case.operation(index)]));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;
    use crate::history::*;

    const SECOND_NS: u64 = 1_000_000_000;

    /// An operation from one second to another.
    fn at(h: &mut Builder, from_s: u64, to_s: u64, request: Request, response: Response) {
        let index = h.ok(0, request, response);
        h.during(index, from_s * SECOND_NS, to_s * SECOND_NS);
    }

    /// Lease 7 is granted for 10 s from second 1 on, and `a` is attached to it at 2.
    fn attached(h: &mut Builder) {
        at(h, 1, 2, grant(7, 10), granted(1, 7, 10));
        at(h, 3, 4, put_with("a", "1", 7), written(2));
    }

    fn drifting(h: &mut Builder, clock_drift_ppm: u64) {
        h.observation(Observation::Bounds {
            at_ns: 0,
            clock_drift_ppm,
            clock_jump_ms: 0,
            lease_expiry_slack_ms: 1000,
            lease_leader_slack_ms: None,
        });
    }

    #[test]
    fn accepts_what_goes_when_the_ttl_is_over() {
        let verdict = judged(check, |h| {
            attached(h);
            at(h, 10, 11, get("a"), ranged(3, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
        let verdict = judged(check, |h| {
            attached(h);
            at(h, 8, 9, keep_alive(7), kept_alive(2, 7, 10));
            at(h, 12, 13, get("a"), ranged(2, [with_lease(kv("a", "1", 2, 2, 1), 7)]));
            at(h, 17, 18, get("a"), ranged(3, []));
            at(h, 19, 20, keep_alive(7), kept_alive(2, 7, 0));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_a_key_that_goes_before_the_ttl_is_over() {
        let gone = |h: &mut Builder| at(h, 9, 10, get("a"), ranged(3, []));
        let early = kind(check, |h| {
            attached(h);
            gone(h);
        });
        assert_eq!(early, "removed-while-alive");
        let kept = kind(check, |h| {
            attached(h);
            at(h, 5, 6, keep_alive(7), kept_alive(2, 7, 10));
            at(h, 13, 14, get("a"), ranged(3, []));
        });
        assert_eq!(kept, "removed-while-alive");
        // A clock that runs a fifth faster has come to the end.
        let drifted = judged(check, |h| {
            drifting(h, 200_000);
            attached(h);
            gone(h);
        });
        assert!(drifted.holds(), "{drifted}");
        // Someone else can have deleted it, and somebody may have revoked the lease.
        for other in [delete("a"), revoke(7), delete_range("a", "c"), unlock("a")] {
            let verdict = judged(check, |h| {
                attached(h);
                let unknown = h.unknown(1, other);
                h.during(unknown, 4 * SECOND_NS, 5 * SECOND_NS);
                gone(h);
            });
            assert!(verdict.holds(), "{verdict}");
        }
        // That it was revoked later is no excuse.
        let verdict = judged(check, |h| {
            attached(h);
            gone(h);
            at(h, 11, 12, revoke(7), revoked(3));
        });
        assert!(verdict.is_violated(), "{verdict}");
    }

    /// Leases 7 and 8 have a key each. At 4 one of them ran out; 7 is revoked at 5, or there is nothing left of it.
    fn one_of_two(h: &mut Builder) {
        attached(h);
        at(h, 1, 2, grant(8, 3), granted(2, 8, 3));
        at(h, 3, 4, put_with("b", "1", 8), written(3));
        at(h, 6, 7, get("c"), ranged(4, []));
        at(h, 8, 9, revoke(7), revoked(5));
    }

    #[test]
    fn accepts_what_may_have_gone_with_another_lease() {
        let verdict = judged(check, one_of_two);
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
        // Nor does it follow from a guess who else ran out after that.
        let verdict = judged(check, |h| {
            attached(h);
            at(h, 1, 2, grant(8, 3), granted(2, 8, 3));
            at(h, 3, 4, put_with("b", "1", 8), written(3));
            let unknown = h.unknown(1, put("c", "1"));
            h.during(unknown, 4 * SECOND_NS, 5 * SECOND_NS);
            at(h, 6, 7, get("d"), ranged(5, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_what_was_seen_to_go_before_another_lease() {
        let mut h = Builder::default();
        one_of_two(&mut h);
        let watch = h.watch(2, watching("a", "c", 2));
        h.created(watch, 1);
        h.events(watch, [put_event(with_lease(kv("a", "1", 2, 2, 1), 7))]);
        h.events(watch, [put_event(with_lease(kv("b", "1", 3, 3, 1), 8))]);
        h.events(watch, [delete_event("a", 4)]);
        let mut history = h.build();
        history.watches[watch].frames.iter_mut().for_each(|frame| frame.received_ns += 6 * SECOND_NS);
        let verdict = check(&Case::new(&history));
        assert_eq!(verdict.evidence().expect("it is violated").kind, "removed-while-alive");
    }

    #[test]
    fn cannot_tell_what_a_guess_would_decide() {
        // One unknown delete, and `a` goes twice: who took it the other time is a matter of guessing.
        let twice = |h: &mut Builder, lease: i64| {
            attached(h);
            let unknown = h.unknown(1, delete("a"));
            h.during(unknown, 2 * SECOND_NS, 9 * SECOND_NS);
            at(h, 4, 5, get("a"), ranged(3, []));
            at(h, 5, 6, put_with("a", "2", lease), written(4));
            at(h, 7, 8, get("a"), ranged(5, []));
        };
        let verdict = judged(check, |h| twice(h, 7));
        assert!(matches!(&verdict, Verdict::Unknown { why } if why.contains("alive")), "{verdict}");
        // Another lease was due by then.
        let verdict = judged(check, |h| {
            at(h, 0, 1, grant(8, 1), granted(1, 8, 1));
            twice(h, 8);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn leaves_what_was_granted_twice() {
        let verdict = judged(check, |h| {
            attached(h);
            at(h, 5, 6, revoke(7), revoked(3));
            at(h, 6, 7, grant(7, 10), granted(3, 7, 10));
            at(h, 8, 9, keep_alive(7), kept_alive(3, 7, 10));
            at(h, 10, 11, get("a"), ranged(3, []));
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn rejects_a_lease_that_comes_back() {
        let expired = kind(check, |h| {
            attached(h);
            at(h, 12, 13, get("a"), ranged(3, []));
            at(h, 14, 15, keep_alive(7), kept_alive(3, 7, 10));
        });
        assert_eq!(expired, "renewed-after-expiry");
        let revoked_first = kind(check, |h| {
            attached(h);
            at(h, 5, 6, revoke(7), revoked(3));
            at(h, 7, 8, keep_alive(7), kept_alive(3, 7, 10));
        });
        assert_eq!(revoked_first, "renewed-after-revoke");
        for request in [put_with("b", "1", 7), txn([], [put_with("b", "1", 7)], [])] {
            let response =
                if matches!(request, Request::Put(_)) { written(4) } else { decided(4, true, [written(4)]) };
            let attached_then = kind(check, |h| {
                attached(h);
                at(h, 5, 6, revoke(7), revoked(3));
                at(h, 7, 8, request, response);
            });
            assert_eq!(attached_then, "attached-after-revoke");
        }
        let overlapping = judged(check, |h| {
            attached(h);
            at(h, 5, 8, revoke(7), revoked(3));
            let index = h.ok(1, keep_alive(7), kept_alive(2, 7, 10));
            h.during(index, 7 * SECOND_NS, 9 * SECOND_NS);
        });
        assert!(overlapping.holds(), "{overlapping}");
    }

    #[test]
    fn rejects_a_denial_while_it_is_alive() {
        let message = "etcdserver: requested lease not found";
        let refused = |request: Request, from_s: u64| {
            judged(check, |h| {
                attached(h);
                let index = h.failed(0, request.clone(), "NotFound", message);
                h.during(index, from_s * SECOND_NS, (from_s + 1) * SECOND_NS);
            })
        };
        let two = txn([], [put_with("b", "1", 7), put_with("c", "1", 9)], []);
        for request in [put_with("b", "1", 7), txn([], [put_with("b", "1", 7)], []), keep_alive(7), revoke(7)]
        {
            assert!(refused(request.clone(), 5).is_violated(), "{request}");
            assert!(refused(request.clone(), 10).holds(), "{request}");
        }
        assert!(refused(two, 5).holds() && refused(keep_alive(8), 5).holds());
        let told = |request: Request, response: Response| {
            judged(check, |h| {
                attached(h);
                at(h, 5, 6, request, response);
            })
        };
        assert!(told(keep_alive(7), kept_alive(2, 7, 0)).is_violated());
        assert!(told(time_to_live(7), lives(2, 7, -1, 0, &[])).is_violated());
        assert!(told(time_to_live(7), lives(2, 7, 0, 10, &["a"])).holds());
        let ungranted = judged(check, |h| {
            let index = h.ok(1, keep_alive(7), kept_alive(1, 7, 0));
            h.during(index, SECOND_NS, 3 * SECOND_NS);
            attached(h);
        });
        assert!(ungranted.holds(), "{ungranted}");
    }

    #[test]
    fn rejects_a_key_attached_to_a_lease_that_is_none() {
        let put_with_8 = |h: &mut Builder| at(h, 5, 6, put_with("b", "1", 8), written(3));
        let kind = kind(check, |h| {
            attached(h);
            put_with_8(h);
        });
        assert_eq!(kind, "attached-to-nothing");
        for request in [grant(0, 10), grant(8, 10), lock("l", 0)] {
            let verdict = judged(check, |h| {
                attached(h);
                let unknown = h.unknown(1, request);
                h.during(unknown, 4 * SECOND_NS, 5 * SECOND_NS);
                put_with_8(h);
            });
            assert!(verdict.holds(), "{verdict}");
        }
        // A history that tells nothing of grants.
        let verdict = judged(check, |h| {
            put_with_8(h);
            at(h, 7, 8, leases(), listed(3, &[]));
        });
        assert!(!verdict.is_violated(), "{verdict}");
    }
}
