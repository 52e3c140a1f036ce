//! A call as a search takes it.

use super::call::Call;

/// A call of a search. What it was answered may be left unsaid: then it may have taken effect or not, as if its outcome
/// were unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Its position in the history.
    pub at: u32,
    /// Its return, if its answer is to be matched.
    pub returned: Option<u64>,
}

impl Member {
    /// A call with all that the history says of it.
    pub fn of<Op, Ret>(calls: &[Call<Op, Ret>], at: u32) -> Self {
        Member { at, returned: calls[at as usize].returned() }
    }

    /// The call without its answer.
    pub(crate) fn unsaid(self) -> Self {
        Member { returned: None, ..self }
    }

    /// True if it is said what it was answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.returned.is_some()
    }
}
