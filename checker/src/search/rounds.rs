//! The parts of a history take turns.
//!
//! Rounds go over all parts that are open. What a part does in its turn depends on nothing but the part and the
//! lengths of its turns, so that it does not matter who of several threads takes it, nor when: of the parts that
//! are refuted in one round, the first counts.

use super::budget::Budget;
use super::decision::{Decision, Illegal, Why};
use super::progress::{OpenPart, Progress};
use super::walk::{End, Turn, Walk};
use stateright::semantics::SequentialSpec;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// The steps of a part's first turn. Each turn is twice as long as the one before.
const FIRST_TURN_STEPS: u64 = 4096;

/// A part that is open.
pub(super) struct Part<'a, S: SequentialSpec> {
    /// The position of the part.
    pub number: usize,
    /// The first of its calls.
    pub first: usize,
    pub walk: Walk<'a, S>,
    /// The end of its last turn; `None` if it had none.
    end: Option<End>,
}

impl<'a, S: SequentialSpec> Part<'a, S> {
    pub fn new(number: usize, first: usize, walk: Walk<'a, S>) -> Self {
        Part { number, first, walk, end: None }
    }
}

/// One turn for each part.
pub(super) struct Round<'b> {
    steps: u64,
    budget: &'b Budget<'b>,
    /// The position of the first part that was refuted: those after it need not go on.
    refuted: AtomicUsize,
}

/// The way to run a round: [`one_by_one`] or [`side_by_side`].
pub(super) type Run<'a, S> = fn(&mut [Part<'a, S>], &[u64], &Round<'_>, usize);

/// Gives each part its turn, in this thread. A part may hold as much as `bytes` says for it.
pub(super) fn one_by_one<S>(parts: &mut [Part<'_, S>], bytes: &[u64], round: &Round<'_>, _: usize)
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    for (at, part) in parts.iter_mut().enumerate() {
        part.take_turn(at, bytes[at], round);
    }
}

/// As [`one_by_one`], in so many threads.
pub(super) fn side_by_side<S>(parts: &mut [Part<'_, S>], bytes: &[u64], round: &Round<'_>, threads: usize)
where
    S: SequentialSpec + Clone + PartialEq + Hash + Send,
    S::Op: PartialEq + Hash + Sync,
    S::Ret: PartialEq + Send + Sync,
{
    let parts: Vec<Mutex<&mut Part<'_, S>>> = parts.iter_mut().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((at, part)) =
            Some(next.fetch_add(1, Relaxed)).and_then(|at| Some((at, parts.get(at)?)))
        {
            part.lock().unwrap_or_else(PoisonError::into_inner).take_turn(at, bytes[at], round);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(parts.len()) {
            scope.spawn(work);
        }
        work();
    });
}

impl<S> Part<'_, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    fn take_turn(&mut self, at: usize, bytes: u64, round: &Round<'_>) {
        let stop = || round.refuted.load(Relaxed) < at || round.budget.is_stopped();
        let mut end = self.walk.advance(&Turn { steps: round.steps, bytes, stop: &stop });
        if let End::Illegal(_) = end {
            if self.walk.is_exact() {
                round.refuted.fetch_min(at, Relaxed);
            } else {
                self.walk.begin_exactly();
                end = End::Steps;
            }
        }
        self.end = Some(end);
    }

    fn refutation(&self) -> Option<Illegal> {
        match &self.end {
            Some(End::Illegal(illegal)) => Some(illegal.clone()),
            _ => None,
        }
    }
}

/// Decides all parts: their orders, by number; or why there are none.
pub(super) fn decide<'a, S>(
    mut parts: Vec<Part<'a, S>>,
    budget: &Budget<'_>,
    run: Run<'a, S>,
    threads: usize,
) -> Result<Vec<Vec<usize>>, Decision>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let mut orders = vec![Vec::new(); parts.len()];
    let (mut steps_left, mut turn_steps) = (budget.steps, FIRST_TURN_STEPS);
    let mut is_crowded = false;
    while !parts.is_empty() {
        let count = parts.len() as u64;
        let steps = turn_steps.min(steps_left / count);
        if steps == 0 {
            return Err(undecided(Why::Steps { steps: budget.steps }, &parts, orders.len()));
        }
        let mut bytes = vec![budget.memory_bytes / count; parts.len()];
        if is_crowded {
            // Nobody can go on with an equal share: the first gets what the others leave.
            let others: u64 = parts[1..].iter().map(|part| part.walk.bytes()).sum();
            bytes[0] = budget.memory_bytes.saturating_sub(others);
        }
        let round = Round { steps, budget, refuted: AtomicUsize::new(usize::MAX) };
        let before: u64 = parts.iter().map(|part| part.walk.steps()).sum();
        // A first turn is over before a thread has begun.
        match turn_steps == FIRST_TURN_STEPS {
            true => one_by_one(&mut parts, &bytes, &round, 1),
            false => run(&mut parts, &bytes, &round, threads),
        }
        let after: u64 = parts.iter().map(|part| part.walk.steps()).sum();
        steps_left = steps_left.saturating_sub(after - before);
        if let Some(illegal) = parts.iter().find_map(|part| part.refutation()) {
            return Err(Decision::Illegal(illegal));
        }
        let mut is_stopped = false;
        let mut still_open = Vec::with_capacity(parts.len());
        for mut part in parts {
            match part.end.take() {
                Some(End::Order(order)) => orders[part.number] = order,
                end => {
                    is_stopped |= matches!(end, Some(End::Stopped));
                    still_open.push(Part { end, ..part });
                }
            }
        }
        parts = still_open;
        let steps = budget.steps - steps_left;
        if is_stopped {
            return Err(undecided(Why::Stopped { steps }, &parts, orders.len()));
        }
        let is_full =
            parts.len() as u64 == count && parts.iter().all(|part| matches!(part.end, Some(End::Memory)));
        if is_full && is_crowded {
            let why = Why::Memory { bytes: budget.memory_bytes, steps };
            return Err(undecided(why, &parts, orders.len()));
        }
        is_crowded = is_full;
        turn_steps = turn_steps.saturating_mul(2);
    }
    Ok(orders)
}

/// Ends without an answer: what was decided of so many parts, and how far the others came.
fn undecided<S>(why: Why, parts: &[Part<'_, S>], of: usize) -> Decision
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let open = parts.iter().map(|part| {
        let (ordered, calls) = part.walk.reached();
        OpenPart { first: part.first, ordered, calls }
    });
    Decision::Unknown { why, progress: Progress { decided: of - parts.len(), open: open.collect() } }
}
