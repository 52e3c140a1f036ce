//! Limits of explaining.

use crate::search::Stop;
use std::fmt;

/// The limit of explaining a violation.
#[derive(Clone, Copy)]
pub enum Effort<'a> {
    /// No explanation.
    None,
    /// As many steps as the verdict took, at least 50 000; less if the caller stops it.
    LikeVerdict(Option<Stop<'a>>),
    /// Until the caller stops it.
    Until(Stop<'a>),
}

impl Default for Effort<'_> {
    fn default() -> Self {
        Effort::LikeVerdict(None)
    }
}

impl fmt::Debug for Effort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effort::None => "None",
            Effort::LikeVerdict(_) => "LikeVerdict",
            Effort::Until(_) => "Until",
        })
    }
}
