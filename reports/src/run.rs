//! The report of one run: its form in `--json`.

use crate::latency::Latencies;
use revline_checker::guarantee::{BelievedOverlaps, believed_overlaps};
use revline_checker::history::Outcome as Learned;
use revline_checker::verdict::Verdicts;
use revline_scenarios::known::KnownFailures;
use revline_scenarios::marks::Marks;
use revline_scenarios::plan::{Plan, PlanName};
use revline_scenarios::sweep::Finished;
use revline_scenarios::{Counters, Outcome, TraceHash};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The report of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The variant of what that seed draws; absent if it is as it was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u32>,
    /// The number of members.
    pub members: u64,
    /// The hash of the trace.
    pub trace_hash: TraceHash,
    /// The number of events in the trace.
    pub trace_events: u64,
    /// Client operations.
    pub operations: u64,
    /// Operations of unknown outcome.
    pub unknown_operations: u64,
    /// Watch events delivered.
    pub watch_events: u64,
    /// Elections won.
    pub elections: u64,
    /// Faults injected.
    pub faults: u64,
    /// Simulated time, in milliseconds.
    pub simulated_ms: u64,
    /// Real time, in milliseconds.
    pub wall_ms: f64,
    /// Counts of rare events.
    pub counters: Counters,
    /// Locks and leaderships that two clients believed to hold at once; absent if nothing was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believed: Option<BelievedOverlaps>,
    /// The marks that it reached; the document of a sweep has those of all runs together.
    #[serde(skip)]
    pub marks: Option<Marks>,
    /// The latencies of its calls; the document of a sweep has those of all runs together.
    #[serde(skip)]
    pub latencies: Latencies,
    /// The verdicts.
    pub guarantees: Verdicts,
    /// The message of a panic: a bug of revline, not a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panic: Option<String>,
    /// The command that runs it again, if it failed or stayed undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// The name of its bundle in the folder of the report, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// The name of its page in the folder of the report, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl RunReport {
    /// Reports a run.
    pub fn of(finished: &Finished) -> RunReport {
        let Finished { plan, outcome, wall } = finished;
        match outcome {
            Ok(outcome) => RunReport::judged(plan, outcome, *wall),
            Err(panicked) => {
                RunReport { panic: Some(panicked.message.clone()), ..RunReport::empty(plan, *wall) }
            }
        }
    }

    fn judged(plan: &Plan, outcome: &Outcome, wall: Duration) -> RunReport {
        let history = &outcome.history;
        let unknown = |learned: &&Learned| matches!(learned, Learned::Unknown(_));
        RunReport {
            trace_hash: TraceHash(outcome.trace.hash()),
            trace_events: outcome.trace.count(),
            operations: history.operations.len() as u64,
            unknown_operations: history
                .operations
                .iter()
                .map(|operation| &operation.outcome)
                .filter(unknown)
                .count() as u64,
            watch_events: history
                .watches
                .iter()
                .flat_map(|watch| &watch.frames)
                .map(|frame| frame.events.len() as u64)
                .sum(),
            elections: outcome.counters.elections,
            faults: outcome.counters.faults,
            simulated_ms: outcome.simulated_ns / 1_000_000,
            counters: outcome.counters,
            marks: Some(outcome.marks.clone()),
            latencies: Latencies::of(history),
            believed: (!history.holds.is_empty()).then(|| believed_overlaps(history)),
            guarantees: outcome.verdicts.clone(),
            ..RunReport::empty(plan, wall)
        }
    }

    fn empty(plan: &Plan, wall: Duration) -> RunReport {
        RunReport {
            scenario: plan.scenario.clone(),
            seed: plan.seed,
            variant: plan.variant,
            members: plan.simulation.members,
            trace_hash: TraceHash(0),
            trace_events: 0,
            operations: 0,
            unknown_operations: 0,
            watch_events: 0,
            elections: 0,
            faults: 0,
            simulated_ms: 0,
            wall_ms: wall.as_secs_f64() * 1e3,
            counters: Counters::default(),
            believed: None,
            marks: None,
            latencies: Latencies::default(),
            guarantees: Verdicts::default(),
            panic: None,
            replay: None,
            bundle: None,
            page: None,
        }
    }

    /// The name of the plan that was run.
    pub fn name(&self) -> PlanName {
        PlanName { scenario: self.scenario.clone(), seed: self.seed, variant: self.variant }
    }

    /// Returns `true` if a guarantee was violated or revline panicked.
    pub fn failed(&self) -> bool {
        self.panic.is_some() || self.guarantees.any_violated()
    }

    /// Returns `true` if it failed, and every violation in it is known.
    pub fn is_known(&self, known: &KnownFailures) -> bool {
        let is_known = |own| known.of(&own).is_some();
        self.panic.is_none() && self.failed() && self.guarantees.fingerprints().all(is_known)
    }
}
