//! A history in memory, in the order in which its parts were over.

use super::{Doubt, Judge};
use crate::history::{History, Operation, Part, WatchFrame};
use crate::search::Budget;
use crate::verdict::Verdicts;

/// After how many parts it is asked again whether to stop.
const PARTS_BETWEEN_STOPS: u32 = 256;

/// Judges a history; or says what stands in the way of a proof that it is sound.
pub fn judge(history: &History) -> Result<Verdicts, Doubt> {
    judge_within(&history.in_full(), &Budget::UNLIMITED)
}

/// The same of a history whose keys are in full, until the budget's caller says to stop.
pub(crate) fn judge_within(history: &History, budget: &Budget<'_>) -> Result<Verdicts, Doubt> {
    let mut judge: Judge<&Operation, &WatchFrame> = Judge::default();
    let mut parts = 0u32;
    history.in_order(|part| {
        parts = parts.wrapping_add(1);
        if parts.is_multiple_of(PARTS_BETWEEN_STOPS) && budget.is_stopped() {
            return Err(Doubt("there was no time to prove it"));
        }
        match part {
            Part::Operation(operation) => judge.operation(operation),
            Part::Watch(watch) => judge.watch(watch),
            Part::Frame(watch, frame) => judge.frame(watch.id, frame),
            Part::WatchEnd(watch) => judge.watch_end(watch.id),
            Part::Observation(observation) => judge.observation(observation),
            // What clients believe of what they hold is nothing that this judge speaks of.
            Part::Hold(_) | Part::Observer(_) => Ok(()),
        }
    })?;
    judge.finish()
}
