//! Judging histories made by hand, in the tests of the guarantees.

use super::Case;
use crate::history::Observation;
use crate::history::build::Builder;
use crate::verdict::Verdict;

/// The verdict of `check` on the history that `build` makes.
pub(super) fn judged(check: fn(&Case<'_>) -> Verdict, build: impl FnOnce(&mut Builder)) -> Verdict {
    let mut history = Builder::default();
    build(&mut history);
    Case::one(&history.build(), check)
}

/// In which way `check` finds that history to break its guarantee.
///
/// # Panics
///
/// If it does not.
pub(super) fn kind(check: fn(&Case<'_>) -> Verdict, build: impl FnOnce(&mut Builder)) -> String {
    let verdict = judged(check, build);
    verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
}

/// The verdict of `check` on a history of observations alone.
pub(super) fn judged_observations(check: fn(&Case<'_>) -> Verdict, observations: &[Observation]) -> Verdict {
    judged(check, |history| observations.iter().cloned().for_each(|seen| history.observation(seen)))
}

/// In which way `check` finds such a history to break its guarantee.
///
/// # Panics
///
/// If it does not.
pub(super) fn kind_of_observations(check: fn(&Case<'_>) -> Verdict, observations: &[Observation]) -> String {
    kind(check, |history| observations.iter().cloned().for_each(|seen| history.observation(seen)))
}
