//! `lock-fair`: those who hold a lock or lead an election take turns in the order in which their keys were created.
//!
//! etcd: `client/v3/concurrency/key.go`, `waitDeletes`: everyone waits for the newest key that was created before
//! its own.

use super::certainty::is_certain;
use super::holders::by_ownership;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};

use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "lock-fair",
    about: "holders of a lock take turns in the order in which their keys were created",
    check,
};

/// Examines every hold that came after another of the same lock or election.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let holds = &case.history.holds;
    by_ownership(case, holds.iter().map(|hold| &hold.name).collect(), |line, owners, findings| {
        // By kind and name: when each was acquired, when its key was created, and which it is.
        let mut turns: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, hold) in holds.iter().enumerate() {
            let under = &owners[&hold.name];
            // One without a key had no turn.
            let Some(life) = under.life_at(&hold.key, hold.acquired_revision) else { continue };
            let turn = (hold.acquired_revision, under.lives[life].created, index);
            turns.entry((hold.kind, &hold.name)).or_default().push(turn);
        }
        for ((_, name), mut turns) in turns {
            turns.sort_unstable();
            for (one, next) in turns.iter().zip(turns.iter().skip(1)) {
                findings.examined += 1;
                let ((acquired, created, first), (later, earlier, second)) = (*one, *next);
                if acquired < later && earlier < created {
                    let message = format!(
                        "the key of revision {created} had {name} at revision {acquired}, before that of revision \
                         {earlier}, which had it at revision {later}"
                    );
                    let exhibits = [first, second].map(|index| Exhibit::hold(case.history, index)).to_vec();
                    let evidence = Evidence::new("out-of-turn", message, exhibits);
                    findings.report(is_certain(case, line, name, earlier, later), evidence);
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;

    /// Three queue with keys of revisions 2, 3 and 4; the first leaves at 5, the second at 6. Each of `turns` is
    /// the number of a client and the revision at which it acquires.
    fn queued(h: &mut Builder, turns: &[(u32, i64)]) {
        for (client, key) in [(0, "l/7"), (1, "l/8"), (2, "l/9")] {
            h.ok(client, put(key, ""), written(i64::from(client) + 2));
        }
        h.ok(0, delete("l/7"), deleted(5, 1));
        h.ok(1, delete("l/8"), deleted(6, 1));
        for (client, acquired_revision) in turns {
            let key = ["l/7", "l/8", "l/9"][*client as usize];
            let from_ns = h.tick();
            h.hold(*client, lock_hold("l", key, 7, *acquired_revision), from_ns, None);
        }
    }

    #[test]
    fn accepts_turns_in_the_order_of_the_keys() {
        assert_eq!(judged(check, |h| queued(h, &[(0, 2), (1, 5), (2, 6)])), Verdict::Holds { examined: 2 });
        // Whoever is recorded first, and one that takes it twice.
        assert_eq!(judged(check, |h| queued(h, &[(2, 6), (1, 5), (1, 5)])), Verdict::Holds { examined: 2 });
        assert_eq!(judged(check, |h| queued(h, &[(0, 2)])), Verdict::Vacuous);
        assert_eq!(judged(check, |_| ()), Verdict::Vacuous);
    }

    #[test]
    fn accepts_other_names_and_kinds() {
        let verdict = judged(check, |h| {
            queued(h, &[(2, 4)]);
            h.hold(1, leader_hold("l", "l/8", 7, 5), 0, None);
            h.hold(1, lock_hold("m", "l/8", 7, 5), 0, None);
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }

    #[test]
    fn leaves_one_without_a_key_to_lock_exclusive() {
        assert_eq!(judged(check, |h| queued(h, &[(2, 4), (0, 6)])), Verdict::Vacuous);
    }

    #[test]
    fn rejects_one_who_passes_another_that_waits() {
        assert_eq!(kind(check, |h| queued(h, &[(2, 4), (1, 5)])), "out-of-turn");
        let leaders = |h: &mut Builder| {
            queued(h, &[]);
            h.hold(2, leader_hold("l", "l/9", 7, 4), 0, None);
            h.hold(1, leader_hold("l", "l/8", 7, 5), 0, None);
        };
        assert_eq!(kind(check, leaders), "out-of-turn");
    }

    #[test]
    fn does_not_decide_by_a_guess() {
        let verdict = judged(check, |h| {
            h.ok(0, put("l/8", ""), written(2));
            h.ok(0, put("l/9", ""), written(3));
            h.unknown(1, put("x", "1"));
            h.unknown(3, put("z", "1"));
            h.ok(2, put("y", ""), written(5));
            h.hold(2, lock_hold("l", "l/9", 7, 3), 0, None);
            h.hold(0, lock_hold("l", "l/8", 7, 5), 0, None);
        });
        assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict}");
    }
}
