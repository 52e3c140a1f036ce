//! `election-one-leader`: at one revision one leader; and whoever observes is shown the leaders, and all they
//! proclaim, in the order of revisions, none skipped but by compaction to the newest.
//!
//! etcd: `client/v3/concurrency/election.go`: `Campaign` waits as a lock does; `observe` shows the key that was
//! created first, then each later put of that key, and after its delete the next. (etcd looks for the next in the
//! present, not at the delete, and so may skip one that led only in between; what is judged here may not.)
//! `server/etcdserver/api/v3election/election.go` serves both.

use super::answered_owners;
use super::holders::{by_ownership, exclusive, holds_of};
use crate::guarantee::{Case, Guarantee};
use crate::history::HoldKind;
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "election-one-leader",
    about: "at one revision one leader, and observers are shown leaders in order, none skipped but by compaction",
    check,
};

/// Examines every answer about a leadership, every leadership, every write and proclamation that was guarded by its
/// key meanwhile, and every leader that was shown to those who observed.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    const KIND: HoldKind = HoldKind::Leader;
    let answered = answered_owners::wrong_key(case, KIND).or_else(|| answered_owners::both_first(case, KIND));
    if let Some(evidence) = answered.or_else(|| answered_owners::denied_leader(case)) {
        return Verdict::of(1, Some(evidence));
    }
    let held = holds_of(case, KIND).map(|(_, hold)| &hold.name);
    let observed = case.history.observers.iter().map(|observer| &observer.name);
    let names = held.chain(observed).chain(answered_owners::names(case, KIND)).collect();
    by_ownership(case, names, |line, owners, findings| {
        exclusive(case, KIND, line, owners, findings);
        answered_owners::examine(case, KIND, line, owners, findings);
        super::observed_leaders::examine(case, line, owners, findings);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;
    use crate::history::{CompareResult, CompareTarget, Hold};

    /// Clients 0 and 1 stand at 2 and 3; client 0 leads, and resigns at 4.
    fn campaign(h: &mut Builder) {
        h.ok(0, put("e/7", "zero"), written(2));
        h.hold(0, Hold { create_revision: 2, ..leader_hold("e", "e/7", 7, 2) }, 20, None);
        h.ok(1, put("e/8", "one"), written(3));
        h.ok(0, delete("e/7"), deleted(4, 1));
    }

    #[test]
    fn accepts_leaders_one_after_the_other() {
        let verdict = judged(check, |h| {
            campaign(h);
            h.hold(1, Hold { create_revision: 3, ..leader_hold("e", "e/8", 8, 4) }, 100, None);
            // Locks are for another to judge.
            h.hold(2, lock_hold("e", "e/9", 9, 4), 100, None);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
        assert_eq!(
            judged(check, |h| {
                h.hold(2, lock_hold("e", "e/9", 9, 4), 100, None);
            }),
            Verdict::Vacuous
        );
    }

    #[test]
    fn rejects_a_leader_beside_another() {
        let two = |h: &mut Builder| {
            campaign(h);
            h.hold(1, leader_hold("e", "e/8", 8, 3), 50, None);
        };
        assert_eq!(kind(check, two), "not-first");
        let gone = |h: &mut Builder| {
            campaign(h);
            h.ok(1, delete("e/8"), deleted(5, 1));
            h.hold(1, leader_hold("e", "e/8", 8, 5), 100, None);
        };
        assert_eq!(kind(check, gone), "no-key");
    }

    #[test]
    fn rejects_what_one_proclaims_who_was_deposed() {
        let proclaims = |h: &mut Builder| {
            campaign(h);
            let guard = crate::history::Compare {
                key: "e/7".into(),
                range_end: Default::default(),
                result: CompareResult::Equal,
                target: CompareTarget::CreateRevision(2),
            };
            h.ok(0, txn([guard], [put("e/7", "still")], []), decided(5, true, [written(5)]));
        };
        assert_eq!(kind(check, proclaims), "wrote-after-loss");
    }
}
