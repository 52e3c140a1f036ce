//! Explaining a failure: at which event of its run it became inevitable.
//!
//! Up to some event a run is kept as it was; from there on its latencies, losses, disks and elections are drawn with other
//! seeds, while the plan stays. The share of such [`futures`] that still end in the same violation is its probability at
//! that event. Along the run that is a curve; the event at which it rises most is the one that did it.

mod futures;
mod jump;

use futures::Futures;
pub use futures::Point;
pub use jump::{Jump, Told};

use crate::execute::{Outcome, execute};
use crate::plan::Plan;
use revline_checker::verdict::Fingerprint;
use revline_sim::Panicked;
use std::num::NonZero;
use thiserror::Error;

/// The explanation of a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The violation.
    pub violation: Fingerprint,
    /// The number of events of the run, as in its trace.
    pub events: u64,
    /// The moment at which the violation was evident, in nanoseconds.
    pub evident_ns: u64,
    /// The probability of the violation along the run, in order of time.
    pub curve: Vec<Point>,
    /// The rise of the probability, if it rises anywhere: it may be certain from the beginning.
    pub jump: Option<Jump>,
    /// The number of runs.
    pub runs: u64,
    /// True if it was ended before the jump was found.
    pub is_cut_short: bool,
}

/// There is nothing to explain.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Unexplained {
    /// The plan does not fail.
    #[error("the plan does not violate {0} when it is run: there is nothing to explain")]
    DoesNotFail(Fingerprint),
    /// The run panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// The limits of an explanation.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The number of futures at each event that is looked at.
    pub futures: NonZero<u64>,
    /// Runs at once. The explanation does not depend on it.
    pub jobs: NonZero<usize>,
}

/// Explains a violation of a plan. `go_on` is called with the number of runs so far, and ends it by `false`.
pub fn explain(
    plan: &Plan,
    violation: &Fingerprint,
    effort: Effort,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Explanation, Unexplained> {
    let outcome = execute(plan, true)?;
    let Some(evident_ns) = evident_ns(&outcome, violation) else {
        return Err(Unexplained::DoesNotFail(violation.clone()));
    };
    let records = outcome.trace.records().unwrap_or_default();
    let mut futures = Futures::new(plan, violation, records, evident_ns, effort, go_on);
    let curve = futures.curve();
    let (from, to) = futures.steepest(&curve);
    let (from, to) = futures.narrowed(from, to);
    Ok(Explanation {
        violation: violation.clone(),
        events: outcome.trace.count(),
        evident_ns,
        jump: Jump::between(&outcome, from, to),
        curve,
        runs: futures.runs(),
        is_cut_short: futures.is_stopped(),
    })
}

/// The moment at which the last exhibit of the evidence ended; none if the violation is not there.
fn evident_ns(outcome: &Outcome, violation: &Fingerprint) -> Option<u64> {
    let evidence = outcome.verdicts.get(&violation.guarantee)?.evidence()?;
    let ends = evidence.exhibits.iter().map(|exhibit| exhibit.to_ns.unwrap_or(exhibit.from_ns));
    (evidence.kind == violation.kind).then(|| ends.max().unwrap_or(outcome.simulated_ns))
}
