//! What can have been compacted, and when.

use crate::history::{History, Outcome, Request, Revision};

/// A compaction that happened, or may have.
#[derive(Clone, Copy, Debug)]
struct Compaction {
    revision: Revision,
    invoke_ns: u64,
    /// When it was answered, if it was.
    done_ns: Option<u64>,
}

/// The compactions of a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compactions(Vec<Compaction>);

impl Compactions {
    pub(crate) fn of(history: &History) -> Self {
        let compactions = history.operations.iter().filter_map(|operation| {
            let Request::Compact(request) = &operation.request else { return None };
            let done_ns = match operation.outcome {
                Outcome::Ok(_) => operation.return_ns,
                Outcome::Unknown(_) => None,
                Outcome::Failed(_) => return None,
            };
            Some(Compaction { revision: request.revision, invoke_ns: operation.invoke_ns, done_ns })
        });
        Compactions(compactions.collect())
    }

    /// The highest revision that can have been compacted at a moment; 0 if none.
    pub(crate) fn highest_possible(&self, at_ns: u64) -> Revision {
        let begun = self.0.iter().filter(|compaction| compaction.invoke_ns <= at_ns);
        begun.map(|compaction| compaction.revision).max().unwrap_or(0)
    }

    /// The highest revision that was certainly compacted before a moment; 0 if none.
    pub(crate) fn highest_certain(&self, at_ns: u64) -> Revision {
        let done =
            self.0.iter().filter(|compaction| compaction.done_ns.is_some_and(|done_ns| done_ns < at_ns));
        done.map(|compaction| compaction.revision).max().unwrap_or(0)
    }

    /// Whether a compaction at exactly this revision can have happened by a moment.
    pub(crate) fn possible_at(&self, revision: Revision, at_ns: u64) -> bool {
        self.0.iter().any(|compaction| compaction.revision == revision && compaction.invoke_ns <= at_ns)
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
        let refused = history.failed(0, compact(99), "OutOfRange", "future");
        history.during(answered, 10, 20);
        history.during(unknown, 30, 40);
        history.during(refused, 30, 40);
        let compactions = Compactions::of(&history.build());
        assert_eq!([5, 10, 50].map(|at_ns| compactions.highest_possible(at_ns)), [0, 5, 7]);
        assert_eq!([20, 21, 50].map(|at_ns| compactions.highest_certain(at_ns)), [0, 5, 5]);
        assert!(compactions.possible_at(7, 30) && !compactions.possible_at(7, 29));
        assert!(!compactions.possible_at(99, 50));
    }
}
