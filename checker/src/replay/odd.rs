//! Answers with a revision that no answer can carry.

use super::reach::revisions_at_most;
use crate::history::{History, Outcome, Revision};
use std::borrow::Cow;

/// An answer with an impossible revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    /// The operation.
    pub(crate) operation: usize,
    /// The revision in the answer.
    pub(crate) revision: Revision,
    /// The newest revision that all requests together can have made, where the answer is far beyond that; `None` where
    /// it is below the revision of an empty store.
    pub(crate) newest: Option<Revision>,
}

/// The distance beyond everything at which an answer is odd by itself. One that is nearer is part of the line: it
/// shows that a revision was skipped, and which.
const NEAR: Revision = 64;

/// The answers of a history whose revision cannot be: 0 or less, or far beyond all that the requests can have made. Where
/// no answer carries a revision, none were recorded, and none is odd.
pub(crate) fn odd_answers(history: &History) -> Vec<Odd> {
    let revisions = || {
        let answers = history.operations.iter().enumerate();
        answers.filter_map(|(index, operation)| Some((index, operation.response()?.header().revision)))
    };
    if revisions().all(|(_, revision)| revision <= 0) {
        return Vec::new();
    }
    let newest = newest_possible(history);
    let far = far_beyond(newest);
    let is_odd = |(_, revision): &(usize, Revision)| *revision <= 0 || *revision > far;
    let odd = revisions().filter(is_odd).map(|(operation, revision)| Odd {
        operation,
        revision,
        newest: (revision > far).then_some(newest),
    });
    odd.collect()
}

/// The newest revision that all requests together can have made. Of a store that was there before there is no saying what
/// it had come to.
pub(super) fn newest_possible(history: &History) -> Revision {
    match history.begins_with_store() {
        true => 1 + history.operations.iter().map(revisions_at_most).sum::<Revision>(),
        false => Revision::MAX,
    }
}

/// Up to where a revision is near enough to the newest that can be to show that one was skipped.
pub(super) fn far_beyond(newest: Revision) -> Revision {
    newest.saturating_mul(2).saturating_add(NEAR)
}

/// The history as it is without what odd answers say: their requests may have taken effect, at any time.
pub(crate) fn without<'h>(history: &'h History, odd: &[Odd]) -> Cow<'h, History> {
    if odd.is_empty() {
        return Cow::Borrowed(history);
    }
    let mut without = history.clone();
    for odd in odd {
        let why = format!("answered with revision {}", odd.revision);
        without.operations[odd.operation].outcome = Outcome::Unknown(why);
    }
    Cow::Owned(without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn odd(mut h: Builder, revisions: &[Revision]) -> Vec<(Revision, Option<Revision>)> {
        h.ok(0, put("a", "1"), written(2));
        for revision in revisions {
            h.ok(1, get("b"), ranged(*revision, []));
        }
        h.unknown(0, put_with("a", "2", 7));
        odd_answers(&h.build()).iter().map(|odd| (odd.revision, odd.newest)).collect()
    }

    #[test]
    fn what_is_below_or_beyond_everything_is_odd() {
        let found = odd(Builder::default(), &[2, 0, 3, -7, 4, 72, 73, Revision::MAX, Revision::MIN]);
        let beyond = Some(4);
        assert_eq!(
            found,
            [(0, None), (-7, None), (73, beyond), (Revision::MAX, beyond), (Revision::MIN, None)]
        );
        let mut h = Builder::in_the_middle();
        h.ok(0, put("a", "1"), written(1000));
        h.ok(0, get("a"), ranged(0, []));
        assert_eq!(odd_answers(&h.build()), [Odd { operation: 1, revision: 0, newest: None }]);
    }

    #[test]
    fn where_no_revisions_were_recorded_none_is_odd() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(0));
        h.ok(0, get("a"), ranged(0, []));
        let history = h.build();
        assert_eq!(odd_answers(&history), []);
        assert!(matches!(without(&history, &[]), Cow::Borrowed(_)));
    }

    #[test]
    fn without_it_the_request_may_have_taken_effect() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(-1));
        let history = h.build();
        let rest = without(&history, &odd_answers(&history));
        assert_eq!(rest.operations[0], history.operations[0]);
        assert!(matches!(rest.operations[1].outcome, Outcome::Unknown(_)));
    }
}
