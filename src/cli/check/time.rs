//! The time that judging takes, and the most it may. Reading does not count: it may wait for a recorder.

use std::time::{Duration, Instant};

/// A record that takes longer than this is one that the streaming judge gets nowhere with: most take a microsecond.
const SLOW_RECORD_US: u128 = 20;

/// The time that judging one history took so far, and its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    spent: Duration,
    budget: Duration,
}

impl Time {
    /// The budget, of which nothing is spent yet.
    pub(super) fn of(budget: Duration) -> Time {
        Time { spent: Duration::ZERO, budget }
    }

    /// Calls `judge`, and counts its time.
    pub(super) fn spend<T>(&mut self, judge: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let judged = judge();
        self.spent += began.elapsed();
        judged
    }

    /// Calls `judge`, and counts its time; tells it when the budget is spent.
    pub(super) fn spend_within<T>(&mut self, judge: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> T) -> T {
        let began = Instant::now();
        let left = self.budget.saturating_sub(self.spent);
        let judged = judge(&|| began.elapsed() > left);
        self.spent += began.elapsed();
        judged
    }

    /// True if there is none left.
    pub(super) fn is_over(&self) -> bool {
        self.spent > self.budget
    }

    /// True if so many records took much longer than records take, and a good part of what there is.
    pub(super) fn is_slow(&self, records: u64) -> bool {
        self.spent > self.budget / 4 && self.spent.as_micros() > u128::from(records) * SLOW_RECORD_US
    }

    /// The time spent, in milliseconds.
    pub(super) fn spent_ms(&self) -> f64 {
        self.spent.as_secs_f64() * 1e3
    }
}
