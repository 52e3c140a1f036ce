//! A call that is asked wherever it may come next, and never placed.

use super::candidates::Candidate;

/// The call that a search asks, if there is one, and what it was answered so far.
pub(super) struct Asked<Ret> {
    /// Its rank.
    pub rank: Option<u32>,
    /// The number of different answers that is enough.
    at_most: usize,
    pub answers: Vec<Candidate<Ret>>,
}

impl<Ret: PartialEq> Asked<Ret> {
    /// No call is asked.
    pub fn none() -> Self {
        Asked { rank: None, at_most: 0, answers: Vec::new() }
    }

    /// The call of this rank is asked, for so many different answers.
    pub fn of(rank: u32, at_most: usize) -> Self {
        Asked { rank: Some(rank), at_most, answers: Vec::new() }
    }

    /// True if it is the call of this rank.
    pub fn is(&self, rank: u32) -> bool {
        self.rank == Some(rank)
    }

    /// True if there are as many answers as were asked for.
    pub(crate) fn is_enough(&self) -> bool {
        self.rank.is_some() && self.answers.len() >= self.at_most
    }

    /// Notes an answer, if there was none like it.
    pub fn hear(&mut self, answer: Ret, order: impl FnOnce() -> Vec<usize>) {
        if self.answers.iter().all(|known| known.answer != answer) {
            self.answers.push(Candidate { order: order(), answer });
        }
    }
}
