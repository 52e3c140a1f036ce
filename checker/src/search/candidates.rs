//! The possible answers of a call, in every state in which it can have been asked.

use super::attempts::Attempts;
use super::member::Member;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// The steps made to find answers: no more, and no fewer if it takes as many.
const STEPS_AT_MOST: u64 = 20_000;
const STEPS_AT_LEAST: u64 = 1_000;
/// The most different answers listed.
const ANSWERS_AT_MOST: usize = 16;

/// An answer that a call would have been given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Ret> {
    /// The calls before it, in order.
    pub order: Vec<usize>,
    /// The answer in that state.
    pub answer: Ret,
}

/// The different answers that `stuck` would have been given after any legal order of other members after which
/// time allows it.
pub(super) fn candidates<S>(
    members: &[Member],
    stuck: usize,
    attempts: &Attempts<'_, S>,
) -> Vec<Candidate<S::Ret>>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let steps = attempts.steps_left().clamp(STEPS_AT_LEAST, STEPS_AT_MOST);
    attempts.ask(members, stuck, ANSWERS_AT_MOST, steps)
}
