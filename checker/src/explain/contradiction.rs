//! The calls that contradict each other.

use super::shown::Shown;
use crate::search::{Call, Explanation};
use std::fmt::{self, Display};

/// The most operations of unknown outcome listed one by one.
const OPEN_TOLD_AT_MOST: usize = 20;

/// The calls that contradict each other, and the answers that would have been legal. Times of these histories are
/// lines of their files, which the exhibits of an [`Evidence`](crate::evidence::Evidence) cannot carry.
pub(crate) struct Contradiction<'a, Op, Ret> {
    pub(crate) calls: &'a [Call<Op, Ret>],
    pub(crate) explanation: &'a Explanation<Ret>,
}

impl<Op: Display, Ret: Display> Contradiction<'_, Op, Ret> {
    fn list(&self, f: &mut fmt::Formatter<'_>, positions: &[usize]) -> fmt::Result {
        positions.iter().try_for_each(|&at| write!(f, "\n    {}", Shown(&self.calls[at])))
    }
}

impl<Op: Display, Ret: Display> Display for Contradiction<'_, Op, Ret> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Contradiction { calls, explanation } = self;
        let minimal = if explanation.is_minimal { "" } else { " (not minimal)" };
        let stuck = Shown(&calls[explanation.stuck]);
        write!(f, "no order has a place for {stuck}; these contradict each other{minimal}:")?;
        self.list(f, &explanation.core)?;
        if !explanation.open.is_empty() {
            let (told, more) = explanation.open.split_at(explanation.open.len().min(OPEN_TOLD_AT_MOST));
            f.write_str("\n  whether or not these took effect:")?;
            self.list(f, told)?;
            if !more.is_empty() {
                write!(f, "\n    and {} more", more.len())?;
            }
        }
        let mut answers: Vec<String> =
            explanation.candidates.iter().map(|candidate| format!("`{}`", candidate.answer)).collect();
        answers.dedup();
        if !answers.is_empty() {
            write!(f, "\n  it could have been answered {}", answers.join(" or "))?;
        }
        Ok(())
    }
}
