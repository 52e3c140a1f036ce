//! The time at which a revision was first known to exist.

use crate::evidence::Exhibit;
use crate::history::{History, Revision};

/// The observation that showed a revision.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown {
    /// The answer to this operation.
    Answer(usize),
    /// A frame of a watch.
    Frame(usize, usize),
    /// A frame of an observer.
    Observed(usize, usize),
}

impl Shown {
    /// To show.
    pub(crate) fn exhibit(self, history: &History) -> Exhibit {
        match self {
            Shown::Answer(operation) => Exhibit::operation(history, operation),
            Shown::Frame(watch, frame) => Exhibit::frame(history, watch, frame),
            Shown::Observed(observer, frame) => Exhibit::observed(history, observer, frame),
        }
    }
}

/// By revision, when it was first known to be there, and who knew.
pub(crate) fn first_seen(history: &History, end: Revision) -> Vec<Option<(u64, Shown)>> {
    let mut first: Vec<Option<(u64, Shown)>> = vec![None; usize::try_from(end).unwrap_or(0) + 1];
    let mut note = |revision: Revision, at_ns: u64, shown: Shown| {
        if let Some(slot) = usize::try_from(revision).ok().and_then(|at| first.get_mut(at))
            && slot.is_none_or(|(earlier_ns, _)| at_ns < earlier_ns)
        {
            *slot = Some((at_ns, shown));
        }
    };
    for (index, operation) in history.operations.iter().enumerate() {
        if let (Some(response), Some(return_ns)) = (operation.response(), operation.return_ns) {
            note(response.header().revision, return_ns, Shown::Answer(index));
        }
    }
    for (index, watch) in history.watches.iter().enumerate() {
        for (at, frame) in watch.frames.iter().enumerate() {
            let last = frame.events.last().map_or(0, |event| event.kv.mod_revision).max(frame.revision);
            note(last, frame.received_ns, Shown::Frame(index, at));
        }
    }
    for (index, observer) in history.observers.iter().enumerate() {
        for (at, frame) in observer.frames.iter().enumerate() {
            note(frame.kv.mod_revision, frame.received_ns, Shown::Observed(index, at));
        }
    }
    // Who knew a later revision knew that all before it were there.
    let mut earliest: Option<(u64, Shown)> = None;
    for slot in first.iter_mut().rev() {
        match (earliest, *slot) {
            (Some((at_ns, _)), Some((own_ns, _))) if own_ns <= at_ns => earliest = *slot,
            (None, _) => earliest = *slot,
            _ => *slot = earliest,
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn who_knows_a_revision_knows_that_all_before_it_are_there() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        let watch = h.watch(1, watching("a", "", 1));
        h.created(watch, 2);
        h.events(watch, [delete_event("a", 4)]);
        let history = h.build();
        let times: Vec<_> = first_seen(&history, 5).iter().map(|seen| seen.map(|(at_ns, _)| at_ns)).collect();
        assert_eq!(times, [Some(20), Some(20), Some(20), Some(50), Some(50), None]);
    }
}
