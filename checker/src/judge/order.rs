//! The order of a history's operations that the judge goes by.

use crate::guarantee::{Case, UNHURRIED};
use crate::history::{History, Request, Revision};
use crate::replay::{Flaw, Line, Position};
use std::collections::BTreeMap;

/// One order of what clients did, by revision: every write where its revision is, and every read after the write that
/// it saw. Serializable reads may be old, and are not in it.
///
/// Of a history that is sound it explains every answer. Else it shows where that ends: [`Step::flaw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The steps, first to last.
    pub steps: Vec<Step>,
}

/// A step of an [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The revision after it.
    pub revision: Revision,
    /// The deed.
    pub deed: Deed,
    /// The reason that it cannot be here, if it cannot.
    pub flaw: Option<&'static str>,
}

/// The deed that is a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An operation, or a part of it.
    Operation {
        /// The index in [`History::operations`].
        index: usize,
        /// False if the judge chose it among several that may have made this revision.
        is_certain: bool,
    },
    /// A lease ran out, and its keys went.
    RunOut {
        /// The lease.
        lease: i64,
    },
    /// Nobody is known that can have made this revision.
    Nobody,
}

impl Order {
    /// Finds the order.
    ///
    /// # Errors
    ///
    /// Says why there is none: the history begins later than the store, or there is too much to try.
    pub fn of(history: &History) -> Result<Order, String> {
        Case::open(history.in_full(), UNHURRIED, |case, order| {
            let mut steps = steps(case.history, case.line()?);
            if !case.begins_with_store() && steps.iter().any(|step| step.flaw.is_some()) {
                return Err("what happened before the history began may explain it".to_owned());
            }
            for step in &mut steps {
                if let Deed::Operation { index, .. } = &mut step.deed {
                    *index = order.told(*index);
                }
            }
            Ok(Order { steps })
        })
    }

    /// The number of steps before the first that cannot be where it is.
    pub fn sound(&self) -> usize {
        self.steps.iter().position(|step| step.flaw.is_some()).unwrap_or(self.steps.len())
    }
}

/// The steps of a history in the order of time, by its line.
fn steps(history: &History, line: &Line) -> Vec<Step> {
    let mut flaws = Flaws::of(history, line);
    let mut steps: BTreeMap<(Position, u64, usize), Step> = BTreeMap::new();
    let at = |operation: usize| (history.operations[operation].invoke_ns, operation);
    for revision in 2..=line.end() {
        let writer = line.writer(revision);
        let deed = match (writer, line.run_out().get(&revision)) {
            (Some(index), _) => Deed::Operation { index, is_certain: line.is_certain(revision) },
            (None, Some(&lease)) => Deed::RunOut { lease },
            (None, None) => Deed::Nobody,
        };
        let (invoke_ns, operation) = writer.map_or((0, usize::MAX), at);
        let flaw = flaws.of_revision.remove(&revision);
        steps.insert((Position::of_write(revision), invoke_ns, operation), Step { revision, deed, flaw });
    }
    for (index, operation) in history.operations.iter().enumerate() {
        let Some(place) = Position::of(operation) else { continue };
        let revision = place.revision();
        let is_old = line.floors[index].is_some_and(|floor| floor.place > place);
        let flaw = flaws.of_operation.remove(&index).or(is_old.then_some(OLD));
        let (invoke_ns, _) = at(index);
        if let Some(step) = steps.get_mut(&(place, invoke_ns, index)) {
            step.flaw = step.flaw.or(flaw);
        } else if is_ordered(&operation.request) {
            let deed = Deed::Operation { index, is_certain: true };
            steps.insert((place, invoke_ns, index), Step { revision, deed, flaw });
        }
    }
    steps.into_values().collect()
}

/// True if the answer to a request has a place in the order. Serializable reads have none; services for locks, users and
/// leases answer with the revision of the member that was asked.
fn is_ordered(request: &Request) -> bool {
    match request {
        Request::Range(_) | Request::Txn(_) => !request.is_serializable(),
        Request::Put(_) | Request::Delete(_) => true,
        Request::Compact(_)
        | Request::Lease(_)
        | Request::Lock(_)
        | Request::Election(_)
        | Request::Auth(_) => false,
    }
}

/// Why an operation cannot be at its place: real time.
const OLD: &str = "it began after something later was answered";

/// The flaws, by revision and by operation.
#[derive(Default)]
struct Flaws {
    of_revision: BTreeMap<Revision, &'static str>,
    of_operation: BTreeMap<usize, &'static str>,
}

impl Flaws {
    fn of(history: &History, line: &Line) -> Flaws {
        let mut flaws = Flaws::default();
        // What rests on a choice among several may be no flaw.
        for flaw in &line.flaws[..line.proven] {
            match flaw {
                Flaw::NoWriter { revision, .. } => {
                    flaws.of_revision.insert(*revision, "nobody can have made this revision");
                }
                // Whoever saw it is judged for himself.
                Flaw::SeenOtherwise { .. } => {}
                Flaw::TwoWriters { second, .. } => {
                    flaws.of_operation.insert(*second, "another operation made this revision");
                }
                Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
                    if history.operations[*operation].request.is_serializable() {
                        continue;
                    }
                    flaws.of_operation.entry(*operation).or_insert("here it is answered otherwise");
                }
            }
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Shape, flawed, legal};
    use crate::history::build::*;
    use crate::judge::Judge;

    fn order(history: Builder) -> Vec<(Revision, Option<usize>, bool)> {
        let order = Order::of(&history.build()).unwrap();
        let index = |step: &Step| match step.deed {
            Deed::Operation { index, .. } => Some(index),
            _ => None,
        };
        order.steps.iter().map(|step| (step.revision, index(step), step.flaw.is_some())).collect()
    }

    #[test]
    fn reads_stand_behind_the_write_that_they_saw() {
        let mut history = Builder::default();
        let early = history.ok(0, get("a"), ranged(1, []));
        let write = history.ok(1, put("a", "1"), written(2));
        let late = history.ok(2, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        let old = history.ok(3, serializable("a", ""), ranged(1, []));
        let order = order(history);
        assert_eq!(order, [(1, Some(early), false), (2, Some(write), false), (2, Some(late), false)]);
        assert!(!order.iter().any(|(_, index, _)| *index == Some(old)));
    }

    #[test]
    fn what_cannot_be_where_it_is_says_so() {
        let mut history = Builder::default();
        history.ok(1, put("a", "1"), written(2));
        let stale = history.ok(2, get("a"), ranged(1, []));
        assert_eq!(order(history)[0], (1, Some(stale), true));

        let mut history = Builder::default();
        let first = history.ok(1, put("a", "1"), written(2));
        let second = history.ok(2, put("a", "2"), written(2));
        let order = order(history);
        assert_eq!(order, [(2, Some(first), false), (2, Some(second), true)]);
    }

    #[test]
    fn a_write_of_unknown_outcome_stands_where_it_was_seen() {
        let mut history = Builder::default();
        let lost = history.unknown(0, put("a", "1"));
        let read = history.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        assert_eq!(order(history), [(2, Some(lost), false), (2, Some(read), false)]);

        let mut history = Builder::default();
        let read = history.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        assert_eq!(order(history), [(2, None, true), (2, Some(read), false)]);
    }

    #[test]
    fn it_breaks_where_the_verdicts_say_so() {
        let shape = Shape {
            operations: 120,
            clients: 4,
            keys: 4,
            watchers: 3,
            unknown_percent: 6,
            ..Shape::default()
        };
        let (mut broken, mut sound) = (0, 0);
        for seed in 0..300 {
            let flaw = crate::generate::Flaw::ALL[seed as usize % crate::generate::Flaw::ALL.len()];
            for history in [Some(legal(&shape, seed)), flawed(&shape, seed, flaw)].into_iter().flatten() {
                let Ok(order) = Order::of(&history) else { continue };
                let is_broken = order.sound() < order.steps.len();
                let verdicts = Judge::new(&history).run();
                let is_violated = ["linearizable", "revision", "txn-atomic", "historical-read"]
                    .iter()
                    .any(|name| verdicts.get(name).is_some_and(|verdict| verdict.is_violated()));
                assert!(
                    is_violated || !is_broken,
                    "seed {seed}, {flaw}: the order breaks, and nothing is violated"
                );
                broken += u64::from(is_broken);
                sound += u64::from(!is_broken);
            }
        }
        assert!(broken > 40 && sound > 300, "{broken} {sound}");
    }

    #[test]
    fn names_are_put_in_full_once() {
        let mut history = Builder::default();
        history.namespace(0, "a/");
        history.ok(0, put("k", "1"), written(2));
        history.ok(1, get("a/k"), ranged(2, [kv("a/k", "1", 2, 2, 1)]));
        assert_eq!(order(history).iter().filter(|(_, _, is_flawed)| *is_flawed).count(), 0);
    }
}
