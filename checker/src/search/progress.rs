//! The parts decided before a search ended without an answer.

use std::fmt;

/// The most open parts listed one by one.
const TOLD_AT_MOST: usize = 4;

/// The progress of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The number of parts that have an order.
    pub decided: usize,
    /// The others. A part that has none would have decided the whole.
    pub open: Vec<OpenPart>,
}

/// A part of the history that is undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPart {
    /// The first of its calls, as a position in the history.
    pub first: usize,
    /// The number of its answered calls in the longest order found.
    pub ordered: usize,
    /// The number of its answered calls.
    pub calls: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.decided + self.open.len();
        if parts > 1 {
            write!(f, "{} of {parts} parts have an order; ", self.decided)?;
        }
        f.write_str("the longest order found has ")?;
        for (at, open) in self.open.iter().take(TOLD_AT_MOST).enumerate() {
            let and = if at == 0 { "" } else { ", " };
            write!(f, "{and}{} of {}", open.ordered, open.calls)?;
        }
        match self.open.len().saturating_sub(TOLD_AT_MOST) {
            0 => f.write_str(" operations"),
            more => write!(f, " operations, and {more} more parts are open"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_decided_and_how_far_the_rest_came() {
        let open = OpenPart { first: 0, ordered: 7, calls: 9 };
        let said = |decided, open: &[OpenPart]| Progress { decided, open: open.to_vec() }.to_string();
        assert_eq!(said(0, &[open]), "the longest order found has 7 of 9 operations");
        assert_eq!(
            said(3, &[open, OpenPart { ordered: 1, ..open }]),
            "3 of 5 parts have an order; the longest order found has 7 of 9, 1 of 9 operations"
        );
        assert!(said(0, &[open; 6]).ends_with("7 of 9 operations, and 2 more parts are open"));
    }
}
