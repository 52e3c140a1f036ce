//! Attempts to refute smaller histories, and what they may cost together.

use super::budget::Budget;
use super::call::Call;
use super::candidates::Candidate;
use super::decision::Illegal;
use super::walk::{End, Hints, Turn, Walk};
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// Preparing a search of so many calls counts as one step.
const CALLS_PER_STEP: u64 = 4;

/// A call of a smaller history, and its position in the whole one.
pub(super) type Kept<S> = (usize, Call<<S as SequentialSpec>::Op, <S as SequentialSpec>::Ret>);

/// A history that has no order.
pub(super) struct Refuted<S: SequentialSpec> {
    pub kept: Vec<Kept<S>>,
    /// Positions are those in `kept`.
    pub illegal: Illegal,
}

/// What came of an attempt.
pub(super) enum Attempt<S: SequentialSpec> {
    Refuted(Refuted<S>),
    /// It has an order.
    Legal,
    /// It took too long.
    Open,
}

/// A series of attempts.
pub(super) struct Attempts<'b, S: SequentialSpec> {
    pub init: &'b S,
    pub hints: Hints<S>,
    budget: &'b Budget<'b>,
    steps_left: u64,
}

impl<'b, S> Attempts<'b, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash,
    S::Ret: Clone,
{
    pub fn new(init: &'b S, hints: Hints<S>, budget: &'b Budget<'b>) -> Self {
        Attempts { init, hints, budget, steps_left: budget.steps }
    }

    /// Whether there is nothing left to spend.
    pub fn are_over(&self) -> bool {
        self.steps_left == 0 || self.budget.is_stopped()
    }

    /// Whether the caller asked to stop.
    pub fn are_stopped(&self) -> bool {
        self.budget.is_stopped()
    }

    /// What is left to spend.
    pub fn steps_left(&self) -> u64 {
        self.steps_left
    }

    /// Searches, with so many steps at most.
    pub fn refute(&mut self, kept: Vec<Kept<S>>, steps: u64) -> Attempt<S> {
        let calls: Vec<Call<S::Op, S::Ret>> = kept.iter().map(|(_, call)| call.clone()).collect();
        let members: Vec<u32> = (0..calls.len() as u32).collect();
        self.spend(calls.len() as u64 / CALLS_PER_STEP + 1);
        let Ok(mut walk) = Walk::new(self.init.clone(), &calls, &members, self.hints, false) else {
            return Attempt::Open;
        };
        let stop = || self.budget.is_stopped();
        let turn = Turn { steps: steps.min(self.steps_left), bytes: self.budget.memory_bytes, stop: &stop };
        let end = walk.advance(&turn);
        self.spend(walk.steps());
        match end {
            End::Illegal(illegal) => Attempt::Refuted(Refuted { kept, illegal }),
            End::Order(_) => Attempt::Legal,
            End::Steps | End::Memory | End::Stopped => Attempt::Open,
        }
    }

    /// What a call would have been answered, with so many steps at most.
    pub fn ask(
        &self,
        calls: &[Call<S::Op, S::Ret>],
        stuck: usize,
        at_most: usize,
        steps: u64,
    ) -> Vec<Candidate<S::Ret>> {
        let members: Vec<u32> = (0..calls.len() as u32).collect();
        let Ok(walk) = Walk::new(self.init.clone(), calls, &members, self.hints, false) else {
            return Vec::new();
        };
        let mut walk = walk.asking(stuck, at_most);
        let stop = || self.budget.is_stopped();
        walk.advance(&Turn { steps, bytes: self.budget.memory_bytes, stop: &stop });
        walk.answers()
    }

    /// Spends so many steps.
    pub fn spend(&mut self, steps: u64) {
        self.steps_left = self.steps_left.saturating_sub(steps);
    }
}
