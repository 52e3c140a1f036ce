//! `lock-exclusive`: at most one holder of a lock at a time, by revision; and a write guarded by the ownership key
//! never succeeds for one who lost it.
//!
//! etcd: `client/v3/concurrency/mutex.go` (`Lock` waits for every key under the name that was created before its
//! own to be deleted, then looks whether its own is still there; `IsOwner` is the guard), which
//! `server/etcdserver/api/v3lock/lock.go` serves. Without the last look a client whose lease ran out while it waited
//! takes the lock (etcd issue 11456; Jepsen, etcd 3.4.3, 2020).
//!
//! By the clock a client may believe in a lock that it lost:
//! [`believed_overlaps`](crate::guarantee::believed_overlaps) counts that, and it is no violation.

use super::answered_owners;
use super::holders::{by_ownership, exclusive, holds_of};
use crate::guarantee::{Case, Guarantee};
use crate::history::HoldKind;
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "lock-exclusive",
    about: "at most one holder of a lock at a time by revision, and no guarded write of one who lost it",
    check,
};

/// Examines every answer to a lock, every hold of one, and every write that was guarded by its key meanwhile.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    const KIND: HoldKind = HoldKind::Lock;
    if let Some(evidence) =
        answered_owners::wrong_key(case, KIND).or_else(|| answered_owners::both_first(case, KIND))
    {
        return Verdict::of(1, Some(evidence));
    }
    let held = holds_of(case, KIND).map(|(_, hold)| &hold.name);
    by_ownership(case, held.chain(answered_owners::names(case, KIND)).collect(), |line, owners, findings| {
        exclusive(case, KIND, line, owners, findings);
        answered_owners::examine(case, KIND, line, owners, findings);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;
    use crate::history::{Compare, CompareResult, CompareTarget, Hold, Request};

    /// A client queues for lock `l` with its key.
    fn queue(h: &mut Builder, client: u32, key: &str, revision: i64) {
        let taking = txn([unmodified_since(key, 0)], [put(key, "")], []);
        h.ok(client, taking, decided(revision, true, [written(revision)]));
    }

    fn hold(h: &mut Builder, client: u32, key: &str, create_revision: i64, acquired_revision: i64) -> usize {
        let from_ns = h.tick();
        let (name, _) = key.split_once('/').unwrap();
        h.hold(client, Hold { create_revision, ..lock_hold(name, key, 7, acquired_revision) }, from_ns, None)
    }

    /// Clients 0 and 1 queue at 2 and 3; the first holds the lock and gives it back at 4.
    fn handed_over(h: &mut Builder) {
        queue(h, 0, "l/7", 2);
        hold(h, 0, "l/7", 2, 2);
        queue(h, 1, "l/8", 3);
        h.ok(0, delete("l/7"), deleted(4, 1));
    }

    fn guarded(key: &str, result: CompareResult, target: CompareTarget) -> Request {
        let guard = Compare { key: key.into(), range_end: Default::default(), result, target };
        txn([guard], [put("x", "1")], [])
    }

    #[test]
    fn accepts_holders_one_after_the_other() {
        let verdict = judged(check, |h| {
            handed_over(h);
            h.ok(1, get("l/8"), ranged(4, [kv("l/8", "", 3, 3, 1)]));
            hold(h, 1, "l/8", 3, 4);
            // Of another name, and of one that begins like it.
            queue(h, 2, "m/9", 5);
            hold(h, 2, "m/9", 0, 5);
            queue(h, 3, "l", 6);
            // The same owner, once more.
            hold(h, 1, "l/8", 3, 6);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 4 });
        assert_eq!(judged(check, handed_over), Verdict::Holds { examined: 1 });
        assert_eq!(judged(check, |h| queue(h, 0, "l/7", 2)), Verdict::Vacuous);
    }

    #[test]
    fn rejects_a_holder_whose_key_is_gone_or_never_was() {
        let gone = |h: &mut Builder| {
            handed_over(h);
            h.ok(1, delete("l/8"), deleted(5, 1));
            hold(h, 1, "l/8", 3, 5);
        };
        assert_eq!(kind(check, gone), "no-key");
        let never = |h: &mut Builder| {
            queue(h, 0, "l/7", 2);
            hold(h, 1, "l/8", 0, 2);
        };
        assert_eq!(kind(check, never), "no-key");
        let elsewhere = |h: &mut Builder| {
            queue(h, 0, "m/7", 2);
            h.hold(0, lock_hold("l", "m/7", 7, 2), 50, None);
        };
        assert_eq!(kind(check, elsewhere), "no-key");
    }

    #[test]
    fn rejects_a_holder_whose_key_is_another_of_the_same_name() {
        let again = |h: &mut Builder| {
            handed_over(h);
            queue(h, 2, "l/7", 5);
            hold(h, 2, "l/7", 2, 5);
        };
        assert_eq!(kind(check, again), "another-key");
    }

    #[test]
    fn rejects_a_holder_who_is_not_first() {
        let second = |h: &mut Builder| {
            queue(h, 0, "l/7", 2);
            queue(h, 1, "l/8", 3);
            hold(h, 1, "l/8", 3, 3);
        };
        assert_eq!(kind(check, second), "not-first");
        // Not even if it is the key of one who left that stood right before it.
        let third = |h: &mut Builder| {
            queue(h, 0, "l/7", 2);
            queue(h, 1, "l/8", 3);
            queue(h, 2, "l/9", 4);
            h.ok(1, delete("l/8"), deleted(5, 1));
            hold(h, 2, "l/9", 4, 5);
        };
        assert_eq!(kind(check, third), "not-first");
        let early = |h: &mut Builder| {
            handed_over(h);
            hold(h, 1, "l/8", 3, 3);
        };
        assert_eq!(kind(check, early), "not-first");
    }

    #[test]
    fn rejects_two_whose_keys_came_at_once() {
        let verdict = judged(check, |h| {
            h.ok(
                0,
                txn([], [put("l/7", ""), put("l/8", "")], []),
                decided(2, true, [written(2), written(2)]),
            );
            hold(h, 0, "l/7", 2, 2);
            h.ok(1, put("x", ""), written(3));
            hold(h, 1, "l/8", 2, 3);
        });
        assert_eq!(verdict.evidence().unwrap().kind, "two-holders");
        // One after the other they may.
        let verdict = judged(check, |h| {
            h.ok(
                0,
                txn([], [put("l/7", ""), put("l/8", "")], []),
                decided(2, true, [written(2), written(2)]),
            );
            hold(h, 0, "l/7", 2, 2);
            h.ok(0, delete("l/7"), deleted(3, 1));
            hold(h, 1, "l/8", 2, 3);
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn accepts_writes_of_one_who_owns_and_of_others() {
        use CompareResult::*;
        use CompareTarget::*;
        let verdict = judged(check, |h| {
            queue(h, 0, "l/7", 2);
            hold(h, 0, "l/7", 2, 2);
            h.ok(0, guarded("l/7", Equal, CreateRevision(2)), decided(3, true, [written(3)]));
            h.ok(0, delete("l/7"), deleted(4, 1));
            // Refused, a condition that is true of an absent key, and none at all.
            h.ok(0, guarded("l/7", Equal, CreateRevision(2)), decided(4, false, []));
            h.ok(0, guarded("l/7", Less, ModRevision(2)), decided(5, true, [written(5)]));
            h.ok(0, put("x", "2"), written(6));
            queue(h, 1, "l/7", 7);
            // What its key is compared with that is not of it, and what another does.
            h.ok(1, guarded("l/7", Greater, Version(0)), decided(8, true, [written(8)]));
            h.ok(0, guarded("l/7", Equal, Lease(0)), decided(9, true, [written(9)]));
            h.ok(0, guarded("l/7", Equal, Version(0)), decided(9, false, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn accepts_a_write_after_the_client_knew() {
        let verdict = judged(check, |h| {
            queue(h, 0, "l/7", 2);
            let held = h.tick();
            let until = h.tick();
            h.hold(0, lock_hold("l", "l/7", 7, 2), held, Some(until));
            h.ok(0, delete("l/7"), deleted(3, 1));
            queue(h, 0, "l/7", 4);
            let present = guarded("l/7", CompareResult::Greater, CompareTarget::Version(0));
            h.ok(0, present, decided(5, true, [written(5)]));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_a_guarded_write_of_one_who_lost_it() {
        use CompareResult::*;
        use CompareTarget::*;
        for (result, target) in [
            (Equal, CreateRevision(2)),
            (Equal, ModRevision(2)),
            (NotEqual, Version(0)),
            (Greater, CreateRevision(1)),
        ] {
            let found = kind(check, |h| {
                queue(h, 0, "l/7", 2);
                hold(h, 0, "l/7", 2, 2);
                h.ok(1, delete("l/7"), deleted(3, 1));
                h.ok(0, guarded("l/7", result, target.clone()), decided(4, true, [written(4)]));
            });
            assert_eq!(found, "wrote-after-loss");
        }
        // Its name is there again, but it is not its own.
        let again = |h: &mut Builder| {
            queue(h, 0, "l/7", 2);
            hold(h, 0, "l/7", 2, 2);
            h.ok(1, delete("l/7"), deleted(3, 1));
            queue(h, 1, "l/7", 4);
            h.ok(0, guarded("l/7", Greater, Version(0)), decided(5, true, [written(5)]));
        };
        assert_eq!(kind(check, again), "wrote-after-loss");
    }

    /// The key that stood first is deleted at 4 or 5: one of two unanswered revisions, the other of which is a
    /// put. The second holds from 4 on.
    fn open(h: &mut Builder, is_put_first: bool) {
        queue(h, 0, "l/7", 2);
        queue(h, 1, "l/8", 3);
        let mut unknown = [(2, put("x", "1")), (0, delete("l/7"))];
        unknown[..].rotate_left(usize::from(!is_put_first));
        for (client, request) in unknown {
            h.unknown(client, request);
        }
        h.ok(1, put("y", "1"), written(6));
        hold(h, 1, "l/8", 3, 4);
    }

    #[test]
    fn goes_back_on_a_guess() {
        // Whichever the line tries first.
        let verdicts = [true, false].map(|is_put_first| judged(check, |h| open(h, is_put_first)));
        assert!(verdicts.iter().all(Verdict::holds), "{verdicts:?}");
        // A watch of the keys knows.
        let watched = |events: [i64; 2]| {
            judged(check, |h| {
                open(h, true);
                let watch = h.watch(3, watching("l/", "l0", 2));
                h.created(watch, 1);
                h.events(watch, [put_event(kv("l/7", "", 2, 2, 1))]);
                h.events(watch, [put_event(kv("l/8", "", 3, 3, 1))]);
                h.events(watch, [delete_event("l/7", events[0])]);
                h.progress(watch, events[1]);
            })
        };
        assert_eq!(watched([5, 6]).evidence().unwrap().kind, "not-first");
        assert_eq!(watched([4, 6]), Verdict::Holds { examined: 1 });
    }

    #[test]
    fn does_not_decide_beyond_what_is_known() {
        let verdict = judged(check, |h| {
            queue(h, 0, "l/7", 2);
            hold(h, 0, "l/7", 2, 3);
        });
        assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict}");
    }
}
