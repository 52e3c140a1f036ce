//! How long a search may take.

use std::fmt;

/// The limit of a search: the search reads no clock, so the caller brings one if it wants one.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// The most steps of the model: each is one operation tried on one state.
    pub steps: u64,
    /// Asked about every thousand steps; `true` ends the search.
    pub stop: Option<&'a dyn Fn() -> bool>,
}

impl Budget<'_> {
    /// No limit.
    pub const UNLIMITED: Budget<'static> = Budget { steps: u64::MAX, stop: None };

    /// At most so many steps.
    pub const fn steps(steps: u64) -> Budget<'static> {
        Budget { steps, stop: None }
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
