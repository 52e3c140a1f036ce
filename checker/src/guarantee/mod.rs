//! The guarantees: one file each, one line each in [`GUARANTEES`].

mod auth;
#[cfg(test)]
mod by_hand;
mod case;
mod cluster;
#[cfg(test)]
#[path = "../../../docs/examples/guarantee.rs"]
mod demonstration;
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

pub(crate) use case::Case;
pub(crate) use case::UNHURRIED;
pub(crate) use kv::space::is_false_no_space;
pub use lock::believed::{BelievedOverlaps, believed_overlaps};

use crate::history::History;
use crate::search::Budget;
use crate::verdict::{Verdict, Verdicts};
use std::borrow::Cow;

/// One thing that must hold in every history.
#[derive(Clone, Copy, Debug)]
pub struct Guarantee {
    /// The name of the guarantee.
    pub name: &'static str,
    /// The promise, in a line.
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

/// Judges a history whose keys are in full.
pub(crate) fn judge_recorded(
    history: Cow<'_, History>,
    budget: &Budget<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Verdicts {
    Case::open(history, *budget, |case, order| {
        let mut verdicts = judge_rest(case, &Verdicts::default(), wanted);
        verdicts.each_evidence(|evidence| order.restore(evidence));
        verdicts
    })
}

/// Judges the guarantees that the proof does not speak of, and adds its verdicts. The keys of the history are in full.
pub(crate) fn judge_rest_of(
    history: &History,
    proven: &Verdicts,
    budget: &Budget<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Verdicts {
    judge_rest(&Case::within(history, *budget), proven, wanted)
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

/// Judges `linearizable` by the order of revisions alone, without the search.
#[cfg(feature = "testing")]
pub(crate) fn linearizable_by_replay(history: &History) -> Verdict {
    Case::one(history, kv::linearizable::by_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_slugs() {
        let rows = [GUARANTEES, &[demonstration::GUARANTEE]].concat();
        for (at, guarantee) in rows.iter().enumerate() {
            assert!(guarantee.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(!guarantee.about.is_empty());
            assert!(rows[at + 1..].iter().all(|other| other.name != guarantee.name));
        }
    }

    #[test]
    fn the_guide_shows_the_example_as_it_is() {
        let guide = include_str!("../../../docs/guarantees.md");
        let example = include_str!("../../../docs/examples/guarantee.rs");
        assert!(guide.contains(&format!("```rust\n{example}```")));
    }
}
