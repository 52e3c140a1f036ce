//! How long judging takes, and how long it may. Reading does not count: it may wait for a recorder.

use std::time::{Duration, Instant};

/// The time that judging one history took so far, and its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    spent: Duration,
    budget: Duration,
}

impl Time {
    /// None spent yet.
    pub(super) fn of(budget: Duration) -> Time {
        Time { spent: Duration::ZERO, budget }
    }

    /// Does something that counts.
    pub(super) fn spend<T>(&mut self, judge: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let judged = judge();
        self.spent += began.elapsed();
        judged
    }

    /// Does something that counts, and that ends when it is told to.
    pub(super) fn spend_within<T>(&mut self, judge: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> T) -> T {
        let began = Instant::now();
        let left = self.budget.saturating_sub(self.spent);
        let judged = judge(&|| began.elapsed() > left);
        self.spent += began.elapsed();
        judged
    }

    /// Whether there is none left.
    pub(super) fn is_over(&self) -> bool {
        self.spent > self.budget
    }

    /// What was spent, in milliseconds.
    pub(super) fn spent_ms(&self) -> f64 {
        self.spent.as_secs_f64() * 1e3
    }
}
