//! The place of each answered operation on the line, and the bounds by real time.

use crate::history::modified;
use crate::history::{History, Operation, Revision};
use std::collections::BTreeMap;

/// A place on the line: a write at revision r is at (r, 0), what only saw revision r is at (r, 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(Revision, bool);

impl Position {
    /// That of the write that made `revision`.
    pub(crate) fn of_write(revision: Revision) -> Self {
        Position(revision, false)
    }

    /// That of an answered operation.
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        let response = operation.response()?;
        Some(Position(response.header().revision, !modified(response)))
    }

    /// Its revision.
    pub(crate) fn revision(&self) -> Revision {
        self.0
    }
}

/// The highest place that was answered before an operation began, and who was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Floor {
    /// The place.
    pub(crate) place: Position,
    /// The operation there.
    pub(crate) operation: usize,
}

/// For each operation, the highest place among those that were answered before it was asked. Serializable
/// reads count for nothing: they may be old, and bind no other operation.
pub(crate) fn floors(history: &History) -> Vec<Option<Floor>> {
    let operations = &history.operations;
    let mut returns: Vec<(u64, Floor)> = operations
        .iter()
        .enumerate()
        .filter(|(_, operation)| !operation.request.is_serializable())
        .filter_map(|(index, operation)| {
            Some((operation.return_ns?, Floor { place: Position::of(operation)?, operation: index }))
        })
        .collect();
    returns.sort_by_key(|(return_ns, _)| *return_ns);
    let mut order: Vec<usize> = (0..operations.len()).collect();
    order.sort_by_key(|index| operations[*index].invoke_ns);

    let mut floors = vec![None; operations.len()];
    let mut returns = returns.into_iter().peekable();
    let mut highest: Option<Floor> = None;
    // What one client asks at the very moment it had its last answer still comes after it.
    let mut own: BTreeMap<_, (u64, Floor)> = BTreeMap::new();
    for index in order {
        let operation = &operations[index];
        while let Some((_, floor)) = returns.next_if(|(return_ns, _)| *return_ns < operation.invoke_ns) {
            highest = highest.max_by_place(Some(floor));
        }
        let last = own.get(&operation.client).filter(|(return_ns, _)| *return_ns <= operation.invoke_ns);
        floors[index] = highest.max_by_place(last.map(|(_, floor)| *floor));
        if let (Some(place), Some(return_ns), false) =
            (Position::of(operation), operation.return_ns, operation.request.is_serializable())
        {
            own.insert(operation.client, (return_ns, Floor { place, operation: index }));
        }
    }
    floors
}

trait MaxByPlace {
    fn max_by_place(self, other: Self) -> Self;
}

impl MaxByPlace for Option<Floor> {
    /// The higher of the two; the first where they are level.
    fn max_by_place(self, other: Self) -> Self {
        match (self, other) {
            (Some(one), Some(two)) if two.place > one.place => Some(two),
            (one, two) => one.or(two),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn only_what_was_answered_before_binds() {
        let mut history = Builder::default();
        let write = history.ok(0, put("a", "1"), written(5));
        let read = history.ok(1, get("a"), ranged(7, []));
        let old = history.ok(2, serializable("a", ""), ranged(9, []));
        let overlapping = history.ok(3, get("a"), ranged(6, []));
        let last = history.ok(0, get("a"), ranged(6, []));
        history.during(write, 10, 20);
        history.during(read, 15, 30);
        history.during(old, 15, 30);
        history.during(overlapping, 25, 60);
        history.during(last, 30, 50);
        let floors = floors(&history.build());
        let floor = |index: usize| floors[index].map(|floor| (floor.operation, floor.place.revision()));
        assert_eq!(floor(write), None);
        assert_eq!(floor(read), None);
        assert_eq!(floor(overlapping), Some((write, 5)));
        // The read returned at the very moment the last one began: not before.
        assert_eq!(floor(last), Some((write, 5)));
    }

    #[test]
    fn one_clients_requests_are_in_order_even_within_one_moment() {
        let mut history = Builder::default();
        let write = history.ok(0, put("a", "1"), written(5));
        let read = history.ok(0, get("a"), ranged(4, []));
        history.during(write, 10, 20);
        history.during(read, 20, 20);
        assert_eq!(floors(&history.build())[read].map(|floor| floor.operation), Some(write));
    }
}
