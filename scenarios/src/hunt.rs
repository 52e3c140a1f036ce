//! Hunting a defect: sweeping seeds with one rule of the store off, until a guarantee that it must break is
//! broken.

use crate::bundle::Bundle;
use crate::run_report::RunReport;
use crate::scenario::Scenario;
use crate::sweep::{Finished, Proceed, Shard, Sweep};
use revline_store::defect::{Defect, Defects};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

/// A hunt for one defect.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// What is hunted.
    pub defect: Defect,
    /// Where: the scenarios, each of which is tried under a seed before the next seed is.
    pub scenarios: Vec<Scenario>,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds at most.
    pub seeds: u64,
    /// How many runs go on at once. What is found does not depend on it.
    pub jobs: NonZero<usize>,
}

/// What came of a hunt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hunted {
    /// What was hunted.
    pub defect: Defect,
    /// The guarantees, any of which had to be seen broken.
    pub wanted: Vec<String>,
    /// Where it was found; absent if it was missed.
    pub found: Option<Found>,
    /// How many runs it took: up to the first in which it was found, or all of them.
    pub runs: u64,
    /// How much time passed in the worlds of those runs, in milliseconds.
    pub simulated_ms: u64,
    /// How many of those runs panicked.
    pub panicked: u64,
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
    /// How many runs there are if nothing is found.
    pub fn run_count(&self) -> Option<u64> {
        self.sweep().run_count()
    }

    /// Hunts. `wall` tells real time; `on_finished` is called for every run as it ends. Returns what came of
    /// it, and the bundle of the run in which the defect was found.
    pub fn run(
        &self,
        wall: &(dyn Fn() -> Duration + Sync),
        on_finished: &mut dyn FnMut(&Finished) -> Proceed,
    ) -> (Hunted, Option<Bundle>) {
        let mut bundles = Vec::new();
        let mut reports = BTreeMap::new();
        self.sweep().run(wall, &mut |position, finished| {
            let proceed = on_finished(&finished);
            let Finished { report, bundle } = finished;
            let is_found = !self.wanted_in(&report).is_empty();
            bundles.extend(bundle.filter(|_| is_found));
            reports.insert(position, report);
            if is_found { Proceed::Stop } else { proceed }
        });
        let reports: Vec<RunReport> = reports.into_values().collect();
        let hunted = self.conclude(&reports);
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
        }
    }

    /// Runs start in the order of the sweep, and those that started are reported: whatever ran besides,
    /// the first that found it is the first of all.
    fn conclude(&self, reports: &[RunReport]) -> Hunted {
        let first = reports.iter().position(|report| !self.wanted_in(report).is_empty());
        let tried = &reports[..first.map_or(reports.len(), |first| first + 1)];
        let found = first.map(|first| {
            let report = &reports[first];
            let guarantees = self.wanted_in(report);
            let violated = report.guarantees.iter().filter(|(_, verdict)| verdict.is_violated());
            let others = violated.map(|(name, _)| name.to_owned()).filter(|name| !guarantees.contains(name));
            Found {
                scenario: report.scenario.clone(),
                seed: report.seed,
                others: others.collect(),
                guarantees,
            }
        });
        Hunted {
            defect: self.defect,
            wanted: self.defect.description().guarantees.iter().map(|name| (*name).to_owned()).collect(),
            found,
            runs: tried.len() as u64,
            simulated_ms: tried.iter().map(|report| report.simulated_ms).sum(),
            panicked: tried.iter().filter(|report| report.panic.is_some()).count() as u64,
        }
    }

    /// The guarantees broken in a run that the defect must break.
    fn wanted_in(&self, report: &RunReport) -> Vec<String> {
        let violated = report.guarantees.iter().filter(|(_, verdict)| verdict.is_violated());
        let names = violated.map(|(name, _)| name);
        names.filter(|name| self.defect.description().guarantees.contains(name)).map(str::to_owned).collect()
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
