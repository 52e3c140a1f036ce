//! Compactions that are certain, and those that are possible.

use super::highest::Highest;
use super::{Unproven, require};
use crate::history::Revision;
use std::collections::VecDeque;

/// The most compactions remembered.
const REMEMBERED_MAX: usize = 1 << 12;
/// The most hints remembered of compactions without an answer.
const TOLD_MAX: usize = 1 << 10;
/// The most observations that wait for a compaction that explains them.
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

/// A hint that there had been a compaction at or after a revision.
#[derive(Clone, Copy, Debug)]
struct Told {
    at_ns: u64,
    lowest: Revision,
    /// The highest revision that it can have had, as far as that is known.
    level: Option<Revision>,
    /// The oldest revision that a later request still needed.
    least: Revision,
}

/// The compactions so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Compactions {
    /// Those that were answered, or that a client was told of.
    certain: Highest<Revision>,
    /// The time at which the latest of them was noted.
    certain_ns: u64,
    /// The last two that were answered, the higher one last.
    last: [Revision; 2],
    /// Those that were answered and those that may have happened, with when they were asked for.
    asked: VecDeque<(Revision, u64)>,
    waiting: Vec<Needed>,
    /// The hints of compactions that were not answered by then.
    told: Vec<Told>,
}

impl Compactions {
    /// A compaction may have happened.
    pub(super) fn asked(&mut self, revision: Revision, invoke_ns: u64) -> Result<(), Unproven> {
        let open = self.told.iter_mut().filter(|told| told.level.is_none());
        for told in open.filter(|told| revision >= told.lowest && invoke_ns <= told.at_ns) {
            require(told.least >= revision, "something was there that was compacted away")?;
            told.level = Some(revision);
        }
        self.asked.push_back((revision, invoke_ns));
        if self.asked.len() > REMEMBERED_MAX {
            self.asked.pop_front();
        }
        self.waiting.retain(|needed| !needed.is_met_by((revision, invoke_ns)));
        Ok(())
    }

    /// A compaction did happen.
    pub(super) fn answered(&mut self, revision: Revision, return_ns: u64) -> Result<(), Unproven> {
        self.take_effect(revision, return_ns)?;
        if revision > self.last[1] {
            self.last = [self.last[1], revision];
        }
        Ok(())
    }

    /// Notes a refusal because of a compaction at or after `lowest`: it had taken effect by then.
    pub(super) fn told(&mut self, lowest: Revision, at_ns: u64) -> Result<(), Unproven> {
        self.need(lowest, at_ns)?;
        let is_known = self.certain.before(at_ns)?.is_some_and(|certain| certain >= lowest);
        if is_known || self.told.iter().any(|told| told.at_ns <= at_ns && told.lowest >= lowest) {
            return Ok(());
        }
        require(self.told.len() < TOLD_MAX, "too many were told of compactions that have no answer")?;
        // The lowest of those that can be meant. One that is over later may be lower; then less is certain than is taken
        // for it here.
        let able =
            self.asked.iter().filter(|(revision, invoke_ns)| *revision >= lowest && *invoke_ns <= at_ns);
        let level = able.map(|(revision, _)| *revision).min();
        self.told.push(Told { at_ns, lowest, level, least: Revision::MAX });
        Ok(())
    }

    /// A watch was told of a compaction at this very revision.
    pub(super) fn told_at(&mut self, revision: Revision, at_ns: u64) -> Result<(), Unproven> {
        self.need_at(revision, at_ns)?;
        self.take_effect(revision, at_ns)
    }

    fn take_effect(&mut self, revision: Revision, at_ns: u64) -> Result<(), Unproven> {
        require(at_ns >= self.certain_ns, "a compaction was told of late")?;
        self.certain_ns = at_ns;
        self.certain.note(at_ns, revision);
        Ok(())
    }

    /// The highest that had certainly taken effect before a moment. 0 stands for one of which it is not known yet where
    /// it was.
    pub(super) fn highest_certain(&self, before_ns: u64) -> Result<Option<Revision>, Unproven> {
        let told = self.told.iter().filter(|told| told.at_ns < before_ns);
        Ok(self.certain.before(before_ns)?.max(told.map(|told| told.level.unwrap_or(0)).max()))
    }

    /// Something asked for at a moment needs that nothing at or after `revision` is compacted away: what is told
    /// of may turn out to be higher.
    pub(super) fn use_revision(&mut self, revision: Revision, invoke_ns: u64) {
        let open = self.told.iter_mut().filter(|told| told.level.is_none() && told.at_ns < invoke_ns);
        open.for_each(|told| told.least = told.least.min(revision));
    }

    /// True if a client was told of a compaction of which it is not known yet where it was.
    pub(super) fn is_open(&self) -> bool {
        self.told.iter().any(|told| told.level.is_none())
    }

    /// The revision before which no request has reason to read.
    pub(super) fn last_but_one(&self) -> Revision {
        self.last[0]
    }

    /// Only a compaction at or after `lowest`, asked for by a moment, explains something.
    pub(super) fn need(&mut self, lowest: Revision, by_ns: u64) -> Result<(), Unproven> {
        self.explain(Needed { lowest, highest: Revision::MAX, by_ns })
    }

    /// Only a compaction at this revision, asked for by a moment, explains something.
    pub(super) fn need_at(&mut self, revision: Revision, by_ns: u64) -> Result<(), Unproven> {
        self.explain(Needed { lowest: revision, highest: revision, by_ns })
    }

    fn explain(&mut self, needed: Needed) -> Result<(), Unproven> {
        if !self.asked.iter().rev().any(|asked| needed.is_met_by(*asked)) {
            require(self.waiting.len() < WAITING_MAX, "too much waits for a compaction")?;
            self.waiting.push(needed);
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(super) fn finish(&self) -> Result<(), Unproven> {
        require(self.waiting.is_empty(), "nobody asked for a compaction that something tells of")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_may_be_told_later() {
        let mut compactions = Compactions::default();
        compactions.asked(5, 10).unwrap();
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
            compactions.asked(needed.0, needed.1 + 1).unwrap();
            assert!(compactions.finish().is_err());
            compactions.asked(needed.0, needed.1).unwrap();
            assert!(compactions.finish().is_ok());
        }
    }

    #[test]
    fn the_last_two_answered_are_known() {
        let mut compactions = Compactions::default();
        for (revision, return_ns) in [(5, 10), (3, 20), (9, 30)] {
            compactions.answered(revision, return_ns).unwrap();
        }
        assert_eq!(compactions.last_but_one(), 5);
        assert_eq!(compactions.highest_certain(10), Ok(None));
        assert_eq!(compactions.highest_certain(30), Ok(Some(5)));
        assert_eq!(compactions.highest_certain(31), Ok(Some(9)));
    }

    #[test]
    fn what_somebody_was_told_of_has_taken_effect() {
        let mut compactions = Compactions::default();
        compactions.asked(8, 1).unwrap();
        compactions.asked(5, 2).unwrap();
        compactions.told(3, 10).unwrap();
        assert_eq!([10, 11].map(|at_ns| compactions.highest_certain(at_ns)), [Ok(None), Ok(Some(5))]);
        compactions.told(4, 12).unwrap();
        compactions.told(6, 20).unwrap();
        assert_eq!([20, 21].map(|at_ns| compactions.highest_certain(at_ns)), [Ok(Some(5)), Ok(Some(8))]);
        compactions.told_at(9, 30).unwrap();
        assert_eq!(compactions.highest_certain(31), Ok(Some(9)));
        assert!(compactions.told_at(9, 25).is_err(), "not in order");
        assert!(compactions.finish().is_err(), "nobody asked for a compaction at 9");
    }

    #[test]
    fn where_a_compaction_was_may_be_told_later() {
        let mut compactions = Compactions::default();
        compactions.told(3, 10).unwrap();
        assert!(compactions.is_open() && compactions.finish().is_err());
        assert_eq!(compactions.highest_certain(11), Ok(Some(0)));
        let mut needed = compactions.clone();
        compactions.use_revision(4, 10);
        compactions.use_revision(5, 11);
        compactions.asked(5, 2).unwrap();
        assert!(!compactions.is_open() && compactions.finish().is_ok());
        assert_eq!(compactions.highest_certain(11), Ok(Some(5)));
        needed.use_revision(4, 11);
        assert!(needed.asked(5, 2).is_err());
    }
}
