//! The guarantees: one file each, one line each in [`GUARANTEES`].

mod auth;
#[cfg(test)]
mod by_hand;
mod case;
mod cluster;
#[cfg(test)]
mod guesses;
mod kv;
mod lease;
mod lock;
mod order;
#[cfg(test)]
mod paths_agree;
mod sorts;
mod watch;

pub use case::Case;
pub(crate) use kv::space::is_false_no_space;
pub use lock::believed::{BelievedOverlaps, believed_overlaps};

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

/// Every guarantee: one row each, a constant of the file that judges it.
pub const GUARANTEES: &[Guarantee] = &[
    kv::linearizable::GUARANTEE,
    kv::revision::GUARANTEE,
    kv::serializable_read::GUARANTEE,
    kv::historical_read::GUARANTEE,
    kv::txn_atomic::GUARANTEE,
    kv::durable::GUARANTEE,
    kv::compaction::GUARANTEE,
    watch::watch_ordered::GUARANTEE,
    watch::watch_unique::GUARANTEE,
    watch::watch_atomic::GUARANTEE,
    watch::watch_reliable::GUARANTEE,
    watch::watch_resumable::GUARANTEE,
    watch::watch_bookmarkable::GUARANTEE,
    watch::watch_prev_kv::GUARANTEE,
    watch::watch_is_create::GUARANTEE,
    watch::watch_filter::GUARANTEE,
    watch::watch_agreement::GUARANTEE,
    lease::lease_alive::GUARANTEE,
    lease::lease_expires::GUARANTEE,
    lease::lease_api::GUARANTEE,
    lock::lock_exclusive::GUARANTEE,
    lock::lock_fair::GUARANTEE,
    lock::election_one_leader::GUARANTEE,
    auth::namespace_isolated::GUARANTEE,
    auth::auth_enforced::GUARANTEE,
    cluster::member_agreement::GUARANTEE,
    cluster::one_leader_per_term::GUARANTEE,
    cluster::log_matching::GUARANTEE,
    cluster::applied_agreement::GUARANTEE,
    cluster::leader_completeness::GUARANTEE,
    cluster::boots::GUARANTEE,
    cluster::recovers::GUARANTEE,
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
        ("member-agreement", cluster::member_agreement::check(&case)),
        ("one-leader-per-term", cluster::one_leader_per_term::check(&case)),
        ("boots", cluster::boots::check(&case)),
    ]
}

/// Judges `linearizable` by the order of revisions alone; [`judge`] lets the search decide what that leaves
/// open.
pub fn linearizable_by_revisions(history: &History) -> Verdict {
    Case::one(history, kv::linearizable::by_line)
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
