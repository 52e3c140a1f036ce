//! The ids that were given.

use std::collections::BTreeMap;

/// A set of numbers that come mostly one after the other: kept as ranges, by their first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(BTreeMap<u64, u64>);

impl Ids {
    /// Adds a number; `false` if it was there.
    pub(crate) fn add(&mut self, id: u64) -> bool {
        let before = self.0.range(..=id).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| last >= id) {
            return false;
        }
        let first = before.filter(|(_, last)| *last + 1 == id).map_or(id, |(first, _)| first);
        let last = id.checked_add(1).and_then(|next| self.0.remove(&next)).unwrap_or(id);
        self.0.insert(first, last);
        true
    }

    /// True if a number was added.
    pub(crate) fn contains(&self, id: u64) -> bool {
        self.0.range(..=id).next_back().is_some_and(|(_, last)| *last >= id)
    }

    /// The number of ranges.
    pub(crate) fn range_count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_once_and_ranges_join() {
        let mut ids = Ids::default();
        let added = [5, 3, 4, 4, 3, 5, 9, 0, u64::MAX, u64::MAX].map(|id| ids.add(id));
        assert_eq!(added, [true, true, true, false, false, false, true, true, true, false]);
        assert!([0, 3, 4, 5, 9, u64::MAX].iter().all(|id| ids.contains(*id)));
        assert!([1, 2, 6, 8, 10].iter().all(|id| !ids.contains(*id)) && ids.range_count() == 4);
        let ranges: Vec<_> = ids.0.into_iter().collect();
        assert_eq!(ranges, [(0, 0), (3, 5), (9, 9), (u64::MAX, u64::MAX)]);
    }
}
