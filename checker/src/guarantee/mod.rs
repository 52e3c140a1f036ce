//! The guarantees, in folders by what they guard: a file each, and a row in the list of its folder.

/// Declares the guarantees of a folder. A row `file,` makes the module `file`, and its `GUARANTEE` one of the `GUARANTEES` of
/// the folder, in the order of the rows.
macro_rules! guarantees {
    ($($(#[$attribute:meta])* $file:ident,)*) => {
        $(
            $(#[$attribute])*
            pub(in crate::guarantee) mod $file;
        )*

        /// The guarantees of this folder.
        pub(in crate::guarantee) const GUARANTEES: &[$crate::guarantee::Guarantee] = &[$($file::GUARANTEE,)*];
    };
}

mod auth;
#[cfg(test)]
mod by_hand;
mod case;
mod cluster;
#[cfg(test)]
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

/// Every guarantee, folder by folder.
pub const GUARANTEES: &[Guarantee] = &all();

const FOLDERS: [&[Guarantee]; 6] = [
    kv::GUARANTEES,
    watch::GUARANTEES,
    lease::GUARANTEES,
    lock::GUARANTEES,
    auth::GUARANTEES,
    cluster::GUARANTEES,
];

const COUNT: usize = {
    let (mut count, mut folders) = (0, FOLDERS.as_slice());
    while let [folder, rest @ ..] = folders {
        count += folder.len();
        folders = rest;
    }
    count
};

const fn all() -> [Guarantee; COUNT] {
    let mut all = [kv::GUARANTEES[0]; COUNT];
    let (mut next, mut folders) = (0, FOLDERS.as_slice());
    while let [folder, rest @ ..] = folders {
        let (_, to) = all.split_at_mut(next);
        to.split_at_mut(folder.len()).0.copy_from_slice(folder);
        next += folder.len();
        folders = rest;
    }
    all
}

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
        let rows = [GUARANTEES, demonstration::GUARANTEES].concat();
        for (at, guarantee) in rows.iter().enumerate() {
            assert!(guarantee.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(!guarantee.about.is_empty());
            assert!(rows[at + 1..].iter().all(|other| other.name != guarantee.name));
        }
    }
}
