//! The latest revisions at which answers can have been given: what was asked later was answered with one at least as
//! high.

use crate::history::modified;
use crate::history::{History, Operation, Request, Revision};

/// The highest revisions at which something can have been answered before what was asked after a moment.
pub(crate) struct Ceilings(Vec<(u64, Revision)>);

impl Ceilings {
    /// Those of a history. `made`: whether an operation is known to have made the revision of its answer, though its
    /// answer does not say so.
    pub(crate) fn of(history: &History, made: impl Fn(usize, Revision) -> bool) -> Self {
        let binding = |operation: &Operation| {
            !operation.request.is_serializable() && !matches!(operation.request, Request::Auth(_))
        };
        let mut asked: Vec<(u64, Revision)> = history
            .operations
            .iter()
            .enumerate()
            .filter(|(_, operation)| binding(operation))
            .filter_map(|(index, operation)| {
                let response = operation.response()?;
                let revision = response.header().revision;
                // What came before it did not see what it made itself.
                let is_own = modified(response) || made(index, revision);
                Some((operation.invoke_ns, revision.saturating_sub(Revision::from(is_own))))
            })
            .filter(|(_, revision)| *revision > 0)
            .collect();
        asked.sort_unstable();
        let mut lowest = Revision::MAX;
        for (_, revision) in asked.iter_mut().rev() {
            lowest = lowest.min(*revision);
            *revision = lowest;
        }
        Ceilings(asked)
    }

    /// The lowest after an operation was over.
    pub(crate) fn after(&self, operation: &Operation) -> Option<Revision> {
        let end_ns = operation.return_ns?;
        self.0.get(self.0.partition_point(|(asked_ns, _)| *asked_ns <= end_ns)).map(|(_, revision)| *revision)
    }
}
