//! Many runs: every scenario under every seed, on as many threads as wanted.

use crate::bundle::Bundle;
use crate::crew::{self, Proceed};
use crate::execute::{Outcome, execute};
use crate::plan::{Plan, draw};
use crate::scenario::Scenario;
use crate::shard::{Deal, Shard};
use revline_sim::Panicked;
use revline_store::defect::Defects;
use std::num::NonZero;
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
    /// Start no run after the first once this much real time has passed.
    pub time_limit: Option<Duration>,
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

impl Sweep {
    /// The runs of this part of the sweep, in order.
    fn deal(&self) -> Deal {
        // No seed is beyond 64 bits.
        let rounds = self.seeds.min(u64::MAX - self.first_seed);
        Deal::new(self.shard, &self.scenarios, self.first_seed, rounds)
    }

    /// The number of runs in this part of the sweep; `None` if it has more than 64 bits.
    pub fn run_count(&self) -> Option<u64> {
        self.deal().count()
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
        let deal = self.deal();
        let run = |position| {
            let (scenario, round) = deal.at(position)?;
            let plan = draw(&self.scenarios[scenario], self.first_seed + round, self.defects);
            Some(examine(run_one(plan, wall)))
        };
        let is_in_time = |position| position == 0 || self.time_limit.is_none_or(|limit| wall() < limit);
        let count = deal.count().unwrap_or(u64::MAX);
        crew::work(self.jobs, count, &is_in_time, &run, &mut |position, kept| {
            kept.map_or(Proceed::Stop, |kept| on_finished(position, kept))
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

    fn sweep(seeds: u64) -> Sweep {
        Sweep {
            scenarios: ["steady", "bridge", "clock-drift"].map(|name| catalogue::find(name).unwrap()).into(),
            first_seed: 7,
            seeds,
            defects: Defects::NONE,
            shard: Shard::WHOLE,
            jobs: NonZero::<usize>::MIN,
            time_limit: None,
        }
    }

    #[test]
    fn a_sweep_without_end_begins_at_once() {
        let mut endless = sweep(u64::MAX - 7);
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
    }

    #[test]
    fn a_world_that_lingers_is_held_to_its_watches() {
        let plan = draw(&catalogue::find("lingering-watchers").unwrap(), 0, Defects::NONE);
        let verdicts = run_one(plan, &|| Duration::ZERO).outcome.expect("it does not panic").verdicts;
        assert!(verdicts.get("watch-live").unwrap().holds());
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
