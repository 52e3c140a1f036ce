//! The parts of a sweep: dealt so that each has runs of every scenario.
//!
//! The seeds of a scenario go round the parts one after the other, and its name says which part is the first. So the part
//! of a run depends on its scenario and its seed alone, not on the others in the sweep, nor on the first seed.

use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZero;

/// A part of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Shard {
    /// The number of the part, from 1 to `of`.
    index: u64,
    /// The number of parts.
    of: NonZero<u64>,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Shard = Shard { index: 1, of: NonZero::<u64>::MIN };

    /// Part `index` of `of`; `None` if there is no such part.
    pub fn new(index: u64, of: u64) -> Option<Shard> {
        let of = NonZero::new(of)?;
        (1..=of.get()).contains(&index).then_some(Shard { index, of })
    }

    /// The number of the part, from 1.
    pub fn index(self) -> u64 {
        self.index
    }

    /// The number of parts.
    pub fn of(self) -> u64 {
        self.of.get()
    }

    /// Returns `true` if the run of a scenario under a seed is in this part.
    pub fn has(self, scenario: &str, seed: u64) -> bool {
        self.first_round(scenario, seed) == 0
    }

    /// The number of runs that a scenario has in this part of a sweep of so many seeds.
    pub fn runs_of(self, scenario: &str, first_seed: u64, seeds: u64) -> u64 {
        seeds.saturating_sub(self.first_round(scenario, first_seed)).div_ceil(self.of.get())
    }

    /// The first seed of a scenario in this part, counted from `first_seed`. Every `of`-th after it is in the part, too.
    fn first_round(self, scenario: &str, first_seed: u64) -> u64 {
        let of = u128::from(self.of.get());
        let first = u128::from(crc32c::crc32c(scenario.as_bytes())) + u128::from(first_seed);
        let round = (u128::from(self.index - 1) + of - first % of) % of;
        u64::try_from(round).expect("less than the number of parts")
    }
}

impl Default for Shard {
    fn default() -> Self {
        Shard::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A part, as documents have it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    index: u64,
    of: u64,
}

impl From<Shard> for Written {
    fn from(shard: Shard) -> Written {
        Written { index: shard.index(), of: shard.of() }
    }
}

impl TryFrom<Written> for Shard {
    type Error = String;

    fn try_from(Written { index, of }: Written) -> Result<Shard, String> {
        Shard::new(index, of)
            .ok_or_else(|| format!("there is no part {index} of {of}: parts are counted from 1"))
    }
}

/// The runs of a part, in order: of each scenario a run, then of each the next one.
#[derive(Debug)]
pub(crate) struct Deal {
    /// The first round of each scenario, by its position; the earliest first.
    first_rounds: Vec<(u64, usize)>,
    every: u64,
    rounds: u64,
}

impl Deal {
    /// Deals the runs of `scenarios` under `rounds` seeds.
    pub fn new(shard: Shard, scenarios: &[Scenario], first_seed: u64, rounds: u64) -> Deal {
        let first = |(at, scenario): (usize, &Scenario)| (shard.first_round(&scenario.name, first_seed), at);
        let mut first_rounds: Vec<(u64, usize)> = scenarios.iter().enumerate().map(first).collect();
        first_rounds.sort_unstable();
        first_rounds.retain(|(round, _)| *round < rounds);
        Deal { first_rounds, every: shard.of.get(), rounds }
    }

    /// The run at a position: the position of its scenario, and its round. `None` past the end.
    pub fn at(&self, position: u64) -> Option<(usize, u64)> {
        let scenarios = self.first_rounds.len() as u64;
        let turn = position.checked_div(scenarios)?;
        let (first, scenario) = self.first_rounds[usize::try_from(position % scenarios).ok()?];
        let round = turn.checked_mul(self.every)?.checked_add(first)?;
        (round < self.rounds).then_some((scenario, round))
    }

    /// The number of runs; `None` if it has more than 64 bits.
    pub fn count(&self) -> Option<u64> {
        let runs = |(first, _): &(u64, usize)| (self.rounds - first).div_ceil(self.every);
        self.first_rounds.iter().map(runs).try_fold(0_u64, u64::checked_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use std::collections::BTreeSet;

    fn deal(shard: (u64, u64), scenarios: &[Scenario], first_seed: u64, rounds: u64) -> Deal {
        let shard = Shard::new(shard.0, shard.1).expect("a part");
        Deal::new(shard, scenarios, first_seed, rounds)
    }

    fn runs(deal: &Deal) -> Vec<(usize, u64)> {
        (0..).map_while(|position| deal.at(position)).collect()
    }

    #[test]
    fn parts_are_the_whole_and_each_run_is_in_one() {
        let scenarios = catalogue::all();
        let whole: BTreeSet<(usize, u64)> = runs(&deal((1, 1), &scenarios, 7, 5)).into_iter().collect();
        assert_eq!(whole.len(), scenarios.len() * 5);
        for of in 1..=12 {
            let mut seen = Vec::new();
            for index in 1..=of {
                let part = deal((index, of), &scenarios, 7, 5);
                assert_eq!(part.count(), Some(runs(&part).len() as u64), "{index} of {of}");
                let shard = Shard::new(index, of).expect("a part");
                for (at, round) in whole.iter().copied() {
                    let is_in_part = runs(&part).contains(&(at, round));
                    assert_eq!(shard.has(&scenarios[at].name, 7 + round), is_in_part);
                }
                let counted = scenarios.iter().map(|scenario| shard.runs_of(&scenario.name, 7, 5)).sum();
                assert_eq!(part.count(), Some(counted));
                seen.extend(runs(&part));
            }
            assert_eq!(seen.len(), whole.len(), "of {of}");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), whole, "of {of}");
        }
    }

    #[test]
    fn every_part_has_runs_of_every_scenario() {
        let scenarios = catalogue::all();
        for (index, of) in (1..=9).flat_map(|of| (1..=of).map(move |index| (index, of))) {
            let part = runs(&deal((index, of), &scenarios, 3, of));
            let seen: BTreeSet<usize> = part.into_iter().map(|(at, _)| at).collect();
            assert_eq!(seen.len(), scenarios.len(), "{index} of {of}");
        }
    }

    #[test]
    fn the_part_of_a_run_depends_on_its_scenario_and_seed_alone() {
        let scenarios = catalogue::all();
        let part = |scenarios: &[Scenario], first_seed: u64, rounds: u64| {
            let named = |(at, round): (usize, u64)| (scenarios[at].name.clone(), first_seed + round);
            let runs = runs(&deal((2, 3), scenarios, first_seed, rounds));
            runs.into_iter().map(named).collect::<BTreeSet<(String, u64)>>()
        };
        let few = part(&scenarios[4..6], 10, 5);
        assert!(!few.is_empty() && few.is_subset(&part(&scenarios, 0, 20)), "{few:?}");
    }

    #[test]
    fn of_more_parts_than_runs_most_are_empty() {
        let steady = [catalogue::find("steady").expect("it is in the catalogue")];
        let parts = 1..=1_000_000;
        let full = parts.filter(|&index| deal((index, 1_000_000), &steady, 0, 3).count() == Some(1)).count();
        assert_eq!(full, 3);
    }

    #[test]
    fn numbers_beyond_64_bits_are_no_runs() {
        let scenarios = catalogue::all();
        assert_eq!(deal((1, 1), &scenarios, 0, u64::MAX).count(), None);
        assert_eq!(
            deal((1, 1), &scenarios, 0, u64::MAX).at(u64::MAX).map(|(_, round)| round),
            Some(u64::MAX / scenarios.len() as u64)
        );
        assert_eq!(deal((5, u64::MAX), &scenarios, u64::MAX - 8, 8).at(u64::MAX), None);
    }
}
