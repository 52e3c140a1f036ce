//! What a call would have been answered, wherever it can have been asked.

use super::attempts::Attempts;
use super::bits;
use super::call::Call;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use stateright::semantics::SequentialSpec;
use std::hash::{BuildHasher, Hash};

/// How many configurations are looked at: no more, and no fewer if there are as many.
const CONFIGURATIONS_AT_MOST: u64 = 20_000;
const CONFIGURATIONS_AT_LEAST: u64 = 64;
/// How many different answers are told.
const ANSWERS_AT_MOST: usize = 16;

/// An answer that a call would have been given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Ret> {
    /// The calls before it, in order.
    pub order: Vec<usize>,
    /// What it would have been answered then.
    pub answer: Ret,
}

/// The different answers that `stuck` would have been given after any legal order of other calls after which
/// time allows it.
pub(super) fn candidates<S>(
    calls: &[Call<S::Op, S::Ret>],
    stuck: usize,
    attempts: &Attempts<'_, S>,
) -> Vec<Candidate<S::Ret>>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash,
    S::Ret: Clone + PartialEq,
{
    // Each looks at every call, and for each at every other one.
    let affordable = attempts.steps_left() / (calls.len() as u64 + 1);
    let configurations = affordable.clamp(CONFIGURATIONS_AT_LEAST, CONFIGURATIONS_AT_MOST) as usize;
    let mut found: Vec<Candidate<S::Ret>> = Vec::new();
    let mut seen: HashTable<(Vec<u64>, S)> = HashTable::new();
    let mut next = vec![(vec![0; bits::words(calls.len())], attempts.init.clone(), Vec::new())];
    while let Some((placed, state, order)) = next.pop() {
        let key = |(placed, state): (&Vec<u64>, &S)| FxBuildHasher.hash_one((placed, state));
        let hash = key((&placed, &state));
        let is_enough = seen.len() == configurations || found.len() == ANSWERS_AT_MOST;
        if is_enough || attempts.are_stopped() {
            break;
        }
        if seen.find(hash, |(other, known)| *other == placed && *known == state).is_some() {
            continue;
        }
        seen.insert_unique(hash, (placed.clone(), state.clone()), |(placed, state)| key((placed, state)));
        if may_come(calls, &placed, stuck) {
            let answer = state.clone().invoke(&calls[stuck].op);
            if found.iter().all(|candidate| candidate.answer != answer) {
                found.push(Candidate { order: order.clone(), answer });
            }
        }
        // What is pushed last is looked at first: the calls of unknown outcome where nothing else will do.
        let (unknown, answered): (Vec<usize>, Vec<usize>) =
            (0..calls.len()).rev().partition(|at| calls[*at].ret.is_none());
        for at in unknown.into_iter().chain(answered) {
            let call = &calls[at];
            if at == stuck || bits::holds(&placed, at as u32) || !may_come(calls, &placed, at) {
                continue;
            }
            // What is invoked after it returned cannot come before it.
            if calls[stuck].returned().is_some_and(|returned| call.invoke > returned) {
                continue;
            }
            let mut after = state.clone();
            let fits = match &call.ret {
                Some((_, ret)) => after.is_valid_step(&call.op, ret),
                None => {
                    after.invoke(&call.op);
                    after != state
                }
            };
            if fits {
                let mut more = placed.clone();
                bits::insert(&mut more, at as u32);
                let order = order.iter().copied().chain([at]).collect();
                next.push((more, after, order));
            }
        }
    }
    found
}

/// Whether everything that returned before a call was invoked is placed.
fn may_come<Op, Ret>(calls: &[Call<Op, Ret>], placed: &[u64], at: usize) -> bool {
    calls.iter().enumerate().all(|(other, call)| {
        call.returned().is_none_or(|returned| returned >= calls[at].invoke)
            || bits::holds(placed, other as u32)
    })
}
