//! The spread of measured values, and how it is told.

use std::ops::Range;
use std::time::Duration;

/// Values in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(Vec<f64>);

impl Spread {
    /// Of values in any order.
    pub fn of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        Spread(values)
    }

    /// The values, in order.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The mean; `None` of no values.
    pub fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.iter().sum::<f64>() / self.0.len() as f64)
    }

    /// The value that so many percent of all do not exceed (nearest rank); `None` of no values.
    pub fn percentile(&self, percent: usize) -> Option<f64> {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }
}

/// Seeds in words: `seed 0`, or `seeds 0 to 4`.
pub(super) fn seeds_in_words(seeds: &Range<u64>) -> String {
    match seeds.end.saturating_sub(seeds.start) {
        0 | 1 => format!("seed {}", seeds.start),
        _ => format!("seeds {} to {}", seeds.start, seeds.end - 1),
    }
}

/// A time in milliseconds.
pub(super) fn ms(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let spread = Spread::of((1..=200).rev().map(f64::from).collect());
        let some = [0, 1, 50, 99, 100].map(|percent| spread.percentile(percent).unwrap());
        assert_eq!(some, [1.0, 2.0, 100.0, 198.0, 200.0]);
        assert_eq!(spread.mean(), Some(100.5));
        assert_eq!((Spread::default().mean(), Spread::default().percentile(50)), (None, None));
    }
}
