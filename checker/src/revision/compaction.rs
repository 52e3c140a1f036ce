//! What can have been compacted, and when.

use crate::history::{History, Outcome, Request, Revision};
use std::collections::BTreeMap;

/// A compacted revision and the operation that asked for it.
type Compaction = (Revision, usize);

/// The compactions of a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compactions {
    /// By when they were asked for: the highest so far. Those that were answered, and those that may have
    /// happened.
    possible: Vec<(u64, Compaction)>,
    /// By when they were answered: the highest so far.
    certain: Vec<(u64, Compaction)>,
    /// By revision, when a compaction there was first asked for.
    first_ns: BTreeMap<Revision, u64>,
}

impl Compactions {
    pub(crate) fn of(history: &History) -> Self {
        let mut compactions = Compactions::default();
        for (index, operation) in history.operations.iter().enumerate() {
            let Request::Compact(request) = &operation.request else { continue };
            let done_ns = match operation.outcome {
                Outcome::Ok(_) => operation.return_ns,
                Outcome::Unknown(_) => None,
                Outcome::Failed(_) => continue,
            };
            let compaction = (request.revision, index);
            compactions.possible.push((operation.invoke_ns, compaction));
            compactions.certain.extend(done_ns.map(|done_ns| (done_ns, compaction)));
            let first_ns = compactions.first_ns.entry(request.revision).or_insert(operation.invoke_ns);
            *first_ns = operation.invoke_ns.min(*first_ns);
        }
        highest_so_far(&mut compactions.possible);
        highest_so_far(&mut compactions.certain);
        compactions
    }

    /// The highest revision that can have been compacted at a moment; 0 if none.
    pub(crate) fn highest_possible(&self, at_ns: u64) -> Revision {
        self.highest_possible_by(at_ns).map_or(0, |(revision, _)| revision)
    }

    /// The same, with the operation that asked for it.
    pub(crate) fn highest_possible_by(&self, at_ns: u64) -> Option<Compaction> {
        let begun = self.possible.partition_point(|(invoke_ns, _)| *invoke_ns <= at_ns);
        self.possible[..begun].last().map(|(_, compaction)| *compaction)
    }

    /// The highest revision that was certainly compacted before a moment, and the operation that asked for
    /// it.
    pub(crate) fn highest_certain(&self, at_ns: u64) -> Option<Compaction> {
        let done = self.certain.partition_point(|(done_ns, _)| *done_ns < at_ns);
        self.certain[..done].last().map(|(_, compaction)| *compaction)
    }

    /// Whether a compaction at exactly this revision can have happened by a moment.
    pub(crate) fn possible_at(&self, revision: Revision, at_ns: u64) -> bool {
        self.first_ns.get(&revision).is_some_and(|invoke_ns| *invoke_ns <= at_ns)
    }
}

/// Sorts by time, and replaces each by the highest up to it.
fn highest_so_far(compactions: &mut [(u64, Compaction)]) {
    compactions.sort_unstable();
    for at in 1..compactions.len() {
        let before = compactions[at - 1].1;
        if before.0 >= compactions[at].1.0 {
            compactions[at].1 = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn possible_from_the_request_on_and_certain_from_the_answer_on() {
        let mut history = Builder::default();
        let answered = history.ok(0, compact(5), compaction(9));
        let unknown = history.unknown(0, compact(7));
        let lower = history.ok(0, compact(4), compaction(9));
        let refused = history.failed(0, compact(99), "OutOfRange", "future");
        history.during(answered, 10, 20);
        history.during(unknown, 30, 40);
        history.during(lower, 31, 41);
        history.during(refused, 30, 40);
        let compactions = Compactions::of(&history.build());
        assert_eq!([9, 10, 29, 30, 50].map(|at_ns| compactions.highest_possible(at_ns)), [0, 5, 5, 7, 7]);
        let certain = |at_ns| compactions.highest_certain(at_ns);
        assert_eq!([20, 21, 50].map(certain), [None, Some((5, answered)), Some((5, answered))]);
        assert_eq!(compactions.highest_possible_by(50), Some((7, unknown)));
        assert!(compactions.possible_at(7, 30) && !compactions.possible_at(7, 29));
        assert!(compactions.possible_at(4, 31));
        assert!(!compactions.possible_at(99, 50) && !compactions.possible_at(6, 50));
    }
}
