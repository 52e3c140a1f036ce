//! Attempts to refute smaller histories, and what they may cost together.

use super::budget::Budget;
use super::call::Call;
use super::candidates::Candidate;
use super::decision::Illegal;
use super::member::Member;
use super::walk::{End, Hints, Turn, Walk};
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// Preparing a search of so many calls counts as one step.
const CALLS_PER_STEP: u64 = 4;

/// A history that has no order.
pub(super) struct Refuted {
    pub kept: Vec<Member>,
    pub illegal: Illegal,
}

/// The result of an attempt.
pub(super) enum Attempt {
    Refuted(Refuted),
    /// It has an order.
    Legal,
    /// It took too long.
    Open,
}

/// A series of attempts.
pub(super) struct Attempts<'b, S: SequentialSpec> {
    init: &'b S,
    pub calls: &'b [Call<S::Op, S::Ret>],
    hints: Hints<S>,
    budget: &'b Budget<'b>,
    steps_left: u64,
}

impl<'b, S> Attempts<'b, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    pub fn new(
        init: &'b S,
        calls: &'b [Call<S::Op, S::Ret>],
        hints: Hints<S>,
        budget: &'b Budget<'b>,
    ) -> Self {
        Attempts { init, calls, hints, budget, steps_left: budget.steps }
    }

    /// True if there is nothing left to spend.
    pub(crate) fn are_over(&self) -> bool {
        self.steps_left == 0 || self.budget.is_stopped()
    }

    /// The steps left to spend.
    pub(crate) fn steps_left(&self) -> u64 {
        self.steps_left
    }

    /// Says nothing of what a member was answered; `None` if nothing is left of it then, because it only reads.
    pub(crate) fn unsaid(&self, member: Member) -> Option<Member> {
        let call = &self.calls[member.at as usize];
        let ret = call.ret.as_ref().filter(|_| member.is_answered()).map(|(_, ret)| ret);
        (!(self.hints.is_read)(&call.op, ret)).then(|| member.unsaid())
    }

    /// Searches, with so many steps at most.
    pub(crate) fn refute(&mut self, kept: Vec<Member>, steps: u64) -> Attempt {
        self.spend(kept.len() as u64 / CALLS_PER_STEP + 1);
        let Some(mut walk) = self.walk(&kept) else { return Attempt::Open };
        let end = walk.advance(&self.turn(steps.min(self.steps_left), &|| self.budget.is_stopped()));
        self.spend(walk.steps());
        match end {
            End::Illegal(illegal) => Attempt::Refuted(Refuted { kept, illegal }),
            End::Order(_) => Attempt::Legal,
            End::Steps | End::Memory | End::Stopped => Attempt::Open,
        }
    }

    /// The possible answers of a call: so many, with so many steps at most.
    pub fn ask(&self, members: &[Member], call: usize, at_most: usize, steps: u64) -> Vec<Candidate<S::Ret>> {
        let Some(walk) = self.walk(members) else { return Vec::new() };
        let mut walk = walk.asking(call, at_most);
        walk.advance(&self.turn(steps, &|| self.budget.is_stopped()));
        walk.answers()
    }

    fn walk(&self, members: &[Member]) -> Option<Walk<'b, S>> {
        Walk::new(self.init.clone(), self.calls, members, self.hints, false).ok()
    }

    fn turn<'t>(&self, steps: u64, stop: &'t dyn Fn() -> bool) -> Turn<'t> {
        Turn { steps, bytes: self.budget.memory_bytes, stop }
    }

    /// Spends so many steps.
    pub fn spend(&mut self, steps: u64) {
        self.steps_left = self.steps_left.saturating_sub(steps);
    }
}
