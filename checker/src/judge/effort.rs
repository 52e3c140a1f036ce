//! Limits of explaining.

use crate::search::{Budget, Illegal, Stop};
use std::fmt;

/// Steps of an explanation where the verdict took fewer. A count of steps, unlike a time, gives the same explanation on
/// every machine.
const USUAL_STEPS: u64 = 50_000;

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

impl Effort<'_> {
    /// Explains a violation within the limit.
    pub(super) fn explain<T>(
        self,
        illegal: &Illegal,
        explain: impl FnOnce(&Budget<'_>) -> Option<T>,
    ) -> Option<T> {
        let (steps, stop) = match self {
            Effort::None => return None,
            Effort::LikeVerdict(stop) => (USUAL_STEPS.max(illegal.steps), stop),
            Effort::Until(stop) => (u64::MAX, Some(stop)),
        };
        explain(&Budget { steps, stop, ..Budget::UNLIMITED })
    }
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
