//! Exploring: plans that came to rare states are changed, and what comes to rarer ones is kept and changed further.
//!
//! A sweep draws every plan afresh, so that it comes to a state that needs three unlikely things as seldom as all three
//! happen at once. Here a plan that saw two of them is kept, and the third is tried on it. (As coverage-guided fuzzers do
//! it; the choice of rare goals is that of AFLFast and libFuzzer's Entropic.)
//!
//! Plans are made in batches, each from what was kept before it: what is explored depends on the seed and the plans it
//! begins with, neither on the number of jobs nor on the machine. Time ends it between two runs.

mod change;
mod corpus;
mod folder;
mod goal;
mod turns;

pub use corpus::Reach;
pub use folder::{keep, read};
pub use goal::Goal;

use crate::crew::{self, Proceed};
use crate::plan::{Plan, draw};
use crate::scenario::Scenario;
use crate::sweep::{Finished, run_one};
use change::{Material, changed};
use corpus::Corpus;
use rand::Rng;
use revline_sim::entropy::generator;
use revline_store::defect::Defects;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::time::Duration;
use turns::Rounds;

/// The most plans that are made at once, whatever the number of jobs.
const MOST_AT_ONCE: u64 = 32;

/// The fewest: at the beginning every run teaches much.
const FEWEST_AT_ONCE: u64 = 4;

/// An exploration.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// The scenarios: each is drawn once at the beginning, and then as often as the others.
    pub scenarios: Vec<Scenario>,
    /// Rules of the store that are switched off.
    pub defects: Defects,
    /// The seed of all that is drawn and changed.
    pub seed: u64,
    /// Plans of earlier explorations, which are run first.
    pub corpus: Vec<Plan>,
    /// The least share of plans that are drawn afresh, in percent: more are as long as these come to more that is rare.
    /// With 100 it is a sweep over seeds that are drawn.
    pub fresh_percent: u32,
    /// The number of runs beside those of the corpus.
    pub runs: u64,
    /// Runs at once. The findings do not depend on it.
    pub jobs: NonZero<usize>,
    /// Start no run after the first once this much real time has passed.
    pub time_limit: Option<Duration>,
}

/// The findings of an exploration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The number of runs, with those of the corpus that it began with.
    pub runs: u64,
    /// The number of plans that were kept.
    pub kept: u64,
    /// Every goal that was reached.
    pub reached: BTreeMap<Goal, Reach>,
}

/// A run of an exploration.
#[derive(Debug)]
pub struct ExploredRun<T> {
    /// The part that its examination returned.
    pub examined: T,
    /// True if the plan was kept: it came to something rare.
    pub is_kept: bool,
}

impl Exploration {
    /// Explores. `wall` tells real time; `examine` is called on the thread of each run and returns what is wanted of it;
    /// `on_finished` gets that in the order of the runs.
    pub fn run<T: Send>(
        &self,
        wall: &(dyn Fn() -> Duration + Sync),
        examine: &(dyn Fn(Finished) -> T + Sync),
        on_finished: &mut dyn FnMut(ExploredRun<T>) -> Proceed,
    ) -> Explored {
        let mut corpus = Corpus::default();
        let mut rounds = Rounds::new(self.seed, self.scenarios.len());
        let mut proceed = Proceed::On;
        let runs = self.runs.saturating_add(self.corpus.len() as u64);
        while proceed == Proceed::On && corpus.runs() < runs {
            let before = corpus.runs();
            let count = (before / 8).clamp(FEWEST_AT_ONCE, MOST_AT_ONCE).min(runs - before);
            let batch: Vec<Plan> =
                (before..before + count).map(|run| self.plan(run, &corpus, &mut rounds)).collect();
            let is_in_time =
                |at| (before == 0 && at == 0) || self.time_limit.is_none_or(|limit| wall() < limit);
            let job = |at: u64| {
                let plan = batch[at as usize].clone();
                let finished = run_one(plan, wall);
                let (goals, moments_ms) = reached(&finished);
                (goals, moments_ms, examine(finished))
            };
            let mut done = BTreeMap::new();
            crew::work(self.jobs, count, &is_in_time, &job, &mut |at, result| {
                done.insert(at, result);
                Proceed::On
            });
            if done.len() as u64 != count {
                proceed = Proceed::Stop;
            }
            for (plan, (goals, moments_ms, examined)) in batch.into_iter().zip(done.into_values()) {
                let is_kept = corpus.take(plan, goals, moments_ms);
                if on_finished(ExploredRun { examined, is_kept }) == Proceed::Stop {
                    proceed = Proceed::Stop;
                    break;
                }
            }
        }
        Explored { runs: corpus.runs(), kept: corpus.len() as u64, reached: corpus.reached().clone() }
    }

    /// The plan of a run: of an earlier exploration, drawn afresh, or changed from one that is kept.
    fn plan(&self, run: u64, corpus: &Corpus, rounds: &mut Rounds) -> Plan {
        let own = usize::try_from(run).ok();
        if let Some(plan) = own.and_then(|run| self.corpus.get(run)) {
            let mut plan = plan.clone();
            plan.simulation.defects = self.defects;
            return plan;
        }
        let mut generator = generator(self.seed, &format!("run {run}"));
        let is_first_round = run < (self.corpus.len() + self.scenarios.len()) as u64;
        let fresh_percent = corpus.yields().fresh_percent(self.fresh_percent);
        if !is_first_round && !generator.gen_ratio(fresh_percent, 100) {
            let chosen = (corpus.choose(&mut generator), corpus.choose(&mut generator));
            if let (Some(kept), Some(other)) = chosen {
                let material = Material { kept, other, scenarios: &self.scenarios, defects: self.defects };
                if let Some(plan) = changed(&material, &mut generator) {
                    return plan;
                }
            }
        }
        let scenario = &self.scenarios[rounds.next()];
        draw(scenario, u64::from(generator.r#gen::<u32>()), self.defects)
    }
}

/// The goals that a run reached, and the moments at which it came to rare states, in milliseconds.
fn reached(finished: &Finished) -> (BTreeSet<Goal>, Vec<u64>) {
    let Ok(outcome) = &finished.outcome else { return Default::default() };
    let mut moments_ms: Vec<u64> = outcome.marks.states().map(|(_, at_ns)| at_ns / 1_000_000).collect();
    moments_ms.sort_unstable();
    moments_ms.dedup();
    (Goal::of(outcome), moments_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::plan::PlanName;
    use revline_store::defect::Defect;

    fn exploration(runs: u64, jobs: usize) -> Exploration {
        let mut scenarios: Vec<Scenario> =
            ["steady", "crash-after-snapshot", "bridge"].map(|name| catalogue::find(name).unwrap()).into();
        scenarios.iter_mut().for_each(|scenario| scenario.duration_ms = 600);
        Exploration {
            scenarios,
            defects: Defects::NONE,
            seed: 5,
            corpus: Vec::new(),
            fresh_percent: 20,
            runs,
            jobs: NonZero::new(jobs).unwrap(),
            time_limit: None,
        }
    }

    /// The findings, and of each run its name, its trace and whether its plan was kept.
    fn explored(exploration: &Exploration) -> (Explored, Vec<(PlanName, u64, bool)>) {
        let mut runs = Vec::new();
        let examine = |finished: Finished| (finished.plan.name(), finished.outcome.unwrap().trace.hash());
        let found = exploration.run(&|| Duration::ZERO, &examine, &mut |run: ExploredRun<_>| {
            let (name, hash) = run.examined;
            runs.push((name, hash, run.is_kept));
            Proceed::On
        });
        (found, runs)
    }

    #[test]
    fn what_is_explored_depends_on_the_seed_and_not_on_the_jobs() {
        let alone = explored(&exploration(70, 1));
        assert_eq!(explored(&exploration(70, 3)), alone);
        let (found, runs) = &alone;
        assert_eq!((found.runs, runs.len()), (70, 70));
        assert_eq!(found.kept, runs.iter().filter(|(_, _, is_kept)| *is_kept).count() as u64);
        assert!(runs[..3].iter().all(|(name, _, is_kept)| name.variant.is_none() && *is_kept));
        let variants = runs.iter().filter(|(name, ..)| name.variant.is_some()).count();
        assert!(variants > 10, "{variants}");
        let other = explored(&Exploration { seed: 6, ..exploration(4, 1) });
        assert_ne!(other.1[0].1, runs[0].1);
    }

    #[test]
    fn with_nothing_but_fresh_plans_it_is_a_sweep() {
        let (_, runs) = explored(&Exploration { fresh_percent: 100, ..exploration(40, 2) });
        assert!(runs.iter().all(|(name, ..)| name.variant.is_none()));
    }

    #[test]
    fn the_plans_of_earlier_explorations_are_run_first_with_the_defects_of_this_one() {
        let plan = draw(&catalogue::find("bridge").unwrap(), 9, Defects::NONE);
        let defects = Defects::from(Defect::WatchBatchSplit);
        let again = Exploration { corpus: vec![plan.clone()], defects, ..exploration(1, 1) };
        let examine = |finished: Finished| finished.plan;
        let mut plans = Vec::new();
        again.run(&|| Duration::ZERO, &examine, &mut |run| {
            plans.push(run.examined);
            Proceed::On
        });
        assert_eq!((plans[0].name(), plans[0].simulation.defects), (plan.name(), defects));
        assert_eq!(plans[1].scenario, "steady");
    }

    #[test]
    fn time_and_the_caller_end_it_between_two_runs() {
        let late = Exploration { time_limit: Some(Duration::ZERO), ..exploration(70, 2) };
        let (found, runs) = explored(&late);
        assert!((1..=2).contains(&found.runs) && runs.len() as u64 == found.runs);
        let mut count = 0;
        let found = exploration(70, 2).run(&|| Duration::ZERO, &|_| (), &mut |_| {
            count += 1;
            if count == 3 { Proceed::Stop } else { Proceed::On }
        });
        assert_eq!((count, found.runs), (3, 3));
    }
}
