//! What was compacted, and what may have been.

use super::highest::Highest;
use super::{Doubt, hold};
use crate::history::Revision;
use std::collections::VecDeque;

/// How many compactions are remembered.
const REMEMBERED_MAX: usize = 1 << 12;
/// How many things may wait for a compaction that explains them.
const WAITING_MAX: usize = 1 << 16;

/// A compaction that something needs: it was asked for by a moment.
#[derive(Clone, Copy, Debug)]
struct Needed {
    lowest: Revision,
    highest: Revision,
    by_ns: u64,
}

impl Needed {
    fn is_met_by(&self, (revision, invoke_ns): (Revision, u64)) -> bool {
        (self.lowest..=self.highest).contains(&revision) && invoke_ns <= self.by_ns
    }
}

/// The compactions so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Compactions {
    answered: Highest<Revision>,
    /// The last two that were answered, the higher one last.
    last: [Revision; 2],
    /// Those that were answered and those that may have happened, with when they were asked for.
    asked: VecDeque<(Revision, u64)>,
    waiting: Vec<Needed>,
}

impl Compactions {
    /// A compaction may have happened.
    pub(super) fn asked(&mut self, revision: Revision, invoke_ns: u64) {
        self.asked.push_back((revision, invoke_ns));
        if self.asked.len() > REMEMBERED_MAX {
            self.asked.pop_front();
        }
        self.waiting.retain(|needed| !needed.is_met_by((revision, invoke_ns)));
    }

    /// A compaction did happen.
    pub(super) fn answered(&mut self, revision: Revision, return_ns: u64) {
        self.answered.note(return_ns, revision);
        if revision > self.last[1] {
            self.last = [self.last[1], revision];
        }
    }

    /// The highest that was answered before a moment.
    pub(super) fn highest_answered(&self, before_ns: u64) -> Result<Option<Revision>, Doubt> {
        self.answered.before(before_ns)
    }

    /// What is older than this, nobody has reason to ask for.
    pub(super) fn last_but_one(&self) -> Revision {
        self.last[0]
    }

    /// Only a compaction at or after `lowest`, asked for by a moment, explains something.
    pub(super) fn need(&mut self, lowest: Revision, by_ns: u64) -> Result<(), Doubt> {
        self.explain(Needed { lowest, highest: Revision::MAX, by_ns })
    }

    /// Only a compaction at this revision, asked for by a moment, explains something.
    pub(super) fn need_at(&mut self, revision: Revision, by_ns: u64) -> Result<(), Doubt> {
        self.explain(Needed { lowest: revision, highest: revision, by_ns })
    }

    fn explain(&mut self, needed: Needed) -> Result<(), Doubt> {
        if !self.asked.iter().rev().any(|asked| needed.is_met_by(*asked)) {
            hold(self.waiting.len() < WAITING_MAX, "too much waits for a compaction")?;
            self.waiting.push(needed);
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(super) fn finish(&self) -> Result<(), Doubt> {
        hold(self.waiting.is_empty(), "nobody asked for a compaction that something tells of")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_may_be_told_later() {
        let mut compactions = Compactions::default();
        compactions.asked(5, 10);
        compactions.need(5, 10).unwrap();
        compactions.need_at(5, 11).unwrap();
        assert!(compactions.finish().is_ok());
        // Too low, too late, or at another revision.
        for needed in [(6, 10, false), (5, 9, false), (4, 10, true)] {
            let mut compactions = compactions.clone();
            match needed {
                (revision, by_ns, true) => compactions.need_at(revision, by_ns).unwrap(),
                (lowest, by_ns, false) => compactions.need(lowest, by_ns).unwrap(),
            }
            assert!(compactions.finish().is_err());
            compactions.asked(needed.0, needed.1 + 1);
            assert!(compactions.finish().is_err());
            compactions.asked(needed.0, needed.1);
            assert!(compactions.finish().is_ok());
        }
    }

    #[test]
    fn the_last_two_answered_are_known() {
        let mut compactions = Compactions::default();
        for (revision, return_ns) in [(5, 10), (3, 20), (9, 30)] {
            compactions.answered(revision, return_ns);
        }
        assert_eq!(compactions.last_but_one(), 5);
        assert_eq!(compactions.highest_answered(10), Ok(None));
        assert_eq!(compactions.highest_answered(30), Ok(Some(5)));
        assert_eq!(compactions.highest_answered(31), Ok(Some(9)));
    }
}
