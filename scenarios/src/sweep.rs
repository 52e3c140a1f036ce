//! Many runs: every scenario under every seed, on as many threads as wanted.

use crate::bundle::Bundle;
use crate::execute::{Outcome, execute};
use crate::plan::{Plan, draw};
use crate::scenario::Scenario;
use revline_sim::Panicked;
use revline_store::defect::Defects;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// A sweep: scenarios under a range of seeds.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The first seed.
    pub first_seed: u64,
    /// The number of seeds of each scenario.
    pub seeds: u64,
    /// Rules of the store that are switched off.
    pub defects: Defects,
    /// The part of the runs to run.
    pub shard: Shard,
    /// Runs at once.
    pub jobs: NonZero<usize>,
}

/// A part of a sweep: every `of`-th run, beginning with number `index`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part.
    pub index: u64,
    /// The number of parts.
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

/// A plan that was run.
#[derive(Debug)]
pub struct Finished {
    /// The plan.
    pub plan: Plan,
    /// The outcome, or the panic of revline itself.
    pub outcome: Result<Outcome, Panicked>,
    /// The real time it took.
    pub wall: Duration,
}

impl Finished {
    /// Returns the bundle that runs it again, if a guarantee was violated.
    pub fn bundle(&self) -> Option<Bundle> {
        let outcome = self.outcome.as_ref().ok().filter(|outcome| outcome.verdicts.any_violated())?;
        Some(Bundle::new(self.plan.clone(), outcome))
    }
}

/// The caller's answer to a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proceed {
    /// Go on.
    On,
    /// Start no more runs; those under way are still reported.
    Stop,
}

impl Sweep {
    /// The run at a position of this sweep: scenarios in their order, under each seed. `None` past the end.
    fn at(&self, position: u64) -> Option<(&Scenario, u64)> {
        let number = position.checked_mul(self.shard.of.get())?.checked_add(self.shard.index - 1)?;
        let scenarios = self.scenarios.len() as u64;
        let round = number.checked_div(scenarios)?;
        let scenario = usize::try_from(number % scenarios).ok()?;
        (round < self.seeds).then_some((&self.scenarios[scenario], self.first_seed.checked_add(round)?))
    }

    /// The number of runs in this part of the sweep; `None` if it has more than 64 bits.
    pub fn run_count(&self) -> Option<u64> {
        let all = (self.scenarios.len() as u64).checked_mul(self.seeds)?;
        let before = self.shard.index - 1;
        Some(all.saturating_sub(before).div_ceil(self.shard.of.get()))
    }

    /// Runs everything. `wall` tells real time: the sweep itself may not. `examine` is called on the thread of each run
    /// and returns what is kept of it; `on_finished` gets that, in the order in which runs finish, with the position of
    /// the run in the sweep.
    pub fn run<T: Send>(
        &self,
        wall: &(dyn Fn() -> Duration + Sync),
        examine: &(dyn Fn(Finished) -> T + Sync),
        on_finished: &mut dyn FnMut(u64, T) -> Proceed,
    ) {
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel();
        let threads = self.run_count().unwrap_or(u64::MAX).min(self.jobs.get() as u64);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let Some((scenario, seed)) = self.at(position) else { return };
                        let plan = draw(scenario, seed, self.defects);
                        if sender.send((position, examine(run_one(plan, wall)))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (position, kept) in receiver {
                if on_finished(position, kept) == Proceed::Stop {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        });
    }
}

/// Runs one plan.
pub fn run_one(plan: Plan, wall: &(dyn Fn() -> Duration + Sync)) -> Finished {
    let began = wall();
    let outcome = execute(&plan, false);
    Finished { plan, outcome, wall: wall().saturating_sub(began) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn sweep(seeds: u64, shard: (u64, u64)) -> Sweep {
        Sweep {
            scenarios: ["steady", "bridge", "clock-drift"].map(|name| catalogue::find(name).unwrap()).into(),
            first_seed: 7,
            seeds,
            defects: Defects::NONE,
            shard: Shard::new(shard.0, shard.1).unwrap(),
            jobs: NonZero::<usize>::MIN,
        }
    }

    fn runs(sweep: &Sweep) -> Vec<(String, u64)> {
        let all = (0..).map_while(|position| sweep.at(position));
        all.map(|(scenario, seed)| (scenario.name.clone(), seed)).collect()
    }

    #[test]
    fn shards_are_the_whole_and_each_run_is_in_one() {
        let whole = runs(&sweep(5, (1, 1)));
        assert_eq!(whole.len(), 15);
        assert_eq!((whole[0].1, whole[14].1), (7, 11));
        for of in 1..=17 {
            let mut parts: Vec<_> = (1..=of).map(|index| runs(&sweep(5, (index, of))).into_iter()).collect();
            for (number, expected) in whole.iter().enumerate() {
                assert_eq!(parts[number % of as usize].next().as_ref(), Some(expected), "of {of}");
            }
            assert!(parts.iter_mut().all(|part| part.next().is_none()));
            for index in 1..=of {
                let part = sweep(5, (index, of));
                assert_eq!(part.run_count(), Some(runs(&part).len() as u64), "{index} of {of}");
            }
        }
    }

    #[test]
    fn a_sweep_without_end_begins_at_once() {
        let mut endless = sweep(u64::MAX - 7, (1, 1));
        assert_eq!(endless.run_count(), None);
        endless.scenarios.truncate(1);
        endless.scenarios[0].duration_ms = 100;
        let mut count = 0;
        endless.run(&|| Duration::ZERO, &|finished| finished.plan.seed, &mut |_, seed| {
            assert_eq!(seed, 7 + count);
            count += 1;
            if count == 2 { Proceed::Stop } else { Proceed::On }
        });
        assert!(count >= 2);
        assert_eq!(runs(&sweep(3, (5, 1_000_000_000))), [("bridge".to_owned(), 8)]);
        assert_eq!(endless.at(u64::MAX), None);
    }

    #[test]
    fn a_machine_that_panics_leaves_a_bundle_that_panics_again() {
        let mut plan = draw(&catalogue::find("membership-churn").unwrap(), 1, Defects::NONE);
        // No plan from a file may ask for that: the next snapshot is due after the last number there is.
        plan.simulation.tuning.snapshot_every_entries = u64::MAX;
        let finished = run_one(plan, &|| Duration::ZERO);
        let outcome = finished.outcome.as_ref().expect("it is none of the host");
        let evidence = outcome.verdicts.get("boots").and_then(|verdict| verdict.evidence()).unwrap();
        assert_eq!(evidence.kind, "panicked");
        assert!(evidence.message.contains("overflow, at "), "{evidence}");
        let bundle = finished.bundle().expect("it is violated");
        assert!(bundle.violations.iter().any(|violation| violation.to_string() == "boots/panicked"));
        let replay = bundle.replay(false).unwrap();
        assert_eq!((replay.diverged_at, replay.same_violations), (None, true));
    }
}
