//! A history in memory, in the order in which its parts were over.

use super::{Proof, Unproven, require};
use crate::history::{AdminResponse, History, Operation, Outcome, Part, WatchFrame};
use crate::search::Budget;
use crate::verdict::Verdicts;

/// After how many parts it is asked again whether to stop.
const PARTS_BETWEEN_STOPS: u32 = 256;

/// Proves a history sound; or gives what stands in the way.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn prove(history: &History) -> Result<Verdicts, Unproven> {
    prove_within(&history.in_full(), &Budget::UNLIMITED)
}

/// The same of a history whose keys are in full, until the budget's caller says to stop.
pub(crate) fn prove_within(history: &History, budget: &Budget<'_>) -> Result<Verdicts, Unproven> {
    let mut proof: Proof<&Operation, &WatchFrame> = Proof::default();
    let mut parts = 0u32;
    history.in_order(|part| {
        parts = parts.wrapping_add(1);
        if parts.is_multiple_of(PARTS_BETWEEN_STOPS) && budget.is_stopped() {
            return Err(Unproven("there was no time to prove it"));
        }
        match part {
            Part::Operation(operation) => proof.operation(operation),
            Part::Watch(watch) => proof.watch(watch),
            Part::Frame(watch, frame) => proof.frame(watch.id, frame),
            Part::WatchEnd(watch) => proof.watch_end(watch.id),
            Part::Observation(observation) => proof.observation(observation),
            Part::Admin(call) => require(
                !matches!(call.outcome, Outcome::Ok(AdminResponse::Hash { .. }) | Outcome::Unknown(_))
                    && !call.requires_leader,
                "hashes, calls without an answer, and those that require a leader are judged with the whole history",
            ),
            // What clients believe of what they hold, and ask of members, is nothing that this judge speaks of.
            Part::Hold(_) | Part::Observer(_) => Ok(()),
        }
    })?;
    proof.finish()
}
