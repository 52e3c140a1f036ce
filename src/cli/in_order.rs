//! Results that come in any order, handed on in theirs: how many threads made them does not show.

use std::collections::BTreeMap;

/// Results that wait for those before them.
#[derive(Debug)]
pub struct InOrder<T> {
    next: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        InOrder { next: 0, waiting: BTreeMap::new() }
    }
}

impl<T> InOrder<T> {
    /// Takes the result at a position, counted from 0.
    pub fn put(&mut self, position: u64, result: T) {
        let other = self.waiting.insert(position, result);
        debug_assert!(other.is_none() && position >= self.next, "one result at each position");
    }

    /// The next result, once it is there.
    pub fn next(&mut self) -> Option<T> {
        let result = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_waits_for_those_before_it() {
        let mut results = InOrder::default();
        let mut seen = Vec::new();
        for position in [2, 0, 3, 1, 4] {
            results.put(position, position);
            seen.push(std::iter::from_fn(|| results.next()).collect::<Vec<u64>>());
        }
        assert_eq!(seen, [vec![], vec![0], vec![], vec![1, 2, 3], vec![4]]);
    }
}
