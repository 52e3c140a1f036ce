//! A histogram with buckets that are exact up to 127 µs, and no wider than a 64th of what they hold beyond.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The binary digits that a bucket keeps of a value.
const DIGITS: u32 = 7;

/// Counts of values, by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Histogram {
    /// By the least value of the bucket.
    counts: BTreeMap<u64, u64>,
    max_us: u64,
}

/// A histogram, as documents have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HistogramForm {
    /// The number of values.
    pub count: u64,
    /// The least value of the bucket in which the value in the middle lies.
    pub median_us: u64,
    /// The least value of the bucket below which, or in which, 99 of 100 values lie.
    pub p99_us: u64,
    /// The largest value.
    pub max_us: u64,
    /// The least value of each bucket that holds any, and the number of those it holds.
    pub buckets: Vec<(u64, u64)>,
}

/// The least value of the bucket of a value.
fn floor(us: u64) -> u64 {
    let dropped = (u64::BITS - us.leading_zeros()).saturating_sub(DIGITS);
    us >> dropped << dropped
}

impl Histogram {
    /// Counts a value.
    pub fn add(&mut self, us: u64) {
        *self.counts.entry(floor(us)).or_default() += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Histogram) {
        for (bucket, count) in &other.counts {
            let own = self.counts.entry(*bucket).or_default();
            *own = own.saturating_add(*count);
        }
        self.max_us = self.max_us.max(other.max_us);
    }

    fn count(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The bucket in which the value lies that so many percent of all do not exceed.
    fn percentile(&self, percent: u64) -> u64 {
        let rank = (u128::from(self.count()) * u128::from(percent)).div_ceil(100);
        let mut below = 0;
        let holds_it = |(bucket, count): (&u64, &u64)| {
            below += u128::from(*count);
            (below >= rank).then_some(*bucket)
        };
        self.counts.iter().find_map(holds_it).unwrap_or(0)
    }

    /// The form in documents.
    pub fn form(&self) -> HistogramForm {
        HistogramForm {
            count: self.count(),
            median_us: self.percentile(50),
            p99_us: self.percentile(99),
            max_us: self.max_us,
            buckets: self.counts.iter().map(|(bucket, count)| (*bucket, *count)).collect(),
        }
    }

    /// Reads the form in documents; an error names the field and what is wrong with it.
    #[cfg(any(test, feature = "folder"))]
    pub fn read(form: &HistogramForm) -> Result<Histogram, (&'static str, String)> {
        let mut counts = BTreeMap::new();
        for (bucket, count) in &form.buckets {
            if floor(*bucket) != *bucket || *count == 0 || counts.insert(*bucket, *count).is_some() {
                return Err((
                    "buckets",
                    format!("[{bucket}, {count}] is no bucket of its own that holds any"),
                ));
            }
        }
        let histogram = Histogram { counts, max_us: form.max_us };
        let own = histogram.form();
        if own.buckets != form.buckets {
            return Err(("buckets", "expected the buckets in ascending order".to_owned()));
        }
        let summary = [
            ("count", own.count, form.count),
            ("median_us", own.median_us, form.median_us),
            ("p99_us", own.p99_us, form.p99_us),
            ("max_us", own.buckets.last().map_or(0, |(bucket, _)| *bucket), floor(form.max_us)),
        ];
        match summary.into_iter().find(|(_, expected, found)| expected != found) {
            Some((field, expected, found)) => {
                Err((field, format!("{found}, where the buckets say {expected}")))
            }
            None => Ok(histogram),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.add(value));
        histogram
    }

    #[test]
    fn buckets_are_narrow_at_every_size() {
        for value in (0..20_000).chain((0..64).map(|bit| u64::MAX >> bit)) {
            assert!(floor(value) <= value && value - floor(value) <= value / 64, "{value}");
            assert!(value > 127 || floor(value) == value, "{value}");
            assert_eq!(floor(floor(value)), floor(value));
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_values() {
        let values: Vec<u64> = (1..=100).collect();
        let form = of(values).form();
        assert_eq!((form.count, form.median_us, form.p99_us, form.max_us), (100, 50, 99, 100));
        let form = of([7]).form();
        assert_eq!((form.count, form.median_us, form.p99_us, form.max_us), (1, 7, 7, 7));
        let form = of([1, 1, 1, 1_000_000]).form();
        assert_eq!((form.median_us, form.p99_us, form.max_us), (1, floor(1_000_000), 1_000_000));
    }

    #[test]
    fn parts_in_any_order_are_the_whole() {
        let values = || (0..5_000).map(|at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (at % 50));
        let whole = of(values());
        let mut merged = Histogram::default();
        for part in [3, 0, 2, 1] {
            merged.merge(&of(values().skip(part).step_by(4)));
        }
        assert_eq!(merged, whole);
        assert_eq!(Histogram::read(&whole.form()), Ok(whole));
        assert_eq!(Histogram::read(&of([]).form()), Ok(of([])));
    }

    #[test]
    fn a_form_that_contradicts_itself_is_refused() {
        let form = of([3, 500, 70_000]).form();
        let refused = |change: &dyn Fn(&mut HistogramForm)| {
            let mut changed = form.clone();
            change(&mut changed);
            Histogram::read(&changed).unwrap_err().0
        };
        assert_eq!(refused(&|form| form.count = 4), "count");
        assert_eq!(refused(&|form| form.median_us = 3), "median_us");
        assert_eq!(refused(&|form| form.p99_us = 3), "p99_us");
        assert_eq!(refused(&|form| form.max_us = 7), "max_us");
        assert_eq!(refused(&|form| form.buckets.swap(0, 1)), "buckets");
        assert_eq!(refused(&|form| form.buckets[1].0 = 501), "buckets");
        assert_eq!(refused(&|form| form.buckets.push((70_000, 0))), "buckets");
    }
}
