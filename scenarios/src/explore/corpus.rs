//! The plans that an exploration keeps, and how rare is what they reach.

use super::goal::Goal;
use super::turns::Yields;
use crate::plan::Plan;
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;
use std::collections::{BTreeMap, BTreeSet};

/// A plan is kept for a goal that fewer runs than this reached before.
const RARE_RUNS: u64 = 3;

/// The weight of a goal that one run reached; with more it is shared among them.
const WEIGHT: u64 = 1 << 20;

/// A plan that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub plan: Plan,
    pub goals: BTreeSet<Goal>,
    /// The moments at which its run first came to rare states, in milliseconds.
    pub moments_ms: Vec<u64>,
}

/// The runs that reached a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Their number.
    pub runs: u64,
    /// The first of them, counted from 1.
    pub first: u64,
}

/// The kept plans, and the goals that all runs reached.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    kept: Vec<Kept>,
    reached: BTreeMap<Goal, Reach>,
    yields: Yields,
    runs: u64,
}

impl Corpus {
    /// Takes a run; keeps its plan if it reached something rare. Returns whether it did.
    pub fn take(&mut self, plan: Plan, goals: BTreeSet<Goal>, moments_ms: Vec<u64>) -> bool {
        self.runs += 1;
        let first = self.runs;
        let (mut is_rare, mut has_rare_mark) = (false, false);
        for goal in &goals {
            let reach = self.reached.entry(*goal).or_insert(Reach { runs: 0, first });
            is_rare |= reach.runs < RARE_RUNS;
            has_rare_mark |= reach.runs < RARE_RUNS && matches!(goal, Goal::Mark(_));
            reach.runs += 1;
        }
        self.yields.take(plan.variant.is_some(), has_rare_mark);
        if is_rare {
            self.kept.push(Kept { plan, goals, moments_ms });
        }
        is_rare
    }

    /// Chooses a plan: first a kind of goal, then a goal, the rarer the sooner, and then one of those that reach it.
    ///
    /// There are a hundred times as many pairs as marks: without the first step a mark would hardly ever be chosen.
    pub fn choose(&self, generator: &mut Generator) -> Option<&Kept> {
        let weight = |reach: &Reach| WEIGHT / reach.runs.max(1);
        let mut totals = [0; Goal::KINDS];
        self.reached.iter().for_each(|(goal, reach)| totals[goal.kind()] += weight(reach));
        let kinds: Vec<usize> = (0..Goal::KINDS).filter(|kind| totals[*kind] > 0).collect();
        let kind = *kinds.choose(generator)?;
        let mut drawn = generator.gen_range(0..totals[kind]);
        let (goal, _) = self.reached.iter().filter(|(goal, _)| goal.kind() == kind).find(|(_, reach)| {
            let is_here = drawn < weight(reach);
            drawn = drawn.saturating_sub(weight(reach));
            is_here
        })?;
        let those = || self.kept.iter().filter(|kept| kept.goals.contains(goal));
        let which = generator.gen_range(0..those().count().max(1));
        those().nth(which)
    }

    /// The yields of plans drawn afresh and of changed ones.
    pub fn yields(&self) -> Yields {
        self.yields
    }

    /// The number of runs.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The number of kept plans.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Every goal that was reached.
    pub fn reached(&self) -> &BTreeMap<Goal, Reach> {
        &self.reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::plan::draw;
    use revline_sim::entropy::generator;
    use revline_store::defect::Defects;

    fn plan(seed: u64) -> Plan {
        draw(&catalogue::find("steady").unwrap(), seed, Defects::NONE)
    }

    #[test]
    fn a_plan_is_kept_as_long_as_what_it_reaches_is_rare() {
        let mut corpus = Corpus::default();
        let kept: Vec<bool> =
            (0..5).map(|seed| corpus.take(plan(seed), [Goal::Mark(1)].into(), Vec::new())).collect();
        assert_eq!(kept, [true, true, true, false, false]);
        assert!(corpus.take(plan(5), [Goal::Mark(1), Goal::Mark(2)].into(), Vec::new()));
        assert_eq!((corpus.runs(), corpus.len()), (6, 4));
        assert_eq!(corpus.reached()[&Goal::Mark(1)], Reach { runs: 6, first: 1 });
        assert_eq!(corpus.reached()[&Goal::Mark(2)], Reach { runs: 1, first: 6 });
    }

    #[test]
    fn the_rarer_is_chosen_the_more_often() {
        let mut corpus = Corpus::default();
        let mut generator = generator(7, "test");
        assert!(corpus.choose(&mut generator).is_none(), "there is none yet");
        for seed in 0..99 {
            corpus.take(plan(seed), [Goal::Mark(1)].into(), Vec::new());
        }
        corpus.take(plan(99), [Goal::Mark(2)].into(), Vec::new());
        let chosen = (0..1_000).filter(|_| corpus.choose(&mut generator).unwrap().plan.seed == 99).count();
        assert!(chosen > 950 && chosen < 1_000, "{chosen}");
    }

    #[test]
    fn a_kind_of_goals_is_chosen_as_often_as_another() {
        let mut corpus = Corpus::default();
        for seed in 0..99 {
            corpus.take(plan(seed), [Goal::Count("elections", seed as u32)].into(), Vec::new());
        }
        corpus.take(plan(99), [Goal::Mark(2)].into(), Vec::new());
        let mut generator = generator(7, "test");
        let chosen = (0..1_000).filter(|_| corpus.choose(&mut generator).unwrap().plan.seed == 99).count();
        assert!((400..600).contains(&chosen), "{chosen}");
    }
}
