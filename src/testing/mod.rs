//! Test suites against a simulated cluster: plain `#[test]` functions, no macro.

mod failure;
mod shrink;

pub use failure::{Failure, TestError};

use crate::checker::history::History;
use crate::checker::judge::Judge;
use crate::checker::verdict::Verdicts;
use crate::sim::{Counters, Panicked, Parts, ProxyPlace, Run, SimulationConfig, TimedOut, World, simulate};
use crate::store::defect::Defect;
use failure::{Cause, Needed};
use shrink::shrink;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// Says that a test means to see a condition hold in some run, and whether it does now. Under many seeds, the test fails if
/// it holds in none. The name is that of the mark; without one, the condition itself.
///
/// ```
/// use revline::prelude::*;
///
/// revline::test("both-win").seeds(0..8).run(|world| async move {
///     let (a, b) = (world.client("a").await?, world.client("b").await?);
///     let (of_a, of_b) = (world.spawn(async move { a.put("k", "a").await }), b.put("k", "b").await);
///     of_a.await?.ok();
///     of_b.ok();
///     let last = world.client("c").await?.get("k").await?;
///     sometimes!(world, last.value_str() == Some("a"), "a writes last");
///     sometimes!(world, last.value_str() == Some("b"), "b writes last");
///     Ok(())
/// });
/// ```
#[macro_export]
macro_rules! sometimes {
    ($world:expr, $condition:expr) => {
        $crate::sometimes!($world, $condition, stringify!($condition))
    };
    ($world:expr, $condition:expr, $name:expr) => {
        $world.sometimes($condition, $name)
    };
}

/// A test: a program that is run under many seeds.
#[derive(Clone, Debug)]
pub struct Test {
    name: String,
    config: SimulationConfig,
    seeds: Range<u64>,
    recovery: Duration,
    time_limit: Duration,
}

/// The verdicts and counters of a test that passed.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The number of seeds.
    pub seeds: u64,
    /// The verdicts over all of them.
    pub verdicts: Verdicts,
    /// The counters over all of them: a suite can insist that rare states were reached.
    pub counters: Counters,
    /// The marks of the program, each with the number of seeds that reached it.
    pub marks: BTreeMap<String, u64>,
}

/// A test called `name`: three members, seeds 0 to 15, nothing wrong with network or disks.
///
/// The environment overrides the seeds: `REVLINE_SEED=17` runs one, `REVLINE_SEEDS=500` runs so many. `REVLINE_PARTS=FILE`
/// keeps of the random parts of the world those that a failure named.
pub fn test(name: &str) -> Test {
    Test {
        name: name.to_owned(),
        config: SimulationConfig::default(),
        seeds: 0..16,
        recovery: Duration::from_secs(20),
        time_limit: Duration::from_secs(3_600),
    }
}

impl Test {
    /// Sets the number of members: 1 to 7.
    pub fn members(mut self, members: u64) -> Test {
        self.config.members = members;
        self
    }

    /// Sets the proxies between clients and members: see [`World::proxies`] for the endpoints of clients.
    pub fn proxies(mut self, proxies: impl IntoIterator<Item = ProxyPlace>) -> Test {
        self.config.proxies = proxies.into_iter().collect();
        self
    }

    /// Sets the seeds to run: one at least.
    pub fn seeds(mut self, seeds: Range<u64>) -> Test {
        self.seeds = seeds;
        self
    }

    /// Switches a rule of the store off.
    pub fn defect(mut self, defect: Defect) -> Test {
        self.config.defects = self.config.defects.with(defect);
        self
    }

    /// Sets the time in which the cluster must serve again after the program is over. Default 20 s.
    pub fn recovery(mut self, bound: Duration) -> Test {
        self.recovery = bound;
        self
    }

    /// Sets the simulated time in which the program must end: one that hangs fails, with the calls that it waited for.
    /// Default an hour.
    pub fn time_limit(mut self, limit: Duration) -> Test {
        self.time_limit = limit;
        self
    }

    /// Changes anything else about the world. Its seed is set for each run.
    pub fn configure(mut self, change: impl FnOnce(&mut SimulationConfig)) -> Test {
        change(&mut self.config);
        self
    }

    /// Runs `program` under every seed, heals what it left broken, and judges every guarantee.
    ///
    /// The first seed runs twice: a program that is not a function of its seed could not be replayed.
    ///
    /// # Panics
    ///
    /// If there are no seeds, the program fails or panics, a guarantee is violated or cannot be decided, or two runs of one
    /// seed differ. The message has the one line that runs the same again, and says where the history lies. Of the random
    /// parts of the world ([`World::keeps`], which chaos asks) it names the few that the failure needs.
    pub fn run<P, F>(self, program: P) -> Passed
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        self.try_run(program).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// As [`Test::run`], with the failure as a value.
    pub fn try_run<P, F>(self, program: P) -> Result<Passed, Box<Failure>>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let seeds = self.seeds_to_run();
        let mut passed = Passed {
            seeds: seeds.end.saturating_sub(seeds.start),
            verdicts: Verdicts::default(),
            counters: Counters::default(),
            marks: BTreeMap::new(),
        };
        for seed in seeds.clone() {
            let parts = parts_to_keep();
            let run = self.once(seed, &parts, &program);
            if seed == seeds.start
                && let Ok(first) = &run
            {
                let again = self.once(seed, &parts_to_keep(), &program);
                if again.is_ok_and(|again| again.trace.hash() != first.trace.hash()) {
                    return Err(self.failure(seed, Cause::NotDeterministic, &History::default(), None));
                }
            }
            let (first, verdicts) =
                run.and_then(judged).map_err(|failed| self.shrunk(seed, failed, &parts, &program))?;
            passed.verdicts.merge(verdicts);
            passed.counters += first.counters;
            for (name, reached) in first.marks.own() {
                *passed.marks.entry(name.to_owned()).or_default() += u64::from(reached);
            }
        }
        let never: Vec<String> =
            passed.marks.iter().filter(|(_, seeds)| **seeds == 0).map(|(name, _)| name.clone()).collect();
        // One seed alone may well not reach them all.
        if !never.is_empty() && passed.seeds > 1 {
            return Err(self.failure(seeds.start, Cause::NeverReached(never), &History::default(), None));
        }
        Ok(passed)
    }

    /// The failure under a seed with the few random parts of the world that it needs.
    fn shrunk<P, F>(&self, seed: u64, failed: Failed, parts: &Parts, program: &P) -> Box<Failure>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let all = parts.kept();
        let mut smallest = failed;
        let needed = (!all.is_empty()).then(|| {
            shrink(all, &mut |some| {
                let run = self.once(seed, &Parts::only(some.iter().cloned()), program);
                match run.and_then(judged) {
                    Err(failed) if failed.0.is_like(&smallest.0) => {
                        smallest = failed;
                        true
                    }
                    _ => false,
                }
            })
        });
        let (cause, history) = *smallest;
        self.failure(seed, cause, &history, needed)
    }

    /// Runs `program` under one seed with some of its random parts.
    fn once<P, F>(&self, seed: u64, parts: &Parts, program: &P) -> Result<Run<()>, Failed>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let config = SimulationConfig { seed, ..self.config.clone() };
        let (recovery, time_limit) = (self.recovery, self.time_limit);
        let run = simulate(&config, false, |world| async move {
            world.keep_parts(parts.clone());
            let result = world.timeout(time_limit, program(world.clone())).await?;
            // What they do when the test is over is no part of it.
            world.end_processes();
            world.settle(recovery).await;
            Ok(result.map_err(|error| error.to_string()))
        });
        match run {
            Err(panicked) => {
                let Panicked { message, history } = panicked;
                Err(Box::new((Cause::Panicked(message, Judge::new(&*history).run()), *history)))
            }
            Ok(Run { value: Err(TimedOut), history, .. }) => {
                let open = open_calls(&history, time_limit);
                let error = format!("it had not ended after {time_limit:?} of simulated time{open}");
                Err(Box::new((Cause::Program(error, Judge::new(&history).run()), history)))
            }
            Ok(Run { value: Ok(Err(error)), history, .. }) => {
                Err(Box::new((Cause::Program(error, Judge::new(&history).run()), history)))
            }
            Ok(Run { value: Ok(Ok(())), history, trace, counters, marks, simulated_ns }) => {
                Ok(Run { value: (), history, trace, counters, marks, simulated_ns })
            }
        }
    }

    fn failure(&self, seed: u64, cause: Cause, history: &History, needed: Option<Needed>) -> Box<Failure> {
        Box::new(Failure::new(&self.name, seed, cause, history, needed))
    }

    fn seeds_to_run(&self) -> Range<u64> {
        let number = |name: &str| {
            let value = env::var(name).ok()?;
            Some(
                value.parse::<u64>().unwrap_or_else(|_| panic!("{name} is `{value}`; a number was expected")),
            )
        };
        let seeds = match (number("REVLINE_SEED"), number("REVLINE_SEEDS")) {
            (Some(seed), _) => seeds_from(seed, 1),
            (None, Some(count)) => seeds_from(self.seeds.start, count),
            (None, None) => self.seeds.clone(),
        };
        assert!(!seeds.is_empty(), "`{}` has no seeds, {seeds:?}: nothing would be tested", self.name);
        seeds
    }
}

/// The cause of a failure, and what was seen until then.
type Failed = Box<(Cause, History)>;

/// Judges a run of a program that ended.
fn judged(run: Run<()>) -> Result<(Run<()>, Verdicts), Failed> {
    let verdicts = Judge::new(&run.history).run();
    match verdicts.any_violated() || verdicts.any_unknown() {
        true => Err(Box::new((Cause::Verdicts(verdicts), run.history))),
        false => Ok((run, verdicts)),
    }
}

/// The random parts of the world that the environment keeps: all, or those that `REVLINE_PARTS` lists.
fn parts_to_keep() -> Parts {
    let Some(file) = env::var_os("REVLINE_PARTS") else { return Parts::default() };
    let text = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("REVLINE_PARTS: {}: {error}", Path::new(&file).display()));
    Parts::only(text.lines().map(str::to_owned))
}

/// Says which calls a program waited for when its time was up: they were given up with it.
fn open_calls(history: &History, time_limit: Duration) -> String {
    let late = |at_ns: u64| u128::from(at_ns) >= time_limit.as_nanos();
    let open = history.operations.iter().filter(|operation| operation.return_ns.is_none_or(late));
    let open: Vec<String> = open.map(|operation| operation.request.to_string()).collect();
    if open.is_empty() { String::new() } else { format!("; open calls: {}", open.join(", ")) }
}

fn seeds_from(first: u64, count: u64) -> Range<u64> {
    let end = first.checked_add(count);
    first
        ..end.unwrap_or_else(|| {
            panic!("there are no {count} seeds from {first}: the last is {}", u64::MAX - 1)
        })
}
