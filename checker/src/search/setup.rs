//! The entry: what to search, and how.

use super::budget::Budget;
use super::call::Call;
use super::decision::{Decision, Illegal, Why};
use super::explain::{Explanation, explain};
use super::member::Member;
use super::outlook::MayLead;
use super::partition;
use super::progress::Progress;
use super::rounds::{self, Part, Run};
use super::walk::{Hints, Walk};
use super::witness;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// A search for an order of calls that a model would answer so.
///
/// ```
/// use revline_checker::search::{Budget, Call, Search};
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
    hints: Hints<S>,
    is_compact: bool,
    parts: Option<Vec<Vec<u32>>>,
    threads: usize,
    run: Run<'a, S>,
}

impl<'a, S> Search<'a, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    /// A search over `calls`, in any order, on an object that begins as `init`.
    pub fn new(init: S, calls: &'a [Call<S::Op, S::Ret>]) -> Self {
        let hints = Hints { is_read: |_, _| false, may_lead: None, heap_bytes: |_| 0 };
        Search { init, calls, hints, is_compact: false, parts: None, threads: 1, run: rounds::one_by_one }
    }

    /// Tells the search which calls change no state, whatever the state, if they were answered so (`None`:
    /// if the answer is not known). It may say `false` of any.
    pub fn reads(mut self, is_read: fn(&S::Op, Option<&S::Ret>) -> bool) -> Self {
        self.hints.is_read = is_read;
        self
    }

    /// Tells the search how to see from afar that a state leads nowhere.
    pub fn outlook(mut self, may_lead: MayLead<S>) -> Self {
        self.hints.may_lead = Some(may_lead);
        self
    }

    /// Tells the search how much a state holds beside itself, so that [`Budget::memory_bytes`] counts it.
    pub fn heap_bytes(mut self, heap_bytes: fn(&S) -> usize) -> Self {
        self.hints.heap_bytes = heap_bytes;
        self
    }

    /// Lets the search use so many threads, if there are parts to share out. The decision is the same with any
    /// number of them, unless the caller stops it.
    pub fn threads(mut self, threads: usize) -> Self
    where
        S: Send,
        S::Op: Sync,
        S::Ret: PartialEq + Send + Sync,
    {
        (self.threads, self.run) = (threads, rounds::side_by_side);
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

    /// Explains an illegal verdict of this search: the fewest calls that have no order, found by saying less of the
    /// others while there is none. The budget is that of the explanation, which ends with what was found until then;
    /// `None` if that is nothing. The steps of the budget are for all searches that this takes.
    pub fn explain(self, illegal: &Illegal, budget: &Budget<'_>) -> Option<Explanation<S::Ret>> {
        let Search { init, calls, hints, parts, .. } = self;
        let of_stuck = |part: &Vec<u32>| part.contains(&(illegal.stuck as u32));
        let part = parts.and_then(|parts| parts.into_iter().find(of_stuck));
        let part = part.unwrap_or_else(|| (0..calls.len() as u32).collect());
        explain(&init, calls, &part, hints, illegal, budget)
    }

    /// Searches. Parts take turns, so that one that is easily refuted does not wait for one that explodes.
    pub fn decide(self, budget: &Budget<'_>) -> Decision {
        let Search { init, calls, hints, is_compact, parts, threads, run } = self;
        let parts = parts.unwrap_or_else(|| vec![(0..calls.len() as u32).collect()]);
        let mut open = Vec::with_capacity(parts.len());
        for (number, part) in parts.iter().enumerate() {
            let members: Vec<Member> = part.iter().map(|at| Member::of(calls, *at)).collect();
            match Walk::new(init.clone(), calls, &members, hints, is_compact) {
                Ok(walk) => {
                    let first = part.first().map_or(0, |first| *first as usize);
                    open.push(Part::new(number, first, walk));
                }
                Err(why) => return Decision::Unknown { why, progress: Progress::default() },
            }
        }
        let orders = match rounds::decide(open, budget, run, threads) {
            Ok(orders) => orders,
            Err(decision) => return decision,
        };
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
            return Decision::Unknown { why: Why::Model(flaw), progress: Progress::default() };
        }
    }
    Decision::Linearizable { order: partition::merge(calls, orders) }
}
