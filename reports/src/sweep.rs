//! The runs of a sweep and their tallies: by scenario, and all together.

pub mod believed;
pub mod marks;
pub mod plan;

use crate::RunReport;
use crate::latency::Latencies;
use believed::BelievedTally;
use marks::MarkTally;
use plan::{Ended, SweepPlan};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::verdict::{Verdict, Verdicts};
use revline_scenarios::Counters;
use revline_scenarios::explore::Explored;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The report of a sweep.
#[derive(Clone, Debug, Default)]
pub struct SweepReport {
    /// The version of revline, with its commit where that is known.
    pub version: String,
    /// The runs that were asked for.
    pub plan: SweepPlan,
    /// The way it ended.
    pub ended: Ended,
    /// The parts that are missing in a report of many, by number.
    pub missing_shards: Vec<u64>,
    /// The runs, in the order of the sweep.
    pub runs: Vec<RunReport>,
    /// The marks reached.
    pub marks: MarkTally,
    /// The latencies of calls.
    pub latencies: Latencies,
    /// The real time that the sweep took.
    pub wall: Duration,
    /// The way it went, if it was an exploration.
    pub explored: Option<Explored>,
}

/// The tally of many runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The number of runs.
    pub runs: u64,
    /// Runs in which a guarantee was violated.
    pub violated: u64,
    /// Runs that panicked.
    pub panicked: u64,
    /// Client operations.
    pub operations: u64,
    /// Operations of unknown outcome.
    pub unknown_operations: u64,
    /// Watch events delivered.
    pub watch_events: u64,
    /// Simulated time, in milliseconds.
    pub simulated_ms: u64,
    /// Counts of rare events.
    pub counters: Counters,
    /// Locks and leaderships that two clients believed to hold at once.
    pub believed: BelievedTally,
    /// By guarantee.
    pub guarantees: BTreeMap<String, GuaranteeTally>,
}

/// The tally of one guarantee over many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GuaranteeTally {
    /// Runs in which it was judged.
    pub judged: u64,
    /// Runs in which it was violated.
    pub violated: u64,
    /// Runs in which it was not decided.
    pub unknown: u64,
    /// Observations examined in all runs together.
    pub examined: u64,
}

impl GuaranteeTally {
    fn add(&mut self, verdict: &Verdict) {
        self.judged += 1;
        self.violated += u64::from(verdict.is_violated());
        self.unknown += u64::from(matches!(verdict, Verdict::Unknown { .. }));
        self.examined += verdict.examined();
    }

    /// Returns `true` if nothing in any run exercised it.
    pub(crate) fn is_vacuous(&self) -> bool {
        self.judged > 0 && self.violated == 0 && self.unknown == 0 && self.examined == 0
    }
}

impl Tally {
    /// Counts runs.
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a RunReport>) -> Tally {
        let mut tally = Tally::default();
        for run in runs {
            tally.runs += 1;
            tally.violated += u64::from(run.guarantees.any_violated());
            tally.panicked += u64::from(run.panic.is_some());
            tally.operations += run.operations;
            tally.unknown_operations += run.unknown_operations;
            tally.watch_events += run.watch_events;
            tally.simulated_ms += run.simulated_ms;
            tally.counters += run.counters;
            tally.believed.add(run);
            for (name, verdict) in run.guarantees.iter() {
                tally.guarantees.entry(name.to_owned()).or_default().add(verdict);
            }
        }
        tally
    }

    /// The guarantees that nothing in any run exercised.
    pub fn vacuous(&self) -> impl Iterator<Item = &str> {
        let guarantees = self.guarantees.iter();
        guarantees.filter(|(_, tally)| tally.is_vacuous()).map(|(name, _)| name.as_str())
    }
}

impl SweepReport {
    /// Adds the next run.
    pub fn add(&mut self, mut run: RunReport) {
        self.marks.add(run.marks.take());
        self.latencies.merge(std::mem::take(&mut run.latencies));
        self.runs.push(run);
    }

    /// The scenarios, in the order of the sweep, each with the tally of its runs.
    pub(crate) fn by_scenario(&self) -> Vec<(&str, Tally)> {
        let mut names: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !names.contains(&run.scenario.as_str()) {
                names.push(&run.scenario);
            }
        }
        let own = |name: &str| Tally::of(self.runs.iter().filter(|run| run.scenario == name));
        names.into_iter().map(|name| (name, own(name))).collect()
    }

    /// Counts all runs.
    pub fn total(&self) -> Tally {
        Tally::of(&self.runs)
    }

    /// The verdicts on all runs together.
    pub fn verdicts(&self) -> Verdicts {
        let mut verdicts = Verdicts::default();
        self.runs.iter().for_each(|run| verdicts.merge(run.guarantees.clone()));
        verdicts
    }

    /// The runs that failed, in the order of the sweep, without those in which all violations are known.
    pub fn failures(&self) -> impl Iterator<Item = &RunReport> {
        self.runs.iter().filter(|run| run.failed() && !self.is_known(run))
    }

    /// Returns `true` if a run failed, and every violation in it is known.
    pub fn is_known(&self, run: &RunReport) -> bool {
        run.is_known(&self.plan.known)
    }

    /// Returns `true` if there are runs in the plan that were not made, and nothing else says so.
    pub fn is_cut_short(&self) -> bool {
        self.ended == Ended::Interrupted || !self.missing_shards.is_empty()
    }
}

/// The names among `judged` in the order of the catalogue of guarantees; others follow.
pub(crate) fn in_order<'a>(judged: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = judged.collect();
    let place = |name: &str| GUARANTEES.iter().position(|guarantee| guarantee.name == name);
    names.sort_by_key(|name| place(name).unwrap_or(GUARANTEES.len()));
    names
}
