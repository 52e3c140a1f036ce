//! The order in which a history is judged: that of time, in whatever order it was told.
//!
//! The line tries the possible makers of an open revision one after the other, and may settle for one. Were that the
//! order of the lines of a file, one history would have several verdicts.

use crate::evidence::{Evidence, Place};
use crate::history::{AdminCall, History, Hold, Observer, Operation, Watch};
use std::borrow::Cow;

/// By where each part of a history is judged: where it was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    operations: Vec<usize>,
    watches: Vec<usize>,
    holds: Vec<usize>,
    observers: Vec<usize>,
    admin_calls: Vec<usize>,
}

fn of_operation(operation: &Operation) -> (u64, u64, u32) {
    (operation.invoke_ns, operation.return_ns.unwrap_or(u64::MAX), operation.client.0)
}

fn of_watch(watch: &Watch) -> (u64, u64) {
    (watch.invoke_ns, watch.id)
}

fn of_hold(hold: &Hold) -> (u64, u32) {
    (hold.from_ns, hold.client.0)
}

fn of_observer(observer: &Observer) -> (u64, u64) {
    (observer.invoke_ns, observer.id)
}

fn of_admin_call(call: &AdminCall) -> (u64, u64, u32) {
    (call.invoke_ns, call.return_ns.unwrap_or(u64::MAX), call.client.0)
}

/// The positions of the parts in sorted order; equal ones keep their order.
fn sorted<T, K: Ord>(parts: &[T], key: impl Fn(&T) -> K) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| key(&parts[*at]));
    order
}

impl Order {
    /// Brings a history into the order of time. One that is in that order stays as it is.
    pub(super) fn sort(history: Cow<'_, History>) -> (Cow<'_, History>, Self) {
        let is_sorted = history.operations.is_sorted_by_key(of_operation)
            && history.watches.is_sorted_by_key(of_watch)
            && history.holds.is_sorted_by_key(of_hold)
            && history.observers.is_sorted_by_key(of_observer)
            && history.admin_calls.is_sorted_by_key(of_admin_call);
        if is_sorted {
            return (history, Order::default());
        }
        let order = Order {
            operations: sorted(&history.operations, of_operation),
            watches: sorted(&history.watches, of_watch),
            holds: sorted(&history.holds, of_hold),
            observers: sorted(&history.observers, of_observer),
            admin_calls: sorted(&history.admin_calls, of_admin_call),
        };
        let mut history = history.into_owned();
        history.operations.sort_by_key(of_operation);
        history.watches.sort_by_key(of_watch);
        history.holds.sort_by_key(of_hold);
        history.observers.sort_by_key(of_observer);
        history.admin_calls.sort_by_key(of_admin_call);
        (Cow::Owned(history), order)
    }

    /// The index of an operation where it was told.
    pub(crate) fn told(&self, operation: usize) -> usize {
        self.operations.get(operation).copied().unwrap_or(operation)
    }

    /// Says of evidence where it was told.
    pub(super) fn restore(&self, evidence: &mut Evidence) {
        let told = |order: &[usize], at: &mut usize| *at = order.get(*at).copied().unwrap_or(*at);
        for exhibit in &mut evidence.exhibits {
            match &mut exhibit.place {
                Place::Operation { index } => told(&self.operations, index),
                Place::Watch { index, .. } => told(&self.watches, index),
                Place::Hold { index } => told(&self.holds, index),
                Place::Observer { index, .. } => told(&self.observers, index),
                Place::AdminCall { index } => told(&self.admin_calls, index),
                Place::Observation { .. } => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::judge::Judge;

    #[test]
    fn evidence_says_where_it_was_told() {
        let mut h = Builder::default();
        let read = h.ok(1, get("a"), ranged(2, []));
        let write = h.ok(0, put("a", "1"), written(2));
        h.during(write, 1, 2);
        let history = h.build();
        let (sorted, order) = Order::sort(Cow::Borrowed(&history));
        assert_eq!((&sorted.operations[0], &order.operations[..]), (&history.operations[write], &[1, 0][..]));
        let verdicts = Judge::new(&history).run();
        let evidence =
            verdicts.get("linearizable").and_then(|verdict| verdict.evidence()).expect("it is lost");
        let places: Vec<Place> = evidence.exhibits.iter().map(|exhibit| exhibit.place).collect();
        assert_eq!(places, [Place::Operation { index: read }, Place::Operation { index: write }]);
    }

    #[test]
    fn what_is_in_order_stays_as_it_is() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        assert!(matches!(Order::sort(Cow::Borrowed(&h.build())).0, Cow::Borrowed(_)));
    }
}
