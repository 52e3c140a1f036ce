//! The result of a search.

use super::progress::Progress;
use super::witness::Flaw;
use thiserror::Error;

/// The outcome of a search. Numbers are positions in the calls that were searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is an order.
    Linearizable {
        /// One such order, replayed: every answered call once, and the unknown ones that took effect.
        order: Vec<usize>,
    },
    /// There is none.
    Illegal(Illegal),
    /// The search ended without an answer.
    Unknown {
        /// The limit that ended it.
        why: Why,
        /// The parts decided until then.
        progress: Progress,
    },
}

impl Decision {
    /// True if an order was found.
    pub fn is_linearizable(&self) -> bool {
        matches!(self, Decision::Linearizable { .. })
    }

    /// If there is no answer, what ended the search and what was decided until then, in words.
    pub fn undecided(&self) -> Option<String> {
        match self {
            Decision::Unknown { why, progress } if progress.open.is_empty() => Some(why.to_string()),
            Decision::Unknown { why, progress } => Some(format!("{why}: {progress}")),
            Decision::Linearizable { .. } | Decision::Illegal(_) => None,
        }
    }

    /// True if it was shown that there is no order.
    pub fn is_illegal(&self) -> bool {
        matches!(self, Decision::Illegal(_))
    }
}

/// The progress of the search in a history that has no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Illegal {
    /// The longest partial order found. It is legal up to its end.
    pub prefix: Vec<usize>,
    /// The call that must come next, because it returns before any other that is left, and cannot.
    pub stuck: usize,
    /// The last return among the calls that the refutation looked at.
    pub until: u64,
    /// The steps of the refutation.
    pub steps: u64,
}

/// The reason that a search ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Why {
    /// The budget's steps were used up.
    #[error("undecided after {steps} steps")]
    Steps {
        /// The number of steps made.
        steps: u64,
    },
    /// The search held as much as it may.
    #[error("undecided with {bytes} bytes of memory, after {steps} steps")]
    Memory {
        /// The limit.
        bytes: u64,
        /// The number of steps made.
        steps: u64,
    },
    /// The caller asked to stop.
    #[error("stopped by the caller after {steps} steps")]
    Stopped {
        /// The number of steps made.
        steps: u64,
    },
    /// A call returns before it was invoked.
    #[error("call {call} returns before it is invoked")]
    Backwards {
        /// The call.
        call: usize,
    },
    /// The order that was found does not stand up to a replay: the model breaks its own rules (a step that
    /// depends on more than state and operation, or a "read" that changes the state).
    #[error("the model contradicts itself: {0}")]
    Model(Flaw),
}
