//! Reads at a revision of their own that should have been refused.

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::Operation;
use crate::replay::{Compactions, Known, newest_to_ask_for, past_ranges};

/// A read at a revision that did not exist yet, by one of the operations that are `wanted`.
pub(super) fn of_the_future(case: &Case<'_>, wanted: impl Fn(&Operation) -> bool) -> Option<Evidence> {
    for (index, operation) in operations(case, wanted) {
        let Some(newest) = operation.response().map(newest_to_ask_for) else { continue };
        let ahead = past_ranges(operation).into_iter().find(|range| range.request.revision > newest);
        if let Some(range) = ahead {
            let message =
                format!("revision {} was read when {newest} was the newest", range.request.revision);
            return Some(Evidence::new("read-of-the-future", message, vec![case.operation(index)]));
        }
    }
    None
}

/// A read at a revision that had been compacted before it was asked for, as far as that is `known`. A serializable one
/// is not among them: its member may not have heard of the compaction.
pub(super) fn of_the_compacted(
    case: &Case<'_>,
    known: impl Fn(&Compactions, u64) -> Option<Known>,
) -> Option<Evidence> {
    for (index, operation) in operations(case, |_| true) {
        if operation.request.is_serializable() {
            continue;
        }
        let Some(known) = known(case.compactions(), operation.invoke_ns) else { continue };
        let compacted = known.revision;
        let gone = past_ranges(operation).into_iter().find(|range| range.request.revision < compacted);
        if let Some(range) = gone {
            let message = format!(
                "revision {} was read although everything before {compacted} had been compacted",
                range.request.revision
            );
            let exhibits = [case.operation(index)].into_iter().chain(case.compaction(known)).collect();
            return Some(Evidence::new("read-of-the-compacted", message, exhibits));
        }
    }
    None
}

fn operations<'c>(
    case: &'c Case<'_>,
    wanted: impl Fn(&Operation) -> bool,
) -> impl Iterator<Item = (usize, &'c Operation)> {
    let past = case.sorts().past.iter().map(|index| (*index, &case.history.operations[*index]));
    past.filter(move |(_, operation)| wanted(operation))
}
