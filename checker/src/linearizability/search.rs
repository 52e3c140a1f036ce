//! The entry: what to search, and how.

use super::budget::Budget;
use super::call::Call;
use super::decision::{Decision, Why};
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
    parts: Option<Vec<Vec<u32>>>,
}

impl<'a, S> Search<'a, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    /// A search over `calls`, in any order, on an object that begins as `init`.
    pub fn new(init: S, calls: &'a [Call<S::Op, S::Ret>]) -> Self {
        Search { init, calls, is_read: |_, _| false, parts: None }
    }

    /// Tells the search which calls change no state, whatever the state, if they were answered so (`None`:
    /// if the answer is not known). It may say `false` of any.
    pub fn reads(mut self, is_read: fn(&S::Op, Option<&S::Ret>) -> bool) -> Self {
        self.is_read = is_read;
        self
    }

    /// Tells the search that calls with different keys have nothing to do with each other.
    pub fn parts<K: Ord>(mut self, key: impl Fn(&S::Op) -> K) -> Self {
        self.parts = Some(partition::split(self.calls, key));
        self
    }

    /// Searches. Parts take turns, so that one that is easily refuted does not wait for one that explodes.
    pub fn decide(self, budget: &Budget<'_>) -> Decision {
        let Search { init, calls, is_read, parts } = self;
        let parts = parts.unwrap_or_else(|| vec![(0..calls.len() as u32).collect()]);
        let mut walks = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            match Walk::new(init.clone(), calls, part, is_read) {
                Ok(walk) => walks.push((number, walk)),
                Err(why) => return Decision::Unknown { why },
            }
        }
        let mut orders = vec![Vec::new(); parts.len()];
        let mut steps_left = budget.steps;
        let mut turn_steps = FIRST_TURN_STEPS;
        while !walks.is_empty() {
            let mut undecided = Vec::new();
            for (number, mut walk) in walks {
                let before = walk.steps();
                let decision = walk.advance(turn_steps.min(steps_left), budget);
                steps_left = steps_left.saturating_sub(walk.steps() - before);
                match decision {
                    Some(Decision::Linearizable { order }) => orders[number] = order,
                    Some(Decision::Unknown { why: Why::Stopped { .. } }) => {
                        return Decision::Unknown { why: Why::Stopped { steps: budget.steps - steps_left } };
                    }
                    Some(decided) => return decided,
                    None if steps_left == 0 => {
                        return Decision::Unknown { why: Why::Steps { steps: budget.steps } };
                    }
                    None => undecided.push((number, walk)),
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
