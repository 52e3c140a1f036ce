//! A history under judgement, with what several guarantees derive from it.

use super::sorts::Sorts;
use crate::evidence::{Evidence, Exhibit};
use crate::history::{History, Revision};
use crate::linearizability::Budget;
use crate::revision::{Compactions, Line, Witness};
use crate::verdict::Verdict;
use std::cell::OnceCell;

/// Why a history stays undecided.
const UNTRIED: &str = "there are too many ways to fill the revisions that nobody answered for";

/// How many steps a search may make where the caller sets no limit: a sweep must not hang on one history.
const STEPS_MAX: u64 = 2_000_000;

/// What a guarantee's check looks at.
pub struct Case<'h> {
    /// The history, with every key in full.
    pub history: &'h History,
    /// How long judging may take.
    pub(super) budget: Budget<'h>,
    line: OnceCell<Result<Line, String>>,
    compactions: OnceCell<Compactions>,
    sorts: OnceCell<Sorts>,
}

impl<'h> Case<'h> {
    /// Opens the case of a history whose keys are in full.
    pub fn new(history: &'h History) -> Self {
        Case::within(history, Budget::steps(STEPS_MAX))
    }

    /// Opens the case of a history that is to be judged within limits.
    pub fn within(history: &'h History, budget: Budget<'h>) -> Self {
        let (line, compactions, sorts) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Case { history, budget, line, compactions, sorts }
    }

    /// The line of revisions; or why it cannot be read from this history.
    pub(super) fn line(&self) -> Result<&Line, &str> {
        self.line.get_or_init(|| Line::within(self.history, &self.budget)).as_ref().map_err(String::as_str)
    }

    /// The verdict of a check that needs the line. One that rests on a guess about who made a revision is
    /// no verdict.
    pub(super) fn by_line(&self, check: impl FnOnce(&Line) -> (u64, Option<Evidence>)) -> Verdict {
        if self.history.operations.is_empty() && self.history.watches.is_empty() {
            return Verdict::Vacuous;
        }
        let line = match self.line() {
            Ok(line) => line,
            Err(why) => return Verdict::Unknown { why: why.to_owned() },
        };
        let (examined, evidence) = check(line);
        match evidence {
            // Some flaw remains whatever was tried, but not everything was.
            None if line.proven < line.flaws.len() => Verdict::Unknown { why: UNTRIED.to_owned() },
            Some(_) if line.proven == 0 && !line.flaws.is_empty() => {
                Verdict::Unknown { why: UNTRIED.to_owned() }
            }
            evidence => Verdict::of(examined, evidence),
        }
    }

    /// What can have been compacted, and when.
    pub(super) fn compactions(&self) -> &Compactions {
        self.compactions.get_or_init(|| Compactions::of(self.history))
    }

    /// The operations of the rarer sorts.
    pub(super) fn sorts(&self) -> &Sorts {
        self.sorts.get_or_init(|| Sorts::of(self.history))
    }

    /// An operation of the history, to show.
    pub(super) fn operation(&self, index: usize) -> Exhibit {
        Exhibit::operation(self.history, index)
    }

    /// Whoever saw something, to show.
    pub(super) fn witness(&self, witness: Witness) -> Exhibit {
        match witness {
            Witness::Operation(index) => Exhibit::operation(self.history, index),
            Witness::Observer(observer, frame) => Exhibit::observed(self.history, observer, frame),
            Witness::Event(watch, frame, event) => Exhibit::event(self.history, watch, frame, event),
        }
    }

    /// The operation that made a revision, to show, if there is one.
    pub(super) fn writer(&self, line: &Line, revision: Revision) -> Option<Exhibit> {
        line.writer(revision).map(|index| self.operation(index))
    }
}
