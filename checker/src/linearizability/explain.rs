//! Why a history has no order: the few calls that contradict each other.

use super::budget::Budget;
use super::call::Call;
use super::candidates::{Candidate, candidates};
use super::decision::{Decision, Illegal};
use super::search::Search;
use super::timeline::IsRead;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// The most steps of one attempt to do with less: what takes longer stays.
const STEPS_OF_AN_ATTEMPT: u64 = 20_000;

/// Why a history has no order. Numbers are positions in the calls that were searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<Ret> {
    /// The calls whose answers have no order. As far as was tried, they would have one if any of them were
    /// left out or, if it writes, were one of `open`.
    pub core: Vec<usize>,
    /// The calls that may have taken effect or not, at any time after they were invoked: that does not help.
    /// Some had unknown outcomes; of the others, it does not matter what was answered, or when.
    pub open: Vec<usize>,
    /// The longest legal order of these calls that was found.
    pub prefix: Vec<usize>,
    /// The call of `core` that must come next, and cannot.
    pub stuck: usize,
    /// What `stuck` would have been answered in the states in which it can have been asked, each with one way
    /// there.
    pub candidates: Vec<Candidate<Ret>>,
}

/// A call of a smaller history, and its position in the whole one.
type Kept<S> = (usize, Call<<S as SequentialSpec>::Op, <S as SequentialSpec>::Ret>);

/// What explains an illegal history; `None` if it is not illegal, or was not found to be within the budget.
pub(super) fn explain<S>(
    init: &S,
    calls: &[Call<S::Op, S::Ret>],
    part: &[u32],
    is_read: IsRead<S>,
    budget: &Budget<'_>,
) -> Option<Explanation<S::Ret>>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash,
    S::Ret: Clone + PartialEq,
{
    let attempt = Budget { steps: budget.steps.min(STEPS_OF_AN_ATTEMPT), ..*budget };
    let is_illegal = |kept: &[Kept<S>], budget: &Budget<'_>| found(init, kept, is_read, budget).is_some();
    let whole: Vec<Kept<S>> = part.iter().map(|at| (*at as usize, calls[*at as usize].clone())).collect();
    let mut kept = cut(whole, |kept| is_illegal(kept, &attempt));
    kept.retain(|(_, call)| call.ret.is_some() || !is_read(&call.op, None));
    if !is_illegal(&kept, budget) {
        return None;
    }
    // Larger pieces first.
    let mut size = kept.len();
    while size > 0 {
        let mut at = 0;
        while at < kept.len() {
            if budget.is_stopped() {
                return None;
            }
            let weaker = weaken::<S>(&kept, at..(at + size).min(kept.len()), is_read);
            match weaker.filter(|weaker| is_illegal(weaker, &attempt)) {
                Some(weaker) => {
                    at += size - (kept.len() - weaker.len()).min(size);
                    kept = weaker;
                }
                None => at += size,
            }
        }
        size /= 2;
    }
    let Illegal { prefix, stuck } = found(init, &kept, is_read, budget)?;
    let (answered, open): (Vec<&Kept<S>>, Vec<&Kept<S>>) =
        kept.iter().partition(|(_, call)| call.ret.is_some());
    let small: Vec<Call<S::Op, S::Ret>> = kept.iter().map(|(_, call)| call.clone()).collect();
    let whole = |at: usize| kept[at].0;
    let candidates = candidates(init, &small, stuck, budget).into_iter().map(|candidate| Candidate {
        order: candidate.order.into_iter().map(whole).collect(),
        answer: candidate.answer,
    });
    Some(Explanation {
        core: answered.iter().map(|(at, _)| *at).collect(),
        open: open.iter().map(|(at, _)| *at).collect(),
        prefix: prefix.into_iter().map(whole).collect(),
        stuck: whole(stuck),
        candidates: candidates.collect(),
    })
}

fn found<S>(init: &S, kept: &[Kept<S>], is_read: IsRead<S>, budget: &Budget<'_>) -> Option<Illegal>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash,
    S::Ret: Clone,
{
    let calls: Vec<Call<S::Op, S::Ret>> = kept.iter().map(|(_, call)| call.clone()).collect();
    match Search::new(init.clone(), &calls).reads(is_read).decide(budget) {
        Decision::Illegal(illegal) => Some(illegal),
        Decision::Linearizable { .. } | Decision::Unknown { .. } => None,
    }
}

/// The shortest beginning of the history that is illegal: what is answered later is unknown, what is invoked
/// later did not happen. The beginnings of a legal history are legal, so halving finds it.
fn cut<Op: Clone, Ret: Clone>(
    whole: Vec<(usize, Call<Op, Ret>)>,
    is_illegal: impl Fn(&[(usize, Call<Op, Ret>)]) -> bool,
) -> Vec<(usize, Call<Op, Ret>)> {
    let until = |end: u64| -> Vec<(usize, Call<Op, Ret>)> {
        let begun = whole.iter().filter(|(_, call)| call.invoke <= end).cloned();
        begun
            .map(|(at, call)| {
                let ret = call.ret.filter(|(returned, _)| *returned <= end);
                (at, Call { ret, ..call })
            })
            .collect()
    };
    let mut ends: Vec<u64> = whole.iter().filter_map(|(_, call)| call.returned()).collect();
    ends.sort_unstable();
    ends.dedup();
    let (mut legal, mut illegal) = (0, ends.len());
    while legal < illegal {
        let middle = legal + (illegal - legal) / 2;
        if is_illegal(&until(ends[middle])) {
            illegal = middle;
        } else {
            legal = middle + 1;
        }
    }
    match ends.get(illegal) {
        Some(end) => until(*end),
        None => whole,
    }
}

/// The history with less said of some calls: what only reads is left out, and what writes may have happened
/// or not. `None` if there is nothing to be said less. Whatever order the history has, the weaker one has.
fn weaken<S>(kept: &[Kept<S>], range: std::ops::Range<usize>, is_read: IsRead<S>) -> Option<Vec<Kept<S>>>
where
    S: SequentialSpec,
    S::Op: Clone,
    S::Ret: Clone,
{
    let mut is_weaker = false;
    let mut weaker = Vec::with_capacity(kept.len());
    for (position, (at, call)) in kept.iter().enumerate() {
        if !range.contains(&position) || call.ret.is_none() {
            weaker.push((*at, call.clone()));
            continue;
        }
        is_weaker = true;
        if !is_read(&call.op, call.ret.as_ref().map(|(_, ret)| ret)) {
            weaker.push((*at, Call { ret: None, ..call.clone() }));
        }
    }
    is_weaker.then_some(weaker)
}
