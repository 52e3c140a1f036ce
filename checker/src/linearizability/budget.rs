//! How long a search may take.

use std::fmt;

/// The limit of a search: the search reads no clock, so the caller brings one if it wants one.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// The most steps of the model: each is one operation tried on one state.
    pub steps: u64,
    /// Asked about every thousand steps; `true` ends the search. Once it has said so, it must go on to.
    pub stop: Option<Stop<'a>>,
}

/// Whether to stop now. Searches on several threads ask the same one.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

impl<'a> Budget<'a> {
    /// No limit.
    pub const UNLIMITED: Budget<'static> = Budget { steps: u64::MAX, stop: None };

    /// At most so many steps.
    pub const fn steps(steps: u64) -> Budget<'static> {
        Budget { steps, stop: None }
    }

    /// Until the caller says so.
    pub const fn until(stop: Stop<'a>) -> Self {
        Budget { stop: Some(stop), ..Budget::UNLIMITED }
    }

    /// Whether the caller says so.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop())
    }
}

impl Default for Budget<'_> {
    fn default() -> Self {
        Budget::UNLIMITED
    }
}

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("steps", &self.steps).field("stop", &self.stop.is_some()).finish()
    }
}
