//! The entry: what to search, and how.

use super::budget::Budget;
use super::call::Call;
use super::decision::{Decision, Illegal, Why};
use super::explain::{Explanation, explain};
use super::outlook::MayLead;
use super::partition;
use super::timeline::IsRead;
use super::walk::Walk;
use super::witness;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// The steps of a part's first turn. Each turn is twice as long as the one before.
const FIRST_TURN_STEPS: u64 = 4096;

/// A search for an order of calls that a model would answer so.
///
/// ```
/// use revline_checker::linearizability::{Budget, Call, Search};
/// use stateright::semantics::register::{Register, RegisterOp::*, RegisterRet::*};
///
/// let calls = [
///     Call::answered(0, 1, Write('B'), 4, WriteOk),
///     Call::answered(1, 2, Read, 3, ReadOk('B')),
///     Call::answered(1, 5, Read, 6, ReadOk('A')),
/// ];
/// assert!(Search::new(Register('A'), &calls[..2]).decide(&Budget::UNLIMITED).is_linearizable());
/// assert!(Search::new(Register('A'), &calls).decide(&Budget::UNLIMITED).is_illegal());
/// ```
pub struct Search<'a, S: SequentialSpec> {
    init: S,
    calls: &'a [Call<S::Op, S::Ret>],
    is_read: IsRead<S>,
    may_lead: Option<MayLead<S>>,
    is_compact: bool,
    parts: Option<Vec<Vec<u32>>>,
}

impl<'a, S> Search<'a, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    /// A search over `calls`, in any order, on an object that begins as `init`.
    pub fn new(init: S, calls: &'a [Call<S::Op, S::Ret>]) -> Self {
        Search { init, calls, is_read: |_, _| false, may_lead: None, is_compact: false, parts: None }
    }

    /// Tells the search which calls change no state, whatever the state, if they were answered so (`None`:
    /// if the answer is not known). It may say `false` of any.
    pub fn reads(mut self, is_read: fn(&S::Op, Option<&S::Ret>) -> bool) -> Self {
        self.is_read = is_read;
        self
    }

    /// Tells the search how to see from afar that a state leads nowhere.
    pub fn outlook(mut self, may_lead: MayLead<S>) -> Self {
        self.may_lead = Some(may_lead);
        self
    }

    /// Lets the search remember hashes of 128 bits instead of states: less memory, and two configurations
    /// may be taken for one. A legal verdict comes with its proof as ever; before an illegal one, the part
    /// that it is about is searched again without.
    pub fn compact(mut self) -> Self {
        self.is_compact = true;
        self
    }

    /// Tells the search that calls with different keys have nothing to do with each other.
    pub fn parts<K: Ord>(mut self, key: impl Fn(&S::Op) -> K) -> Self {
        self.parts = Some(partition::split(self.calls, key));
        self
    }

    /// Searches, and explains an illegal verdict: the fewest calls that have no order, found by leaving out
    /// others while there is none. `None` for every other verdict. The steps of the budget are for each of
    /// the searches that this takes.
    pub fn explain(self, budget: &Budget<'_>) -> Option<Explanation<S::Ret>>
    where
        S::Op: Clone,
        S::Ret: Clone + PartialEq,
    {
        let (init, calls, is_read) = (self.init.clone(), self.calls, self.is_read);
        let parts = self.parts.clone();
        let Decision::Illegal(Illegal { stuck, .. }) = self.decide(budget) else { return None };
        let of_stuck = |part: &Vec<u32>| part.contains(&(stuck as u32));
        let part = parts.and_then(|parts| parts.into_iter().find(of_stuck));
        let part = part.unwrap_or_else(|| (0..calls.len() as u32).collect());
        explain(&init, calls, &part, is_read, budget)
    }

    /// Searches. Parts take turns, so that one that is easily refuted does not wait for one that explodes.
    pub fn decide(self, budget: &Budget<'_>) -> Decision {
        let Search { init, calls, is_read, may_lead, is_compact, parts } = self;
        let parts = parts.unwrap_or_else(|| vec![(0..calls.len() as u32).collect()]);
        let walk = |number: usize, is_compact| {
            Walk::new(init.clone(), calls, &parts[number], is_read, may_lead, is_compact)
        };
        let mut walks = Vec::new();
        for number in 0..parts.len() {
            match walk(number, is_compact) {
                Ok(walk) => walks.push((number, walk, is_compact)),
                Err(why) => return Decision::Unknown { why },
            }
        }
        let mut orders = vec![Vec::new(); parts.len()];
        let mut steps_left = budget.steps;
        let mut turn_steps = FIRST_TURN_STEPS;
        while !walks.is_empty() {
            let mut undecided = Vec::new();
            for (number, mut this, is_compact) in walks {
                let before = this.steps();
                let decision = this.advance(turn_steps.min(steps_left), budget);
                steps_left = steps_left.saturating_sub(this.steps() - before);
                match decision {
                    Some(Decision::Linearizable { order }) => orders[number] = order,
                    Some(Decision::Unknown { why: Why::Stopped { .. } }) => {
                        return Decision::Unknown { why: Why::Stopped { steps: budget.steps - steps_left } };
                    }
                    Some(Decision::Illegal(_)) if is_compact => match walk(number, false) {
                        Ok(exact) => undecided.push((number, exact, false)),
                        Err(why) => return Decision::Unknown { why },
                    },
                    Some(decided) => return decided,
                    None if steps_left == 0 => {
                        return Decision::Unknown { why: Why::Steps { steps: budget.steps } };
                    }
                    None => undecided.push((number, this, is_compact)),
                }
            }
            walks = undecided;
            turn_steps = turn_steps.saturating_mul(2);
        }
        proven(init, calls, &parts, orders)
    }
}

/// A legal verdict, if the orders of the parts stand up to a replay.
fn proven<S: SequentialSpec + Clone>(
    init: S,
    calls: &[Call<S::Op, S::Ret>],
    parts: &[Vec<u32>],
    orders: Vec<Vec<usize>>,
) -> Decision {
    for (part, order) in parts.iter().zip(&orders) {
        if let Err(flaw) =
            witness::replay_part(init.clone(), calls, part.iter().map(|at| *at as usize), order)
        {
            return Decision::Unknown { why: Why::Model(flaw) };
        }
    }
    Decision::Linearizable { order: partition::merge(calls, orders) }
}
