//! Tries a sample of mutants: a few seeds of all first, then more of those that live.

use crate::Failure;
use crate::arguments::Arguments;
use crate::build::{Built, build};
use crate::no_bugs::NoBugs;
use crate::reach::Reach;
use crate::results::{Results, Seen, Trial};
use crate::runner::{Run, scenarios, sweep};
use crate::sample::sample;
use crate::table::{self, Row};
use crate::unit_tests;
use crate::workshop::Workshop;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The seeds after which all others get their turn.
const STAGES: [u64; 4] = [1, 4, 15, 60];

/// The seeds that also those have to live through which are said to be no bugs.
const SEEDS_OF_NO_BUG: u64 = 4;

/// Does what the arguments ask for.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let began = Instant::now();
    let workshop = Workshop::of(&arguments.root)?;
    let built = build(&workshop)?;
    let fitting = |number: &usize| built.pool.mutants[number - 1].identity.file.starts_with(&arguments.only);
    let all: Vec<usize> = (1..=built.pool.mutants.len()).filter(fitting).collect();
    if arguments.list {
        return print(&table::list(all.iter().map(|number| &built.pool.mutants[number - 1].identity)));
    }
    let identities = all.iter().map(|number| (*number, &built.pool.mutants[number - 1].identity));
    let pool = built.pool.mutants.iter().enumerate();
    let no_bugs = NoBugs::read(
        &workshop.root.join("mutants/no-bugs.jsonl"),
        pool.map(|(position, mutant)| (position + 1, &mutant.identity)),
    )?;
    let numbers = sample(identities, arguments.sample, arguments.seed);
    let file = arguments.results.clone().unwrap_or_else(|| workshop.place.join("results.jsonl"));
    let mut trials = Trials {
        arguments,
        reach: Reach::read(&workshop, &built.runner)?,
        scenarios: scenarios(&built.runner)?,
        results: Mutex::new(Results::read(&file)),
        built: &built,
        no_bugs,
        began,
    };
    if !arguments.table {
        if arguments.again {
            trials.forget_those_alive(&numbers)?;
        }
        trials.sweep(&numbers)?;
        if arguments.unit_tests && !trials.time_is_up() {
            let bugs = numbers.iter().filter(|number| trials.no_bugs.why(**number).is_none());
            let alive = bugs.filter(|number| trials.of(**number).seen.is_none());
            let alive: Vec<(usize, Trial)> = alive.map(|number| (*number, trials.of(*number))).collect();
            unit_tests::ask(&workshop, alive, &mut trials.results())?;
        }
    }
    let all: Vec<Row> = numbers
        .iter()
        .map(|number| Row { trial: trials.of(*number), no_bug: trials.no_bugs.why(*number) })
        .collect();
    print(&table::markdown(&all))
}

struct Trials<'a> {
    arguments: &'a Arguments,
    built: &'a Built,
    no_bugs: NoBugs,
    scenarios: Vec<String>,
    reach: Reach,
    results: Mutex<Results>,
    began: Instant,
}

impl Trials<'_> {
    fn of(&self, number: usize) -> Trial {
        self.results().of(&self.built.pool.mutants[number - 1].identity)
    }

    fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn time_is_up(&self) -> bool {
        self.arguments.time_limit.is_some_and(|limit| self.began.elapsed() >= Duration::from_secs(limit))
    }

    fn forget_those_alive(&self, numbers: &[usize]) -> Result<(), Failure> {
        for number in numbers {
            let trial = self.of(*number);
            if trial.seen.is_none() && trial.seeds > 0 {
                self.results().keep(Trial::of(trial.mutant))?;
            }
        }
        Ok(())
    }

    fn sweep(&mut self, numbers: &[usize]) -> Result<(), Failure> {
        let most = self.arguments.seeds;
        for behind_proxies in [false, true] {
            for stage in STAGES.iter().copied().filter(|stage| *stage < most).chain([most]) {
                let undone = |number: &&usize| self.has_to_advance(**number, stage, behind_proxies);
                let undone: Vec<usize> = numbers.iter().filter(undone).copied().collect();
                if undone.is_empty() || self.time_is_up() {
                    continue;
                }
                self.reach.learn(&self.runs(0..stage, behind_proxies), self.hang())?;
                self.advance_all(&undone, stage, behind_proxies)?;
            }
        }
        Ok(())
    }

    /// Sweeps these mutants up to a number of seeds, several at once.
    fn advance_all(&self, numbers: &[usize], seeds: u64, behind_proxies: bool) -> Result<(), Failure> {
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(number) = numbers.get(position).filter(|_| !self.time_is_up()) else {
                    return Ok(());
                };
                self.progress(position, numbers.len(), seeds, behind_proxies);
                self.advance(*number, seeds, behind_proxies)?;
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.arguments.jobs.get()).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    fn has_to_advance(&self, number: usize, seeds: u64, behind_proxies: bool) -> bool {
        let trial = self.of(number);
        let concerned = self.arguments.behind_proxies || trial.mutant.file.starts_with("proxy/");
        let done = if behind_proxies { trial.seeds_behind_proxies } else { trial.seeds };
        let enough = self.no_bugs.why(number).map_or(seeds, |_| seeds.min(SEEDS_OF_NO_BUG));
        trial.seen.is_none() && done < enough && (concerned || !behind_proxies)
    }

    fn hang(&self) -> Duration {
        Duration::from_secs(self.arguments.hang)
    }

    /// Sweeps a mutant that lives up to a number of seeds.
    fn advance(&self, number: usize, seeds: u64, behind_proxies: bool) -> Result<(), Failure> {
        let mut trial = self.of(number);
        let done = if behind_proxies { trial.seeds_behind_proxies } else { trial.seeds };
        let runs = self.runs(done..seeds, behind_proxies);
        let reaching: Vec<Run> = runs.iter().filter(|run| self.reach.reaches(run, number)).cloned().collect();
        let idle = runs.iter().filter(|run| !self.reach.reaches(run, number));
        trial.marks.extend(self.reach.marks(idle));
        let mut seen = None;
        sweep(&self.built.runner, number, &reaching, self.hang(), false, &mut |run, ran| {
            trial.runs_reached += 1;
            trial.marks.extend(ran.marks);
            if let Some(kill) = ran.killed {
                seen = Some((run.clone(), kill));
            }
        })?;
        let last = seen.as_ref().and_then(|(killer, _)| runs.iter().position(|run| run == killer));
        trial.runs += last.map_or(runs.len(), |position| position + 1) as u64;
        let (plain, behind) =
            if behind_proxies { (trial.seeds, seeds) } else { (seeds, trial.seeds_behind_proxies) };
        (trial.seeds, trial.seeds_behind_proxies) = (plain, behind);
        let all = [self.runs(0..plain, false), self.runs(0..behind, true)].concat();
        trial.marks_missed = &self.reach.marks(all.iter()) - &trial.marks;
        trial.seen = seen.map(|(run, kill)| Seen {
            kill,
            scenario: run.scenario,
            seed: run.seed,
            behind_proxies: run.behind_proxies,
        });
        self.results().keep(trial)
    }

    fn runs(&self, seeds: std::ops::Range<u64>, behind_proxies: bool) -> Vec<Run> {
        let of_seed = |seed| {
            let scenarios = self.scenarios.iter().enumerate();
            scenarios.map(move |(position, scenario)| Run {
                seed,
                position,
                scenario: scenario.clone(),
                behind_proxies,
            })
        };
        seeds.flat_map(of_seed).collect()
    }

    fn progress(&self, position: usize, count: usize, stage: u64, behind_proxies: bool) {
        let mut err = std::io::stderr();
        if err.is_terminal() {
            let behind = if behind_proxies { " behind proxies" } else { "" };
            let elapsed = self.began.elapsed().as_secs();
            let _ =
                write!(err, "\r{elapsed} s: {stage} seeds{behind}: mutant {} of {count}   ", position + 1);
            let _ = err.flush();
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").map_err(|error| Failure::at("the standard output", error))
}
