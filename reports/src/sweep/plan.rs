//! The plan of a sweep: the runs that were asked for.

use revline_scenarios::known::KnownFailures;
use revline_scenarios::scenario::Scenario;
use revline_scenarios::shard::Shard;
use serde::{Deserialize, Serialize};

/// The plan of a sweep. Parts belong together if theirs are the same but for the part and the number of its runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepPlan {
    /// The command that makes the runs.
    pub command: SweepCommand,
    /// The scenarios, in the order of the command line.
    pub scenarios: Vec<PlannedScenario>,
    /// The first seed; of an exploration, the seed of all that is drawn.
    pub first_seed: u64,
    /// The number of seeds of each scenario; null where there is no end of them.
    pub seeds: Option<u64>,
    /// The part of the runs that is meant.
    pub shard: Shard,
    /// Rules of the store that are switched off.
    pub defects: Vec<String>,
    /// Every client is behind a proxy.
    pub behind_proxies: bool,
    /// Violations that are known.
    pub known: KnownFailures,
    /// The number of runs of this part; null where there is no end of them.
    pub runs: Option<u64>,
}

#[cfg(feature = "folder")]
impl SweepPlan {
    /// The number of runs of this part; `None` if there is no end of them.
    pub(crate) fn run_count(&self) -> Option<u64> {
        let seeds = self.seeds?;
        let runs = |scenario: &PlannedScenario| self.shard.runs_of(&scenario.name, self.first_seed, seeds);
        self.scenarios.iter().map(runs).try_fold(0_u64, u64::checked_add)
    }

    /// Returns `true` if the run of a scenario under a seed is in this part.
    pub(crate) fn has(&self, scenario: &str, seed: u64) -> bool {
        let round = seed.checked_sub(self.first_seed);
        round.is_some_and(|round| self.seeds.is_none_or(|seeds| round < seeds))
            && self.scenarios.iter().any(|own| own.name == scenario)
            && self.shard.has(scenario, seed)
    }
}

/// A command that makes a sweep's runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepCommand {
    /// Each scenario under each seed.
    #[default]
    Run,
    /// Plans that came to rare states, changed.
    Explore,
}

/// A scenario of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedScenario {
    /// Its name.
    pub name: String,
    /// Its name or its file, as the command line has it.
    pub source: String,
    /// A checksum of what it says: two of one name with different ones are two scenarios.
    pub checksum: String,
}

impl PlannedScenario {
    /// A scenario that the command line names so.
    pub fn new(scenario: &Scenario, source: &str) -> PlannedScenario {
        PlannedScenario {
            name: scenario.name.clone(),
            source: source.to_owned(),
            checksum: scenario.checksum(),
        }
    }
}

/// The way in which a sweep ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All runs were made.
    #[default]
    Complete,
    /// Its time was up.
    Time,
    /// So many runs failed that no other began.
    Failures,
    /// A signal ended it.
    Interrupted,
}
