//! The clock of a node: as fast as the world's, or a little faster or slower, and set differently.

use serde::{Deserialize, Serialize};

/// Parts per million.
const MILLION: i128 = 1_000_000;

/// A node's monotonic clock.
///
/// Real clocks drift by tens of parts per million; a virtual machine that is starved or migrated shows far
/// more: large rates stand for those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The world's time when the rate last changed.
    anchor_true_ns: u64,
    /// The time of this clock then.
    anchor_local_ns: u64,
    /// The drift: how much faster than the world's clock it runs, in parts per million; negative is slower.
    drift_ppm: i64,
}

impl Clock {
    /// The slowest a clock may run: half as fast as the world's.
    pub(crate) const MIN_DRIFT_PPM: i64 = -500_000;
    /// The fastest: twice as fast.
    pub(crate) const MAX_DRIFT_PPM: i64 = 1_000_000;

    /// A clock that runs true and shows `offset_ns` at the beginning of the world.
    pub fn new(offset_ns: u64) -> Clock {
        Clock { anchor_true_ns: 0, anchor_local_ns: offset_ns, drift_ppm: 0 }
    }

    /// The time of this clock at `true_ns`.
    pub(crate) fn local_ns(&self, true_ns: u64) -> u64 {
        let passed = i128::from(true_ns.saturating_sub(self.anchor_true_ns));
        let local = passed * (MILLION + i128::from(self.drift_ppm)) / MILLION;
        self.anchor_local_ns + local as u64
    }

    /// The time of the world that passes while this clock advances by `local_ns`.
    pub(crate) fn true_duration_ns(&self, local_ns: u64) -> u64 {
        let rate = MILLION + i128::from(self.drift_ppm);
        // Rounded up: the clock shows at least `local_ns` more when that time is over.
        ((i128::from(local_ns) * MILLION + rate - 1) / rate) as u64
    }

    /// Makes it run at another rate from now on. Rates outside the limits are brought within them.
    pub(crate) fn set_drift(&mut self, true_ns: u64, drift_ppm: i64) {
        self.anchor_local_ns = self.local_ns(true_ns);
        self.anchor_true_ns = true_ns;
        self.drift_ppm = drift_ppm.clamp(Self::MIN_DRIFT_PPM, Self::MAX_DRIFT_PPM);
    }

    /// Its rate, in parts per million faster than the world's.
    pub fn drift_ppm(&self) -> i64 {
        self.drift_ppm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_counts_from_the_moment_it_is_set_and_never_sets_the_clock_back() {
        let mut clock = Clock::new(500);
        assert_eq!(clock.local_ns(1_000), 1_500);
        clock.set_drift(1_000, 100_000);
        assert_eq!(clock.local_ns(1_000), 1_500);
        assert_eq!(clock.local_ns(11_000), 1_500 + 11_000);
        clock.set_drift(11_000, -100_000);
        assert_eq!(clock.local_ns(21_000), 12_500 + 9_000);
    }

    #[test]
    fn a_local_duration_is_over_when_the_clock_says_so() {
        for drift_ppm in [-500_000, -3, 0, 7, 1_000_000] {
            let mut clock = Clock::new(0);
            clock.set_drift(0, drift_ppm);
            for local_ns in [1, 100, 99_999_999, 100_000_000] {
                let wait = clock.true_duration_ns(local_ns);
                assert!(clock.local_ns(wait) >= local_ns, "{drift_ppm} ppm, {local_ns} ns");
            }
        }
    }
}
