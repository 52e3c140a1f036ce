//! A history under judgement, with what several guarantees derive from it.

use crate::history::History;

/// What a guarantee's check looks at.
pub struct Case<'h> {
    /// The history.
    pub history: &'h History,
}

impl<'h> Case<'h> {
    /// Opens the case of a history.
    pub fn new(history: &'h History) -> Self {
        Case { history }
    }
}
