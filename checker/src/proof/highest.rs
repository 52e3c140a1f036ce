//! The highest of something up to a moment.

use super::Unproven;
use std::collections::VecDeque;

/// The most steps remembered.
const STEPS_MAX: usize = 1 << 16;

/// The rising maximum over time: only steps upwards are kept, and only the latest of them.
#[derive(Clone, Debug)]
pub(super) struct Highest<T> {
    steps: VecDeque<(u64, T)>,
    is_cut: bool,
}

impl<T> Default for Highest<T> {
    fn default() -> Self {
        Highest { steps: VecDeque::new(), is_cut: false }
    }
}

impl<T: Copy + Ord> Highest<T> {
    /// Notes what was reached at a moment, not before any that was noted.
    pub(super) fn note(&mut self, at_ns: u64, reached: T) {
        if self.steps.back().is_none_or(|(_, highest)| *highest < reached) {
            self.steps.push_back((at_ns, reached));
            if self.steps.len() > STEPS_MAX {
                self.steps.pop_front();
                self.is_cut = true;
            }
        }
    }

    /// The highest that was reached before a moment.
    pub(super) fn before(&self, at_ns: u64) -> Result<Option<T>, Unproven> {
        // Most ask for a moment ago.
        let newest = self.steps.iter().rev().take(16).find(|(step_ns, _)| *step_ns < at_ns);
        let found = newest.or_else(|| {
            let steps = self.steps.partition_point(|(step_ns, _)| *step_ns < at_ns);
            self.steps.get(steps.checked_sub(1)?)
        });
        match found {
            Some((_, reached)) => Ok(Some(*reached)),
            None if self.is_cut => Err(Unproven("an operation was open for too long")),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_reached_before() {
        let mut highest = Highest::default();
        for (at_ns, reached) in [(10, 3), (20, 2), (30, 7), (30, 8)] {
            highest.note(at_ns, reached);
        }
        assert_eq!(
            [10, 11, 30, 31].map(|at_ns| highest.before(at_ns)),
            [None, Some(3), Some(3), Some(8)].map(Ok)
        );
    }

    #[test]
    fn what_is_long_ago_is_forgotten_and_not_guessed() {
        let mut highest = Highest::default();
        (0..=STEPS_MAX as u64).for_each(|step| highest.note(step, step));
        assert_eq!(highest.before(40_000), Ok(Some(39_999)));
        assert_eq!(highest.before(2), Ok(Some(1)));
        assert!(highest.before(1).is_err());
    }
}
