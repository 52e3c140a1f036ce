//! Trying plans: several at once, and always taking the first in order that fails in the same way.

use super::failure::{Failed, SameFailure};
use super::{PlanSize, Step};
use crate::plan::Plan;
use std::collections::BTreeSet;
use std::num::NonZero;

/// Plans of more bytes than this are not remembered: they are seldom tried twice.
const REMEMBERED_BYTES: usize = 1 << 14;

/// The smallest plan so far, and what was tried.
pub(super) struct Tries<'a> {
    pub smallest: Failed,
    failure: &'a SameFailure,
    jobs: NonZero<usize>,
    /// Further seeds that each plan is tried with.
    pub seeds: u64,
    go_on: &'a mut dyn FnMut(Step) -> bool,
    is_stopped: bool,
    runs: u64,
    /// Small plans that did not fail so.
    in_vain: BTreeSet<Vec<u8>>,
}

impl<'a> Tries<'a> {
    /// Begins with a plan that fails.
    pub fn new(
        failed: Failed,
        failure: &'a SameFailure,
        jobs: NonZero<usize>,
        go_on: &'a mut dyn FnMut(Step) -> bool,
    ) -> Tries<'a> {
        let in_vain = BTreeSet::new();
        Tries { smallest: failed, failure, jobs, seeds: 0, go_on, is_stopped: false, runs: 1, in_vain }
    }

    /// The number of plans that were run.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns true once no more is to be tried.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Lets every operation begin when it did, whatever was before it.
    pub fn be_on_time(&mut self) {
        let on_time = self.failure.on_time(&self.smallest.plan);
        self.first(&mut on_time.into_iter());
    }

    /// Finds the first plan, in their order, that fails in the same way: it is the smallest from here on. Each is tried
    /// with its own seed, and then with others.
    pub fn first(&mut self, plans: &mut dyn Iterator<Item = Plan>) -> Option<usize> {
        let seeds = self.seeds;
        let mut reseeded = plans.enumerate().flat_map(|(at, plan)| {
            let own = plan.seed;
            let others = (0..=seeds).filter(move |&seed| seed != own).take(seeds as usize);
            std::iter::once(own).chain(others).map(move |seed| (at, with_seed(&plan, seed)))
        });
        loop {
            if self.is_stopped
                || !(self.go_on)(Step { runs: self.runs, size: PlanSize::of(&self.smallest.plan) })
            {
                self.is_stopped = true;
                return None;
            }
            let mut batch: Vec<(usize, Plan, Vec<u8>)> = Vec::new();
            let mut is_last = false;
            while batch.len() < self.jobs.get() {
                let Some((at, plan)) = reseeded.next() else {
                    is_last = true;
                    break;
                };
                let text = serde_json::to_vec(&plan).unwrap_or_default();
                let again = batch.iter().any(|(_, _, other)| *other == text);
                if plan != self.smallest.plan && !again && !self.in_vain.contains(&text) {
                    batch.push((at, plan, text));
                }
            }
            for (at, text, failed) in self.run(batch) {
                self.runs += 1;
                if let Some(failed) = failed {
                    self.smallest = failed;
                    return Some(at);
                }
                if text.len() <= REMEMBERED_BYTES {
                    self.in_vain.insert(text);
                }
            }
            if is_last {
                return None;
            }
        }
    }

    /// Runs some plans at once; their results are in order.
    fn run(&self, batch: Vec<(usize, Plan, Vec<u8>)>) -> Vec<(usize, Vec<u8>, Option<Failed>)> {
        let failure = self.failure;
        std::thread::scope(|scope| {
            let running: Vec<_> = batch
                .into_iter()
                .map(|(at, plan, text)| (at, text, scope.spawn(move || failure.of(plan))))
                .collect();
            running.into_iter().map(|(at, text, run)| (at, text, run.join().unwrap_or(None))).collect()
        })
    }
}

/// The plan in a world of another seed.
fn with_seed(plan: &Plan, seed: u64) -> Plan {
    let mut plan = plan.clone();
    plan.seed = seed;
    plan.simulation.seed = seed;
    plan
}
