//! A history in memory, in the order in which its parts were over.

use super::{Doubt, Judge};
use crate::history::{History, Operation, Part, WatchFrame};
use crate::verdict::Verdicts;

/// Judges a history; or says what stands in the way of a proof that it is sound.
pub fn judge(history: &History) -> Result<Verdicts, Doubt> {
    let mut judge: Judge<&Operation, &WatchFrame> = Judge::default();
    history.in_order(|part| match part {
        Part::Operation(operation) => judge.operation(operation),
        Part::Watch(watch) => judge.watch(watch),
        Part::Frame(watch, frame) => judge.frame(watch.id, frame),
        Part::WatchEnd(watch) => judge.watch_end(watch.id),
        Part::Observation(observation) => judge.observation(observation),
        // What clients believe of what they hold is nothing that this judge speaks of.
        Part::Hold(_) | Part::Observer(_) => Ok(()),
    })?;
    judge.finish()
}
