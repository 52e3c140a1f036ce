//! The limits of a search.

use std::fmt;

/// The limit of a search: the search reads no clock, so the caller brings one if it wants one.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// The most steps of the model: each is one operation tried on one state.
    pub steps: u64,
    /// About the most bytes that all parts of the search hold at a time, beside the history itself.
    pub memory_bytes: u64,
    /// Asked about every thousand steps; `true` ends the search. Once it has said so, it must go on to.
    pub stop: Option<Stop<'a>>,
}

/// True if to stop now. Searches on several threads ask the same one.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

impl<'a> Budget<'a> {
    /// The default limit of memory: 1 GiB.
    pub const MEMORY_BYTES: u64 = 1 << 30;

    /// As many steps as it takes, in [`Budget::MEMORY_BYTES`].
    pub const UNLIMITED: Budget<'static> =
        Budget { steps: u64::MAX, memory_bytes: Self::MEMORY_BYTES, stop: None };

    /// At most so many steps.
    pub const fn steps(steps: u64) -> Budget<'static> {
        Budget { steps, ..Budget::UNLIMITED }
    }

    /// The same, in at most so much memory.
    pub const fn memory_bytes(self, memory_bytes: u64) -> Self {
        Budget { memory_bytes, ..self }
    }

    /// Until the caller says so.
    pub const fn until(stop: Stop<'a>) -> Self {
        Budget { stop: Some(stop), ..Budget::UNLIMITED }
    }

    /// True if the caller says so.
    pub(crate) fn is_stopped(&self) -> bool {
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
        let Budget { steps, memory_bytes, stop } = self;
        f.debug_struct("Budget")
            .field("steps", steps)
            .field("memory_bytes", memory_bytes)
            .field("stop", &stop.is_some())
            .finish()
    }
}
