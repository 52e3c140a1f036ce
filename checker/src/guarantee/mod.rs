//! The guarantees: one file each, one line each in [`GUARANTEES`].

mod answered_owners;
mod applied_agreement;
mod auth_enforced;
mod believed;
mod blame;
mod boots;
#[cfg(test)]
mod by_hand;
mod case;
mod certainty;
mod compaction;
mod contradiction;
mod durable;
mod election_one_leader;
mod explain;
mod foreknown;
mod guard;
#[cfg(test)]
mod guessed_owners;
#[cfg(test)]
mod guesses;
mod historical_read;
mod holders;
mod leader_completeness;
mod lease_alive;
mod lease_api;
mod lease_expires;
mod lease_removal;
mod linearizable;
mod lock_exclusive;
mod lock_fair;
mod log_matching;
mod member_agreement;
mod namespace_isolated;
mod observed_leaders;
mod one_leader_per_term;
mod order;
mod ownership;
mod past_reads;
#[cfg(test)]
mod paths_agree;
mod permission;
mod recovers;
mod refusals;
mod revision;
mod rewrites;
mod serializable_read;
mod sorts;
mod space;
mod txn_atomic;
mod watch_agreement;
mod watch_atomic;
mod watch_bookmarkable;
mod watch_filter;
mod watch_is_create;
mod watch_ordered;
mod watch_prev_kv;
mod watch_reliable;
mod watch_resumable;
mod watch_unique;

pub use believed::{BelievedOverlaps, believed_overlaps};
pub use case::Case;
pub(crate) use space::is_false_no_space;

use crate::history::History;
use crate::search::Budget;
use crate::verdict::{Verdict, Verdicts};
use std::borrow::Cow;

/// One thing that must hold in every history.
#[derive(Clone, Copy, Debug)]
pub struct Guarantee {
    /// What it is called.
    pub name: &'static str,
    /// What it promises, in a line.
    pub about: &'static str,
    check: fn(&Case<'_>) -> Verdict,
}

/// Every guarantee there is.
#[rustfmt::skip]
pub const GUARANTEES: &[Guarantee] = &[
    Guarantee { name: "linearizable", about: "completed operations have one order that respects real time and explains every response", check: linearizable::check },
    Guarantee { name: "revision", about: "one revision per modifying request, one more each, and keys carry the revisions of their writes", check: revision::check },
    Guarantee { name: "serializable-read", about: "a serializable read returns exactly the state at its revision, and never goes back on one member", check: serializable_read::check },
    Guarantee { name: "historical-read", about: "a range at a revision returns the same content whenever and wherever it is asked, or is rightly refused", check: historical_read::check },
    Guarantee { name: "txn-atomic", about: "no read, txn or watch observes part of a txn", check: txn_atomic::check },
    Guarantee { name: "durable", about: "what was acknowledged stays, and what was read is never taken back", check: durable::check },
    Guarantee { name: "compaction", about: "after a compaction what is at and after its revision is intact, and what is before it is refused", check: compaction::check },
    Guarantee { name: "watch-ordered", about: "events of one watch never go back in revision", check: watch_ordered::check },
    Guarantee { name: "watch-unique", about: "no (revision, key) is delivered twice on one watch", check: watch_unique::check },
    Guarantee { name: "watch-atomic", about: "all events of one revision that match a watch come in one response", check: watch_atomic::check },
    Guarantee { name: "watch-reliable", about: "between its first and last revision a watch misses no matching event", check: watch_reliable::check },
    Guarantee { name: "watch-resumable", about: "a watch that resumes continues without gap or repeat, or its next revision is compacted", check: watch_resumable::check },
    Guarantee { name: "watch-bookmarkable", about: "after a progress notification no event at or below it follows, and progress never goes back", check: watch_bookmarkable::check },
    Guarantee { name: "watch-prev-kv", about: "a previous value is that of the revision before, and absent only if not asked for or compacted", check: watch_prev_kv::check },
    Guarantee { name: "watch-is-create", about: "an event says that its key was created exactly where the key was absent before", check: watch_is_create::check },
    Guarantee { name: "watch-filter", about: "a watch delivers only keys in its range, and only events not filtered out", check: watch_filter::check },
    Guarantee { name: "watch-agreement", about: "one key at one revision is the same on every member", check: watch_agreement::check },
    Guarantee { name: "lease-alive", about: "a lease and its keys stay while it was granted or kept alive within its TTL, and one that was revoked is gone", check: lease_alive::check },
    Guarantee { name: "lease-expires", about: "once nothing keeps it alive a lease goes within the declared bound, and all its keys in one revision", check: lease_expires::check },
    Guarantee { name: "lease-api", about: "grant, revoke, keepalive, time-to-live and every request with a lease answer as a sequential lessor would", check: lease_api::check },
    Guarantee { name: "lock-exclusive", about: "at most one holder of a lock at a time by revision, and no guarded write of one who lost it", check: lock_exclusive::check },
    Guarantee { name: "lock-fair", about: "holders of a lock take turns in the order in which their keys were created", check: lock_fair::check },
    Guarantee { name: "election-one-leader", about: "at one revision one leader, and observers are shown leaders in order, none skipped but by compaction", check: election_one_leader::check },
    Guarantee { name: "namespace-isolated", about: "through a namespace no key outside it is seen or touched, and keys come without the prefix", check: namespace_isolated::check },
    Guarantee { name: "auth-enforced", about: "no response or event reveals or changes a key without permission, and nobody is denied what is permitted", check: auth_enforced::check },
    Guarantee { name: "member-agreement", about: "at one revision every member has the same content, and after heal all reach the same revision", check: member_agreement::check },
    Guarantee { name: "one-leader-per-term", about: "never two leaders in one term", check: one_leader_per_term::check },
    Guarantee { name: "log-matching", about: "logs with the same entry at one index hold the same entries up to it, in terms that never go back", check: log_matching::check },
    Guarantee { name: "applied-agreement", about: "every member applies the same entry at the same index, and none goes back within one life", check: applied_agreement::check },
    Guarantee { name: "leader-completeness", about: "a new leader's log holds every entry that was committed before its term", check: leader_completeness::check },
    Guarantee { name: "boots", about: "a member starts from what its disk may hold, goes on until a fault ends it, and never starts from damage", check: boots::check },
    Guarantee { name: "recovers", about: "within a bound after the last fault heals there is a leader, a read, a write, and every member catches up", check: recovers::check },
];

/// Judges every guarantee on a history.
pub fn judge(history: &History) -> Verdicts {
    judge_history(history, &case::UNHURRIED, |_| true)
}

/// Judges the guarantees whose name `wanted` accepts.
pub fn judge_only(history: &History, wanted: impl Fn(&str) -> bool) -> Verdicts {
    judge_history(history, &case::UNHURRIED, wanted)
}

/// Judges every guarantee, within limits: what is left undecided says why.
pub fn judge_within(history: &History, budget: &Budget<'_>) -> Verdicts {
    judge_history(history, budget, |_| true)
}

/// Judges every guarantee, within limits, without trying first whether the streaming judge can prove it: for a
/// history with which that judge got nowhere. The verdicts are those of [`judge_within`].
pub fn judge_at_length(history: &History, budget: &Budget<'_>) -> Verdicts {
    judge_whole(history.in_full(), budget, |_| true)
}

/// The verdicts on a history that was told to [`crate::proof::Judge`] and proven sound: its own, and of the
/// guarantees that it does not speak of those on a history without what it does not take.
pub fn judge_proven(proven: &Verdicts) -> Verdicts {
    judge_rest(&Case::new(&History::default()), proven, |_| true)
}

fn judge_history(history: &History, budget: &Budget<'_>, wanted: impl Fn(&str) -> bool) -> Verdicts {
    let history = history.in_full();
    // Most histories are sound, and most of those are proven so at once.
    match crate::proof::judge_within(&history, budget) {
        Ok(proven) => judge_rest(&Case::within(&history, *budget), &proven, wanted),
        Err(_) => judge_whole(history, budget, wanted),
    }
}

/// Judges a history whose keys are in full.
fn judge_whole(history: Cow<'_, History>, budget: &Budget<'_>, wanted: impl Fn(&str) -> bool) -> Verdicts {
    Case::open(history, *budget, |case, order| {
        let mut verdicts = judge_rest(case, &Verdicts::default(), wanted);
        verdicts.each_evidence(|evidence| order.restore(evidence));
        verdicts
    })
}

/// Judges what is not proven yet.
fn judge_rest(case: &Case<'_>, proven: &Verdicts, wanted: impl Fn(&str) -> bool) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for guarantee in GUARANTEES.iter().filter(|guarantee| wanted(guarantee.name)) {
        let verdict = match proven.get(guarantee.name) {
            _ if case.budget.is_stopped() => {
                Verdict::Unknown { why: "stopped by the caller before it was judged".to_owned() }
            }
            Some(verdict) => verdict.clone(),
            None => (guarantee.check)(case),
        };
        verdicts.add(guarantee.name, verdict);
    }
    verdicts
}

/// The verdicts that rest on what the host saw alone.
pub(crate) fn of_observations(history: &History) -> [(&'static str, Verdict); 3] {
    let case = Case::new(history);
    [
        ("member-agreement", member_agreement::check(&case)),
        ("one-leader-per-term", one_leader_per_term::check(&case)),
        ("boots", boots::check(&case)),
    ]
}

/// Judges `linearizable` by the order of revisions alone; [`judge`] lets the search decide what that leaves
/// open.
pub fn linearizable_by_revisions(history: &History) -> Verdict {
    Case::one(history, linearizable::by_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_history_proves_nothing() {
        let verdicts = judge(&History::default());
        for guarantee in GUARANTEES {
            assert_eq!(verdicts.get(guarantee.name), Some(&Verdict::Vacuous), "{}", guarantee.name);
        }
    }

    #[test]
    fn what_was_not_judged_in_time_is_undecided() {
        let verdicts = judge_within(&History::default(), &Budget::until(&|| true));
        for guarantee in GUARANTEES {
            assert!(
                matches!(verdicts.get(guarantee.name), Some(Verdict::Unknown { why }) if why.starts_with("stopped")),
                "{}",
                guarantee.name
            );
        }
    }

    #[test]
    fn names_are_unique_slugs() {
        for (at, guarantee) in GUARANTEES.iter().enumerate() {
            assert!(guarantee.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(!guarantee.about.is_empty());
            assert!(GUARANTEES[at + 1..].iter().all(|other| other.name != guarantee.name));
        }
    }
}
