//! Test suites against a simulated cluster: plain `#[test]` functions, no macro.

mod difference;
mod environment;
mod failure;
mod guarantee;
mod judged_run;
mod record;
mod shrink;

pub use failure::{Failure, TestError};
pub use guarantee::Guarantee;

use crate::checker::history::{History, jsonl};
use crate::checker::judge::Judge;
use crate::checker::verdict::Verdicts;
use crate::sim::{Counters, Parts, ProxyPlace, Run, SimulationConfig, TimedOut, World, simulate};
use crate::store::defect::Defect;
use failure::{Cause, Needed};
use judged_run::{FailedRun, JudgedRun, Seen};
use shrink::shrink;
use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
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
    guarantees: Vec<Arc<dyn Guarantee>>,
    histories: Option<PathBuf>,
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
    /// The number of things that each guarantee of the test's own examined, over all seeds.
    pub examined: BTreeMap<String, u64>,
}

/// A test called `name`: three members, seeds 0 to 15, nothing wrong with network or disks.
///
/// The environment overrides the seeds: `REVLINE_SEED=17` runs one, with logs in simulated time (`RUST_LOG` says which,
/// `info` if it does not), `REVLINE_SEEDS=500` runs so many. `REVLINE_PARTS=FILE`
/// keeps of the random parts of the world those that a failure named. `REVLINE_HISTORIES=DIR` keeps the history of every run
/// ([`Test::histories`]).
pub fn test(name: &str) -> Test {
    Test {
        name: name.to_owned(),
        config: SimulationConfig::default(),
        seeds: 0..16,
        recovery: Duration::from_secs(20),
        time_limit: Duration::from_secs(3_600),
        guarantees: Vec::new(),
        histories: env::var_os("REVLINE_HISTORIES").map(PathBuf::from),
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

    /// Adds a guarantee of the test's own, judged of each run.
    pub fn guarantee(mut self, guarantee: impl Guarantee + 'static) -> Test {
        self.guarantees.push(Arc::new(guarantee));
        self
    }

    /// Keeps the history of every run that passes, too, in a folder: `NAME-SEED.history.jsonl`, for `revline check` and
    /// for tools of one's own.
    pub fn histories(mut self, folder: impl Into<PathBuf>) -> Test {
        self.histories = Some(folder.into());
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
            examined: BTreeMap::new(),
        };
        for seed in seeds.clone() {
            let parts = environment::parts_to_keep();
            let run = self.once(seed, &parts, &program);
            if seed == seeds.start
                && let Ok(first) = &run
            {
                let again = self.once(seed, &environment::parts_to_keep(), &program);
                if again.is_ok_and(|again| again.trace.hash() != first.trace.hash()) {
                    let cause = Cause::NotDeterministic(self.difference(seed, &program));
                    return Err(self.failure(seed, cause, &Seen::default(), None));
                }
            }
            let JudgedRun { run: first, verdicts, examined } = run
                .and_then(|run| self.judged(run))
                .map_err(|failed| self.shrunk(seed, failed, &parts, &program))?;
            self.export(seed, &first.history);
            for (name, count) in examined {
                *passed.examined.entry(name).or_default() += count;
            }
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
            return Err(self.failure(seeds.start, Cause::NeverReached(never), &Seen::default(), None));
        }
        let nothing: Vec<String> =
            passed.examined.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name.clone()).collect();
        if !nothing.is_empty() {
            return Err(self.failure(seeds.start, Cause::ExaminedNothing(nothing), &Seen::default(), None));
        }
        Ok(passed)
    }

    /// The failure under a seed with the few random parts of the world that it needs.
    fn shrunk<P, F>(&self, seed: u64, failed: Box<FailedRun>, parts: &Parts, program: &P) -> Box<Failure>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let all = parts.kept();
        let mut smallest = failed;
        let needed = (!all.is_empty()).then(|| {
            shrink(all, &mut |some| {
                let run = self.once(seed, &Parts::only(some.iter().cloned()), program);
                match run.and_then(|run| self.judged(run)) {
                    Err(failed) if failed.cause.is_like(&smallest.cause) => {
                        smallest = failed;
                        true
                    }
                    _ => false,
                }
            })
        });
        let FailedRun { cause, seen } = *smallest;
        self.failure(seed, cause, &seen, needed)
    }

    /// Says where two more runs of a seed part.
    fn difference<P, F>(&self, seed: u64, program: &P) -> Option<String>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let kept = || self.traced(seed, &environment::parts_to_keep(), program, true).ok();
        difference::between(&kept()?.trace, &kept()?.trace)
    }

    /// Judges a run of a program that ended: the guarantees of the cluster, those of the test, and the program's own checks.
    fn judged(&self, mut run: Run<()>) -> Result<JudgedRun, Box<FailedRun>> {
        let verdicts = Judge::new(&run.history).run();
        if verdicts.any_violated() || verdicts.any_unknown() {
            return Err(FailedRun::new(Cause::Verdicts(verdicts), run));
        }
        let mut examined = BTreeMap::new();
        for guarantee in &self.guarantees {
            match guarantee.check(&run.history, &run.observations) {
                Ok(count) => *examined.entry(guarantee.name().to_owned()).or_default() += count,
                Err(wrong) => {
                    let cause = Cause::Own { guarantee: guarantee.name().to_owned(), wrong };
                    return Err(FailedRun::new(cause, run));
                }
            }
        }
        for check in std::mem::take(&mut run.checks) {
            if let Err(wrong) = check.run(&run.history, &run.observations) {
                return Err(FailedRun::new(Cause::Own { guarantee: "check".to_owned(), wrong }, run));
            }
        }
        Ok(JudgedRun { run, verdicts, examined })
    }

    /// Keeps the history of a run that passed, if that is wanted.
    fn export(&self, seed: u64, history: &History) {
        let Some(folder) = &self.histories else { return };
        let file = folder.join(format!("{}-{seed}.history.jsonl", self.name));
        let written = fs::create_dir_all(folder).and_then(|()| write_history(&file, history));
        written.unwrap_or_else(|error| panic!("the history of a run: {}: {error}", file.display()));
    }

    /// Runs `program` under one seed with some of its random parts.
    fn once<P, F>(&self, seed: u64, parts: &Parts, program: &P) -> Result<Run<()>, Box<FailedRun>>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        self.traced(seed, parts, program, false)
    }

    /// As [`Test::once`]; the trace may be kept.
    fn traced<P, F>(
        &self,
        seed: u64,
        parts: &Parts,
        program: &P,
        keep_trace: bool,
    ) -> Result<Run<()>, Box<FailedRun>>
    where
        P: Fn(World) -> F + Sync,
        F: Future<Output = Result<(), TestError>>,
    {
        let config = SimulationConfig { seed, ..self.config.clone() };
        let (recovery, time_limit) = (self.recovery, self.time_limit);
        let run = simulate(&config, keep_trace, |world| async move {
            world.keep_parts(parts.clone());
            let result = world.timeout(time_limit, program(world.clone())).await?;
            // What they do when the test is over is no part of it.
            world.end_processes();
            world.settle(recovery).await;
            Ok(result.map_err(|error| error.to_string()))
        });
        match run {
            Err(panicked) => {
                let verdicts = Judge::new(&*panicked.history).run();
                Err(FailedRun::new(Cause::Panicked(panicked.message.clone(), verdicts), panicked))
            }
            Ok(run) => match &run.value {
                Ok(Ok(())) => Ok(run.map(drop)),
                Ok(Err(error)) => {
                    let cause = Cause::Program(error.clone(), Judge::new(&run.history).run());
                    Err(FailedRun::new(cause, run))
                }
                Err(TimedOut) => {
                    let open = open_calls(&run.history, time_limit);
                    let error = format!("it had not ended after {time_limit:?} of simulated time{open}");
                    Err(FailedRun::new(Cause::Program(error, Judge::new(&run.history).run()), run))
                }
            },
        }
    }

    fn failure(&self, seed: u64, cause: Cause, seen: &Seen, needed: Option<Needed>) -> Box<Failure> {
        let config = SimulationConfig { seed, ..self.config.clone() };
        Box::new(Failure::new(&self.name, &config, cause, seen, needed))
    }

    fn seeds_to_run(&self) -> Range<u64> {
        let seeds = environment::seeds(&self.seeds);
        assert!(!seeds.is_empty(), "`{}` has no seeds, {seeds:?}: nothing would be tested", self.name);
        seeds
    }
}

/// Writes what the clients saw, for `revline check` and for reading.
fn write_history(file: &Path, history: &History) -> io::Result<()> {
    jsonl::write(history, BufWriter::new(File::create(file)?))
}

/// Says which calls a program waited for when its time was up: they were given up with it.
fn open_calls(history: &History, time_limit: Duration) -> String {
    let late = |at_ns: u64| u128::from(at_ns) >= time_limit.as_nanos();
    let open = history.operations.iter().filter(|operation| operation.return_ns.is_none_or(late));
    let open: Vec<String> = open.map(|operation| operation.request.to_string()).collect();
    if open.is_empty() { String::new() } else { format!("; open calls: {}", open.join(", ")) }
}
