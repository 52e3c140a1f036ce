//! The rows of the timeline: those of each client, member and fault, as many as it takes that nothing lies on another.

use super::parties::Parties;
use serde::Serialize;
use std::collections::BTreeMap;

/// The most rows for one sort of things of one party. More lie on one another in the last.
const MOST: usize = 8;

/// The party that a row belongs to, in the order of the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Party {
    /// Faults.
    Faults,
    /// A member or a proxy.
    Server(u64),
    /// The program of a test.
    Program,
    /// A client, or a process: each is the client of its name.
    Client(u32),
}

/// The sort of things in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// The state of a server.
    State,
    /// The events at it.
    Events,
    /// Operations of a client.
    Operations,
    /// Locks and leaderships that it believed to hold.
    Holds,
    /// Its watches, and elections that it observes.
    Watches,
}

/// A row.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// The party.
    party: String,
    /// The sort of things in it.
    sort: &'static str,
}

/// The rows so far.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The number of each row, by party, sort and place, in the order of their first use.
    numbers: BTreeMap<(Party, Sort, usize), usize>,
    /// The end of what each row holds.
    ends: Vec<u64>,
}

impl Rows {
    /// The row for a thing from a time to another, of which nothing that begins before comes later.
    pub fn place(&mut self, party: &Party, sort: Sort, from_ns: u64, to_ns: u64) -> usize {
        for place in 0..MOST {
            let next = self.ends.len();
            let number = *self.numbers.entry((party.clone(), sort, place)).or_insert(next);
            if number == next {
                self.ends.push(0);
            }
            if self.ends[number] <= from_ns || place + 1 == MOST {
                self.ends[number] = self.ends[number].max(to_ns);
                return number;
            }
        }
        unreachable!("the last place takes all")
    }

    /// The rows as the page shows them, and the place of each number there.
    pub fn in_order(&self, parties: Parties<'_>) -> (Vec<Row>, Vec<usize>) {
        let mut places = vec![0; self.ends.len()];
        let rows = self.numbers.iter().enumerate().map(|(place, ((party, sort, _), number))| {
            places[*number] = place;
            let sort = match sort {
                Sort::State => "leader",
                Sort::Events => "events",
                Sort::Operations => "operations",
                Sort::Holds => "holds",
                Sort::Watches => "watches",
            };
            Row { party: parties.name(party), sort }
        });
        (rows.collect(), places)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Subject;
    use super::*;

    #[test]
    fn what_overlaps_lies_in_rows_of_its_own() {
        let mut rows = Rows::default();
        let client = Party::Client(3);
        let first = rows.place(&client, Sort::Watches, 0, 10);
        let second = rows.place(&client, Sort::Watches, 5, 20);
        assert_ne!(first, second);
        assert_eq!(rows.place(&client, Sort::Watches, 10, 30), first);
        let operations = rows.place(&client, Sort::Operations, 12, 13);
        let (shown, places) = rows.in_order(Parties::of(&Subject::default()));
        assert_eq!(shown.len(), 3);
        // Operations come first, though they were placed last.
        assert_eq!((places[operations], places[first], places[second]), (0, 1, 2));
    }
}
