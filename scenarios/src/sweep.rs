//! Many runs: every scenario under every seed, on as many threads as wanted.

use crate::bundle::Bundle;
use crate::execute::execute;
use crate::plan::{Plan, draw};
use crate::run_report::RunReport;
use crate::scenario::Scenario;
use revline_store::defect::Defects;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// What to run.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds of each scenario.
    pub seeds: u64,
    /// Rules of the store that are switched off.
    pub defects: Defects,
    /// Which part of the runs is ours.
    pub shard: Shard,
    /// How many runs go on at once.
    pub jobs: NonZero<usize>,
}

/// A part of a sweep: every `of`-th run, beginning with number `index`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part.
    pub index: u64,
    /// Of how many.
    pub of: NonZero<u64>,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Shard = Shard { index: 1, of: NonZero::<u64>::MIN };

    /// Part `index` of `of`; `None` if there is no such part.
    pub fn new(index: u64, of: u64) -> Option<Shard> {
        let of = NonZero::new(of)?;
        (1..=of.get()).contains(&index).then_some(Shard { index, of })
    }
}

/// One run of a sweep, done.
#[derive(Debug)]
pub struct Finished {
    /// What is said of it.
    pub report: RunReport,
    /// How to run it again, if a guarantee was violated.
    pub bundle: Option<Bundle>,
}

/// Whether to go on with a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proceed {
    /// Go on.
    On,
    /// Start no more runs; those under way are still reported.
    Stop,
}

impl Sweep {
    /// The runs of this sweep: scenarios in their order, under each seed.
    fn runs(&self) -> Vec<(usize, u64)> {
        let all = (self.first_seed..self.first_seed.saturating_add(self.seeds))
            .flat_map(|seed| (0..self.scenarios.len()).map(move |scenario| (scenario, seed)));
        all.enumerate()
            .filter(|(number, _)| *number as u64 % self.shard.of == self.shard.index - 1)
            .map(|(_, run)| run)
            .collect()
    }

    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.runs().len()
    }

    /// Runs everything. `wall` tells real time: the sweep itself may not. `on_finished` is called for every
    /// run in the order in which they finish; the reports come back in the order of the sweep.
    pub fn run(
        &self,
        wall: &(dyn Fn() -> Duration + Sync),
        on_finished: &mut dyn FnMut(&Finished) -> Proceed,
    ) -> Vec<RunReport> {
        let runs = self.runs();
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel();
        let mut reports: Vec<Option<RunReport>> = runs.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.get().min(runs.len()) {
                let (sender, runs, next, stop) = (sender.clone(), &runs, &next, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let Some(&(scenario, seed)) = runs.get(position) else { return };
                        let plan = draw(&self.scenarios[scenario], seed, self.defects);
                        if sender.send((position, run_one(&plan, wall))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (position, finished) in receiver {
                if on_finished(&finished) == Proceed::Stop {
                    stop.store(true, Ordering::Relaxed);
                }
                reports[position] = Some(finished.report);
            }
        });
        reports.into_iter().flatten().collect()
    }
}

/// Runs one plan.
pub fn run_one(plan: &Plan, wall: &(dyn Fn() -> Duration + Sync)) -> Finished {
    let began = wall();
    let result = execute(plan, false);
    let took = wall().saturating_sub(began);
    match result {
        Ok(outcome) => {
            let bundle = outcome.verdicts.any_violated().then(|| Bundle::new(plan.clone(), &outcome));
            Finished { report: RunReport::new(plan, &outcome, took), bundle }
        }
        Err(panicked) => Finished { report: RunReport::panicked(plan, &panicked, took), bundle: None },
    }
}
