//! What is said of one run: the form of `--json`.

use crate::execute::Outcome;
use crate::plan::Plan;
use revline_checker::guarantee::{BelievedOverlaps, believed_overlaps};
use revline_checker::history::Outcome as Learned;
use revline_checker::verdict::Verdicts;
use revline_sim::{Counters, Panicked};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// How many members the cluster had.
    pub members: u64,
    /// The hash of everything that happened, in hexadecimal.
    pub trace_hash: TraceHash,
    /// How many events the hash covers.
    pub trace_events: u64,
    /// Client operations.
    pub operations: u64,
    /// Those whose outcome their client never learned.
    pub unknown_operations: u64,
    /// Events that watches delivered.
    pub watch_events: u64,
    /// Times a member became leader.
    pub elections: u64,
    /// Faults injected.
    pub faults: u64,
    /// How much time passed in the world, in milliseconds.
    pub simulated_ms: u64,
    /// How long it took, in milliseconds.
    pub wall_ms: f64,
    /// What else happened, in numbers.
    pub counters: Counters,
    /// How long clients believed at the same time that they held the same; absent if nothing was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believed: Option<BelievedOverlaps>,
    /// The verdicts.
    pub guarantees: Verdicts,
    /// What a panic said: a bug of revline, not a verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panic: Option<String>,
}

/// A trace hash: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceHash(pub u64);

impl From<TraceHash> for String {
    fn from(hash: TraceHash) -> String {
        hash.to_string()
    }
}

impl TryFrom<String> for TraceHash {
    type Error = String;

    fn try_from(text: String) -> Result<TraceHash, String> {
        match u64::from_str_radix(&text, 16) {
            Ok(hash) if text.len() == 16 => Ok(TraceHash(hash)),
            _ => Err(format!("a trace hash is 16 hexadecimal digits, not `{text}`")),
        }
    }
}

impl std::fmt::Display for TraceHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl RunReport {
    /// The report of a run that took `wall`.
    pub fn new(plan: &Plan, outcome: &Outcome, wall: Duration) -> RunReport {
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
            believed: (!history.holds.is_empty()).then(|| believed_overlaps(history)),
            guarantees: outcome.verdicts.clone(),
            ..RunReport::empty(plan, wall)
        }
    }

    /// The report of a run that panicked.
    pub fn panicked(plan: &Plan, panicked: &Panicked, wall: Duration) -> RunReport {
        RunReport { panic: Some(panicked.message.clone()), ..RunReport::empty(plan, wall) }
    }

    fn empty(plan: &Plan, wall: Duration) -> RunReport {
        RunReport {
            scenario: plan.scenario.clone(),
            seed: plan.seed,
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
            guarantees: Verdicts::default(),
            panic: None,
        }
    }

    /// Whether a guarantee was violated, or revline itself failed.
    pub fn failed(&self) -> bool {
        self.panic.is_some() || self.guarantees.any_violated()
    }
}
