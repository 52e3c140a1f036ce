//! Explanation of a history without an order: the few calls that contradict each other.
//!
//! First the history is cut where it became illegal: the refutation looked at nothing later. Then less is said of its
//! calls, by halves, quarters and so on down to single ones, as long as it stays illegal (Zeller and Hildebrandt,
//! "Simplifying and Isolating Failure-Inducing Input", TSE 2002). What is illegal was searched every time, so that the
//! outcome has no order however early the attempts end.

use super::attempts::{Attempt, Attempts, Refuted};
use super::budget::Budget;
use super::call::Call;
use super::candidates::{Candidate, candidates};
use super::decision::Illegal;
use super::member::Member;
use super::walk::Hints;
use stateright::semantics::SequentialSpec;
use std::collections::BTreeSet;
use std::hash::Hash;

/// An attempt to do with less may take so many times the steps of the history that is at hand, or at least
/// [`STEPS_AT_LEAST`]: what takes longer is tried again, with more, if there is time in the end.
const TIMES_STEPS: u64 = 4;
const STEPS_AT_LEAST: u64 = 256;

/// So many times as much is allowed from one round of attempts to the next.
const MORE_EACH_ROUND: u64 = 8;

/// The explanation of a history without an order. Numbers are positions in the calls that were searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<Ret> {
    /// The calls whose answers have no order.
    pub core: Vec<usize>,
    /// The calls that may have taken effect or not, at any time after they were invoked: that does not help.
    /// Some had unknown outcomes; of the others, it does not matter what was answered, or when.
    pub open: Vec<usize>,
    /// The longest legal order of these calls that was found.
    pub prefix: Vec<usize>,
    /// The call of `core` that must come next, and cannot.
    pub stuck: usize,
    /// The possible answers of `stuck` in the states in which it can have been asked, each with one way
    /// there.
    pub candidates: Vec<Candidate<Ret>>,
    /// True if there would be an order if any call of `core` were left out or, if it writes, were one of `open`. If
    /// not, the budget ended before that was known of each.
    pub is_minimal: bool,
}

/// Explains an illegal history; `None` if even its shortest illegal beginning was not found to be illegal within
/// the budget. The steps of the budget are for all attempts together.
pub(super) fn explain<S>(
    init: &S,
    calls: &[Call<S::Op, S::Ret>],
    part: &[u32],
    hints: Hints<S>,
    illegal: &Illegal,
    budget: &Budget<'_>,
) -> Option<Explanation<S::Ret>>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let mut attempts = Attempts::new(init, calls, hints, budget);
    let whole: Vec<Member> = part.iter().map(|at| Member::of(calls, *at)).collect();
    let first = cut(&whole, illegal.until, &mut attempts)?;
    let (Refuted { kept, illegal }, is_minimal) = reduce(first, &mut attempts);
    let positions = |is_answered: bool| {
        let members = kept.iter().filter(move |member| member.is_answered() == is_answered);
        members.map(|member| member.at as usize).collect()
    };
    Some(Explanation {
        core: positions(true),
        open: positions(false),
        candidates: candidates(&kept, illegal.stuck, &attempts),
        prefix: illegal.prefix,
        stuck: illegal.stuck,
        is_minimal,
    })
}

/// The beginning of the history up to `end`: what is answered later is unknown, what is invoked later did not happen,
/// and what only reads is left out if it is not answered.
fn until<S>(whole: &[Member], end: u64, attempts: &Attempts<'_, S>) -> Vec<Member>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let begun = whole.iter().filter(|member| attempts.calls[member.at as usize].invoke <= end);
    let said = begun.filter_map(|member| match member.returned {
        Some(returned) if returned <= end => Some(*member),
        Some(_) | None => attempts.unsaid(member.unsaid()),
    });
    said.collect()
}

/// The shortest beginning of the history that is illegal. The refutation says where that ends, or where at least: the
/// answers of calls that returned later may have closed ways. The beginnings of a legal history are legal, so halving
/// finds it then.
fn cut<S>(whole: &[Member], end: u64, attempts: &mut Attempts<'_, S>) -> Option<Refuted>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let steps = attempts.steps_left();
    match attempts.refute(until(whole, end, attempts), steps / 2) {
        Attempt::Refuted(refuted) => return Some(shorten(refuted, end, attempts)),
        Attempt::Legal | Attempt::Open => {}
    }
    let mut ends: Vec<u64> = whole.iter().filter_map(|member| member.returned).collect();
    ends.sort_unstable();
    ends.dedup();
    let last = *ends.last()?;
    let mut found = match attempts.refute(until(whole, last, attempts), u64::MAX) {
        Attempt::Refuted(refuted) => refuted,
        Attempt::Legal | Attempt::Open => return None,
    };
    let (mut legal, mut illegal) = (ends.partition_point(|other| *other <= end), ends.len() - 1);
    while legal < illegal {
        let middle = legal + (illegal - legal) / 2;
        let steps = steps_for(&found.illegal);
        match attempts.refute(until(whole, ends[middle], attempts), steps) {
            Attempt::Refuted(refuted) => (found, illegal) = (refuted, middle),
            Attempt::Legal | Attempt::Open => legal = middle + 1,
        }
    }
    Some(found)
}

/// Cuts a history as long as its refutation looked at less than all of it.
fn shorten<S>(mut shortest: Refuted, mut end: u64, attempts: &mut Attempts<'_, S>) -> Refuted
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    while shortest.illegal.until < end {
        end = shortest.illegal.until;
        let shorter = until(&shortest.kept, end, attempts);
        if shorter.len() == shortest.kept.len() && answered(&shorter) == answered(&shortest.kept) {
            break;
        }
        let steps = steps_for(&shortest.illegal);
        match attempts.refute(shorter, steps) {
            Attempt::Refuted(shorter) => shortest = shorter,
            Attempt::Legal | Attempt::Open => break,
        }
    }
    shortest
}

fn steps_for(illegal: &Illegal) -> u64 {
    illegal.steps.saturating_mul(TIMES_STEPS).max(STEPS_AT_LEAST)
}

/// Says less of the calls, as long as they have no order. Returns whether that ended because each of those that are
/// left is needed.
fn reduce<S>(mut smallest: Refuted, attempts: &mut Attempts<'_, S>) -> (Refuted, bool)
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    // Larger pieces first.
    let mut size = answered(&smallest.kept).len().div_ceil(2);
    while size > 1 {
        let steps = steps_for(&smallest.illegal);
        smallest = halve(smallest, size, steps, attempts);
        smallest = shorten(smallest, u64::MAX, attempts);
        size = (size / 2).min(answered(&smallest.kept).len().div_ceil(2));
    }
    let mut needed = BTreeSet::new();
    let mut steps = steps_for(&smallest.illegal);
    loop {
        let mut at = 0;
        let mut is_each_needed = true;
        while let Some(position) = answered(&smallest.kept).get(at).copied() {
            let call = smallest.kept[position].at;
            // What is needed in a history that says more is needed in one that says less.
            if needed.contains(&call) {
                at += 1;
                continue;
            }
            if attempts.are_over() {
                return (smallest, false);
            }
            let weaker = weaken(&smallest.kept, &[position], attempts);
            match attempts.refute(weaker, steps) {
                Attempt::Refuted(refuted) => smallest = refuted,
                Attempt::Legal => {
                    needed.insert(call);
                    at += 1;
                }
                Attempt::Open => {
                    is_each_needed = false;
                    at += 1;
                }
            }
        }
        if is_each_needed {
            return (shorten(smallest, u64::MAX, attempts), true);
        }
        steps = steps.saturating_mul(MORE_EACH_ROUND);
    }
}

/// Says less of the calls by pieces of this size.
fn halve<S>(mut smallest: Refuted, size: usize, steps: u64, attempts: &mut Attempts<'_, S>) -> Refuted
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let mut at = 0;
    loop {
        let answered = answered(&smallest.kept);
        if at >= answered.len() || attempts.are_over() {
            return smallest;
        }
        let piece = &answered[at..(at + size).min(answered.len())];
        let weaker = weaken(&smallest.kept, piece, attempts);
        match attempts.refute(weaker, steps) {
            Attempt::Refuted(refuted) => smallest = refuted,
            Attempt::Legal | Attempt::Open => at += size,
        }
    }
}

/// The positions of the answered calls.
fn answered(kept: &[Member]) -> Vec<usize> {
    (0..kept.len()).filter(|position| kept[*position].is_answered()).collect()
}

/// The history with less said of the calls at these positions: what only reads is left out, and what writes may have
/// happened or not. Whatever order the history has, the weaker one has.
fn weaken<S>(kept: &[Member], positions: &[usize], attempts: &Attempts<'_, S>) -> Vec<Member>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let mut weaker = Vec::with_capacity(kept.len());
    let mut next = 0;
    for (position, member) in kept.iter().enumerate() {
        if positions.get(next) == Some(&position) {
            next += 1;
            weaker.extend(attempts.unsaid(*member));
        } else {
            weaker.push(*member);
        }
    }
    weaker
}
