//! Parts of a history that can be decided one by one, and their orders as one.
//!
//! Linearizability is local (Herlihy and Wing, "Linearizability", TOPLAS 1990, theorem 1): a history is
//! linearizable if and only if its part on each object is.

use super::call::Call;
use std::collections::BTreeMap;

/// The positions of the calls on each object.
pub(super) fn split<Op, Ret, K: Ord>(calls: &[Call<Op, Ret>], part: impl Fn(&Op) -> K) -> Vec<Vec<u32>> {
    let mut parts: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        parts.entry(part(&call.op)).or_default().push(at as u32);
    }
    parts.into_values().collect()
}

/// One order of all calls out of one for each part.
///
/// Each call gets the earliest moment at which it can take effect in its own part's order: the latest
/// invocation up to there. Sorted by these moments, calls of different parts are in an order that time allows.
pub(super) fn merge<Op, Ret>(calls: &[Call<Op, Ret>], orders: Vec<Vec<usize>>) -> Vec<usize> {
    let mut moments = Vec::with_capacity(orders.iter().map(Vec::len).sum());
    for order in orders {
        let mut moment = 0;
        for at in order {
            moment = calls[at].invoke.max(moment);
            moments.push((moment, at));
        }
    }
    moments.sort_by_key(|&(moment, _)| moment);
    moments.into_iter().map(|(_, at)| at).collect()
}
