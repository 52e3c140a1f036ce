//! Indexes of the rarer operations, so that guarantees about those need not look at all.

use super::kv::space::is_no_space;
use crate::history::Refusal;
use crate::history::{History, Outcome, Request};
use crate::replay::past_ranges;

/// Operations by sort, each in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorts {
    /// Refused for a reason that says something of the store.
    pub(super) refused: Vec<usize>,
    /// Refused for lack of space.
    pub(super) no_space: Vec<usize>,
    /// Answered compactions.
    pub(super) compactions: Vec<usize>,
    /// Answered, with a range at a revision of its own.
    pub(super) past: Vec<usize>,
}

impl Sorts {
    pub(super) fn of(history: &History) -> Self {
        let mut sorts = Sorts::default();
        for (index, operation) in history.operations.iter().enumerate() {
            match (&operation.outcome, &operation.request) {
                (Outcome::Failed(error), _) if Refusal::of(error).is_some() => sorts.refused.push(index),
                (Outcome::Failed(error), _) if is_no_space(error) => sorts.no_space.push(index),
                (Outcome::Ok(_), Request::Compact(_)) => sorts.compactions.push(index),
                (Outcome::Ok(_), Request::Range(range)) if range.revision > 0 => sorts.past.push(index),
                (Outcome::Ok(_), Request::Txn(_)) if !past_ranges(operation).is_empty() => {
                    sorts.past.push(index);
                }
                _ => {}
            }
        }
        sorts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn finds_each_sort() {
        let mut h = Builder::default();
        h.ok(0, get("a"), ranged(1, []));
        h.failed(0, compact(4), "OutOfRange", "etcdserver: mvcc: required revision is a future revision");
        h.failed(0, put("a", "1"), "Unavailable", "etcdserver: no leader");
        h.ok(0, compact(1), compaction(1));
        h.ok(0, range_at("a", "", 1), ranged(1, []));
        h.ok(0, txn([], [range_at("a", "", 1)], []), decided(1, true, [ranged(1, [])]));
        h.ok(0, txn([], [], [range_at("a", "", 1)]), decided(1, true, []));
        h.unknown(0, range_at("a", "", 1));
        let sorts = Sorts::of(&h.build());
        assert_eq!((sorts.refused, sorts.compactions, sorts.past), (vec![1], vec![3], vec![4, 5]));
    }
}
