//! Hunting a defect: sweeping seeds with one rule of the store off, until a guarantee that it must break is
//! broken.

use crate::bundle::Bundle;
use crate::crew::Proceed;
use crate::scenario::Scenario;
use crate::shard::Shard;
use crate::shrink::PlanSize;
use crate::sweep::{Finished, Sweep};
use revline_checker::verdict::Verdicts;
use revline_store::defect::{Defect, Defects};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

/// A hunt for one defect.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// The defect.
    pub defect: Defect,
    /// The scenarios, each of which is tried under a seed before the next seed is.
    pub scenarios: Vec<Scenario>,
    /// The first seed.
    pub first_seed: u64,
    /// The number of seeds, at most.
    pub seeds: u64,
    /// Runs at once. The findings do not depend on it.
    pub jobs: NonZero<usize>,
}

/// The findings of a hunt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hunted {
    /// The defect.
    pub defect: Defect,
    /// The guarantees, any of which had to be seen broken.
    pub wanted: Vec<String>,
    /// The run in which it was found; absent if it was missed.
    pub found: Option<Found>,
    /// The number of runs: up to the first in which it was found, or all of them.
    pub runs: u64,
    /// The simulated time of those runs, in milliseconds.
    pub simulated_ms: u64,
    /// The number of those runs that panicked.
    pub panicked: u64,
    /// The run made small; absent if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<Reduction>,
}

/// The sizes of a plan before and after shrinking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reduction {
    /// The size before.
    pub before: PlanSize,
    /// The size after.
    pub after: PlanSize,
    /// The real time that it took, in milliseconds.
    pub wall_ms: u64,
}

/// The run in which a defect was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// Those of the wanted guarantees that were violated.
    pub guarantees: Vec<String>,
    /// Other guarantees that were violated in the same run.
    pub others: Vec<String>,
}

impl Hunt {
    /// The number of runs if nothing is found.
    pub fn run_count(&self) -> Option<u64> {
        self.sweep().run_count()
    }

    /// Hunts. `wall` tells real time; `on_finished` is called for every run as it ends, with `true` if it failed.
    /// Returns the findings, and the bundle of the run in which the defect was found.
    pub fn run(
        &self,
        wall: &(dyn Fn() -> Duration + Sync),
        on_finished: &mut dyn FnMut(bool) -> Proceed,
    ) -> (Hunted, Option<Bundle>) {
        let mut bundles = Vec::new();
        let mut tries = BTreeMap::new();
        let examine = |finished: Finished| (finished.bundle(), Try::of(finished));
        self.sweep().run(wall, &examine, &mut |position, (bundle, tried)| {
            let proceed = on_finished(tried.panicked || tried.verdicts.any_violated());
            let is_found = !self.wanted_in(&tried).is_empty();
            bundles.extend(bundle.filter(|_| is_found));
            tries.insert(position, tried);
            if is_found { Proceed::Stop } else { proceed }
        });
        let tries: Vec<Try> = tries.into_values().collect();
        let hunted = self.conclude(&tries);
        let is_found = |bundle: &Bundle| {
            let found = hunted.found.as_ref();
            found.is_some_and(|found| {
                (&found.scenario, found.seed) == (&bundle.plan.scenario, bundle.plan.seed)
            })
        };
        let bundle = bundles.into_iter().find(is_found);
        (hunted, bundle)
    }

    fn sweep(&self) -> Sweep {
        Sweep {
            scenarios: self.scenarios.clone(),
            first_seed: self.first_seed,
            seeds: self.seeds,
            defects: Defects::from(self.defect),
            shard: Shard::WHOLE,
            jobs: self.jobs,
            time_limit: None,
        }
    }

    /// Runs start in the order of the sweep, and those that started are reported: whatever ran besides,
    /// the first that found it is the first of all.
    fn conclude(&self, tries: &[Try]) -> Hunted {
        let first = tries.iter().position(|tried| !self.wanted_in(tried).is_empty());
        let tried = &tries[..first.map_or(tries.len(), |first| first + 1)];
        let found = first.map(|first| {
            let Try { scenario, seed, verdicts, .. } = &tries[first];
            let guarantees = self.wanted_in(&tries[first]);
            let violated = verdicts.violations().map(|(name, _)| name.to_owned());
            let others = violated.filter(|name| !guarantees.contains(name)).collect();
            Found { scenario: scenario.clone(), seed: *seed, others, guarantees }
        });
        Hunted {
            defect: self.defect,
            wanted: self.defect.description().guarantees.iter().map(|name| (*name).to_owned()).collect(),
            found,
            runs: tried.len() as u64,
            simulated_ms: tried.iter().map(|one| one.simulated_ms).sum(),
            shrunk: None,
            panicked: tried.iter().filter(|one| one.panicked).count() as u64,
        }
    }

    /// The guarantees broken in a run that the defect must break.
    fn wanted_in(&self, tried: &Try) -> Vec<String> {
        let names = tried.verdicts.violations().map(|(name, _)| name);
        names.filter(|name| self.defect.description().guarantees.contains(name)).map(str::to_owned).collect()
    }
}

/// The part of a run's outcome that a hunt keeps.
struct Try {
    scenario: String,
    seed: u64,
    verdicts: Verdicts,
    simulated_ms: u64,
    panicked: bool,
}

impl Try {
    fn of(Finished { plan, outcome, .. }: Finished) -> Try {
        let panicked = outcome.is_err();
        let (verdicts, simulated_ns) =
            outcome.map(|outcome| (outcome.verdicts, outcome.simulated_ns)).unwrap_or_default();
        Try {
            scenario: plan.scenario,
            seed: plan.seed,
            verdicts,
            simulated_ms: simulated_ns / 1_000_000,
            panicked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn hunt(defect: Defect, scenarios: &[&str], jobs: usize) -> (Hunted, Option<Bundle>) {
        let hunt = Hunt {
            defect,
            scenarios: scenarios.iter().map(|name| catalogue::find(name).unwrap()).collect(),
            first_seed: 0,
            seeds: 3,
            jobs: NonZero::new(jobs).unwrap(),
        };
        hunt.run(&|| Duration::ZERO, &mut |_| Proceed::On)
    }

    #[test]
    fn what_is_found_does_not_depend_on_what_ran_besides() {
        let (alone, bundle) = hunt(Defect::WatchBatchSplit, &["steady", "bridge"], 1);
        let found = alone.found.clone().unwrap();
        assert_eq!(found.guarantees, ["watch-atomic"]);
        assert_eq!((found.scenario.as_str(), found.seed, alone.runs), ("steady", 0, 1));
        assert_eq!(bundle.unwrap().plan.scenario, found.scenario);
        assert_eq!(hunt(Defect::WatchBatchSplit, &["steady", "bridge"], 3).0, alone);
    }

    #[test]
    fn what_is_not_found_was_missed() {
        // Nobody is cut off here, so that no leader is deposed and does not know it.
        let (hunted, bundle) = hunt(Defect::LocalReadByLeader, &["steady"], 2);
        assert_eq!((hunted.found, hunted.runs, bundle), (None, 3, None));
        assert!(hunted.simulated_ms > 0);
    }
}
