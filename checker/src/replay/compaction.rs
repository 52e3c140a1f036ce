//! Compactions: those that are possible, those that are certain, and their times.

use super::reach::Reach;
use super::sighting::Witness;
use crate::history::Refusal;
use crate::history::{History, Operation, Outcome, Request, Revision};
use std::cell::LazyCell;
use std::collections::BTreeMap;

/// A compacted revision and the operation that asked for it.
type Compaction = (Revision, usize);

/// A compaction that had taken effect by some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Known {
    /// Every revision below it was gone.
    pub(crate) revision: Revision,
    /// The operation that asked for it, where there is one that can have.
    pub(crate) asked: Option<usize>,
    /// The error or the watch that told of it, if its own answer did not.
    pub(crate) told: Option<Witness>,
}

/// The compactions of a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compactions {
    /// By when they can have taken effect: the highest so far. Those that were answered, and those that may have
    /// happened.
    possible: Vec<(u64, Compaction)>,
    /// By when it was known that they had taken effect: the highest so far.
    certain: Vec<(u64, Known)>,
    /// The same by what operations tell that have one order: no watch is among them, and no serializable read.
    ordered: Vec<(u64, Known)>,
    /// By revision, when a compaction there can first have taken effect, and which operation asked for it.
    first: BTreeMap<Revision, (u64, usize)>,
}

impl Compactions {
    pub(crate) fn of(history: &History) -> Self {
        let mut compactions = Compactions::default();
        let reach = LazyCell::new(|| Reach::of(history).map(|reach| reach.or_answered(history)));
        for (index, operation) in history.operations.iter().enumerate() {
            let Request::Compact(request) = &operation.request else { continue };
            let possible_ns = match &operation.outcome {
                Outcome::Failed(_) => continue,
                Outcome::Ok(_) => Some(operation.invoke_ns),
                // Whoever was not answered may have been refused, and was if the revision was of the future.
                Outcome::Unknown(_) => match reach.as_ref() {
                    Some(reach) => reach.first_possible_ns(request.revision),
                    None => Some(operation.invoke_ns),
                },
            };
            let Some(possible_ns) = possible_ns.map(|at_ns| at_ns.max(operation.invoke_ns)) else { continue };
            let compaction = (request.revision, index);
            compactions.possible.push((possible_ns, compaction));
            if let (Outcome::Ok(_), Some(done_ns)) = (&operation.outcome, operation.return_ns) {
                let known = Known { revision: request.revision, asked: Some(index), told: None };
                compactions.certain.push((done_ns, known));
            }
            let first = compactions.first.entry(request.revision).or_insert((possible_ns, index));
            *first = (possible_ns, index).min(*first);
        }
        compactions.told_of(history);
        compactions.possible.sort_unstable();
        for at in 1..compactions.possible.len() {
            let before = compactions.possible[at - 1].1;
            if before.0 >= compactions.possible[at].1.0 {
                compactions.possible[at].1 = before;
            }
        }
        compactions.ordered = compactions.certain.clone();
        compactions.ordered.retain(|(_, known)| match known.told {
            Some(Witness::Operation(index)) => !history.operations[index].request.is_serializable(),
            Some(_) => false,
            None => true,
        });
        highest_so_far(&mut compactions.certain);
        highest_so_far(&mut compactions.ordered);
        compactions
    }

    /// Notes the compactions that an error or a watch tells of, whatever became of the requests for them.
    fn told_of(&mut self, history: &History) {
        let is_whole = history.begins_with_store();
        for (index, operation) in history.operations.iter().enumerate() {
            if let (Some(lowest), Some(at_ns)) = (at_least(operation), operation.return_ns) {
                let told = Some(Witness::Operation(index));
                let meant = self.first.range(lowest..).find(|(_, (invoke_ns, _))| *invoke_ns <= at_ns);
                let known = match meant {
                    // It may be older than the history: no more is certain than what was told.
                    _ if !is_whole => Some(Known { revision: lowest, asked: None, told }),
                    // Nothing but one of those that were asked for by then can be meant: the lowest is certain.
                    Some((revision, (_, asked))) => {
                        Some(Known { revision: *revision, asked: Some(*asked), told })
                    }
                    None => None,
                };
                self.certain.extend(known.map(|known| (at_ns, known)));
            }
        }
        for (index, watch) in history.watches.iter().enumerate() {
            for (at, frame) in watch.frames.iter().enumerate().filter(|(_, frame)| frame.compact_revision > 0)
            {
                let revision = frame.compact_revision;
                let asked =
                    self.first.get(&revision).filter(|(invoke_ns, _)| *invoke_ns <= frame.received_ns);
                // What nobody asked for is no compaction, unless it is older than the history.
                if asked.is_some() || !is_whole {
                    let told = Some(Witness::Frame(index, at));
                    let known = Known { revision, asked: asked.map(|(_, asked)| *asked), told };
                    self.certain.push((frame.received_ns, known));
                }
            }
        }
    }

    /// The highest revision that can have been compacted at a moment; 0 if none.
    pub(crate) fn highest_possible(&self, at_ns: u64) -> Revision {
        self.highest_possible_by(at_ns).map_or(0, |(revision, _)| revision)
    }

    /// The same, with the operation that asked for it.
    pub(crate) fn highest_possible_by(&self, at_ns: u64) -> Option<Compaction> {
        let begun = self.possible.partition_point(|(invoke_ns, _)| *invoke_ns <= at_ns);
        self.possible[..begun].last().map(|(_, compaction)| *compaction)
    }

    /// The highest compaction that had certainly taken effect before a moment: it was answered, or a client was told
    /// of it.
    pub(crate) fn highest_certain(&self, at_ns: u64) -> Option<Known> {
        before(&self.certain, at_ns)
    }

    /// The same by what operations tell that have one order: no watch is among them, and no serializable read.
    pub(crate) fn highest_ordered(&self, at_ns: u64) -> Option<Known> {
        before(&self.ordered, at_ns)
    }

    /// True if a compaction at exactly this revision can have happened by a moment.
    pub(crate) fn possible_at(&self, revision: Revision, at_ns: u64) -> bool {
        self.first.get(&revision).is_some_and(|(invoke_ns, _)| *invoke_ns <= at_ns)
    }
}

/// The last of those that were noted before a moment.
fn before(known: &[(u64, Known)], at_ns: u64) -> Option<Known> {
    let done = known.partition_point(|(done_ns, _)| *done_ns < at_ns);
    known[..done].last().map(|(_, known)| *known)
}

/// Sorts by time, and replaces each by the highest up to it.
fn highest_so_far(known: &mut [(u64, Known)]) {
    known.sort_unstable();
    for at in 1..known.len() {
        let before = known[at - 1].1;
        if before.revision >= known[at].1.revision {
            known[at].1 = before;
        }
    }
}

/// The lowest revision at which there must have been a compaction for an operation to be refused because of one;
/// `None` where it was not, where the request names no revision, or one that is refused without any compaction.
pub(crate) fn at_least(operation: &Operation) -> Option<Revision> {
    let Outcome::Failed(error) = &operation.outcome else { return None };
    if Refusal::of(error) != Some(Refusal::Compacted) {
        return None;
    }
    let lowest = asked(&operation.request)?.lowest;
    // A second compaction at the same revision is refused, a read there is not.
    let at_least = match operation.request {
        Request::Compact(_) => lowest,
        _ => lowest.saturating_add(1),
    };
    (at_least > NOTHING_COMPACTED).then_some(at_least)
}

/// The compacted revision of a store of which nothing was compacted (etcd: `server/storage/mvcc/kvstore.go`,
/// `compactMainRev`). A txn may not read before it either.
pub(crate) const NOTHING_COMPACTED: Revision = -1;

/// The revisions that a request names.
pub(crate) struct Asked {
    pub(crate) lowest: Revision,
    pub(crate) highest: Revision,
}

/// Those of a request, if it names any.
pub(crate) fn asked(request: &Request) -> Option<Asked> {
    match request {
        Request::Range(range) => {
            (range.revision > 0).then_some(Asked { lowest: range.revision, highest: range.revision })
        }
        Request::Compact(compact) => Some(Asked { lowest: compact.revision, highest: compact.revision }),
        Request::Txn(txn) => txn.branches().filter_map(asked_in_txn).reduce(|one, two| Asked {
            lowest: one.lowest.min(two.lowest),
            highest: one.highest.max(two.highest),
        }),
        Request::Put(_) | Request::Delete(_) => None,
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => None,
    }
}

/// Those of a request in a txn, where a negative revision does not mean the current one (etcd: `checkRange`).
fn asked_in_txn(request: &Request) -> Option<Asked> {
    match request {
        Request::Range(range) if range.revision != 0 => {
            Some(Asked { lowest: range.revision, highest: range.revision })
        }
        request => asked(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn possible_from_the_request_on_and_certain_from_the_answer_on() {
        let mut history = Builder::default();
        let answered = history.ok(0, compact(5), compaction(9));
        let unknown = history.unknown(0, compact(7));
        let lower = history.ok(0, compact(4), compaction(9));
        let refused = history.failed(0, compact(99), "OutOfRange", "future");
        history.during(answered, 10, 20);
        history.during(unknown, 30, 40);
        history.during(lower, 31, 41);
        history.during(refused, 30, 40);
        let compactions = Compactions::of(&history.build());
        assert_eq!([9, 10, 29, 30, 50].map(|at_ns| compactions.highest_possible(at_ns)), [0, 5, 5, 7, 7]);
        let certain = |at_ns| compactions.highest_certain(at_ns);
        let known = Some(Known { revision: 5, asked: Some(answered), told: None });
        assert_eq!([20, 21, 50].map(certain), [None, known, known]);
        assert_eq!(compactions.highest_possible_by(50), Some((7, unknown)));
        assert!(compactions.possible_at(7, 30) && !compactions.possible_at(7, 29));
        assert!(compactions.possible_at(4, 31));
        assert!(!compactions.possible_at(99, 50) && !compactions.possible_at(6, 50));
    }

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";

    /// The compactions known at the end of a history with unanswered ones at 5 and 8.
    fn told(tell: impl FnOnce(&mut Builder)) -> Option<(Revision, Option<usize>)> {
        told_in(true, tell)
    }

    fn told_in(is_of_new_store: bool, tell: impl FnOnce(&mut Builder)) -> Option<(Revision, Option<usize>)> {
        let mut h = Builder::default();
        h.unknown(0, compact(8));
        h.unknown(0, compact(5));
        tell(&mut h);
        let newest = h.ok(9, get("z"), ranged(9, []));
        h.during(newest, 0, 1);
        let history = History { is_of_new_store, ..h.build() };
        Compactions::of(&history).highest_certain(u64::MAX).map(|known| (known.revision, known.asked))
    }

    #[test]
    fn nobody_compacts_what_is_not_there_yet() {
        let mut h = Builder::default();
        let ahead = h.unknown(0, compact(4));
        h.unknown(1, compact(99));
        let first = h.ok(2, put("a", "1"), written(2));
        h.unknown(2, put("a", "2"));
        let third = h.unknown(3, put("a", "3"));
        h.failed(4, range_at("a", "", 3), "OutOfRange", COMPACTED);
        let history = h.build();
        let at_ns = |index: usize| history.operations[index].invoke_ns;
        let compactions = Compactions::of(&history);
        assert_eq!(compactions.highest_possible(at_ns(third) - 1), 0, "at most revision 3 was there");
        assert_eq!(compactions.highest_possible(u64::MAX), 4, "nobody can have come to 99");
        assert!(!compactions.possible_at(4, at_ns(first)) && compactions.possible_at(4, at_ns(third)));
        assert!(!compactions.possible_at(99, u64::MAX));
        let known = compactions.highest_certain(u64::MAX).map(|known| (known.revision, known.asked));
        assert_eq!(known, Some((4, Some(ahead))));
        // Of a store that was there before there is no saying what it had come to.
        let later = Compactions::of(&History { is_of_new_store: false, ..later_than_the_store() });
        assert_eq!(later.highest_possible(u64::MAX), 99);
    }

    fn later_than_the_store() -> History {
        let mut h = Builder::default();
        h.unknown(0, compact(99));
        h.ok(0, put("a", "1"), written(70));
        h.build()
    }

    #[test]
    fn no_more_than_what_was_told_where_it_may_be_older_than_the_history() {
        let by_error = |request: Request| {
            told_in(false, |h| {
                h.failed(1, request, "OutOfRange", COMPACTED);
            })
        };
        assert_eq!(by_error(range_at("a", "", 2)), Some((3, None)));
        assert_eq!(by_error(range_at("a", "", 6)), Some((7, None)));
        assert_eq!(by_error(compact(6)), Some((6, None)));
        assert_eq!(by_error(range_at("a", "", 30)), Some((31, None)), "nobody asked for one since");
        let answered = told_in(false, |h| {
            h.ok(1, compact(6), compaction(9));
            h.failed(1, range_at("a", "", 2), "OutOfRange", COMPACTED);
        });
        assert_eq!(answered, Some((6, Some(2))), "that one is no guess");
    }

    #[test]
    fn certain_as_soon_as_somebody_is_told() {
        let by_error = |request: Request| {
            told(|h| {
                h.failed(1, request, "OutOfRange", COMPACTED);
            })
        };
        assert_eq!(told(|_| ()), None);
        assert_eq!(by_error(range_at("a", "", 2)), Some((5, Some(1))));
        assert_eq!(by_error(range_at("a", "", 4)), Some((5, Some(1))));
        // A read at the compacted revision is not refused, a second compaction there is.
        assert_eq!(by_error(range_at("a", "", 5)), Some((8, Some(0))));
        assert_eq!(by_error(compact(5)), Some((5, Some(1))));
        assert_eq!(by_error(compact(6)), Some((8, Some(0))));
        assert_eq!(by_error(txn([], [range_at("a", "", 6)], [range_at("a", "", 9)])), Some((8, Some(0))));
        // Nobody asked for that, and a read of now names no revision.
        assert_eq!(by_error(range_at("a", "", 8)), None);
        assert_eq!(by_error(get("a")), None);
        let by_watch = |revision| {
            told(|h| {
                let watch = h.watch(1, watching("a", "", 2));
                h.compacted(watch, revision);
            })
        };
        assert_eq!(by_watch(5), Some((5, Some(1))));
        assert_eq!(by_watch(7), None, "nobody asked for that");
    }
}
