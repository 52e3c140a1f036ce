//! Refusals that say something of the store: they must be true.
//!
//! etcd: `server/storage/mvcc/errors.go` and `api/v3rpc/rpctypes/error.go`.

use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::Refusal;
use crate::history::{ElectionRequest, LockRequest, Operation, Outcome, Request, Revision};
use crate::replay::{Line, Span, asked, at_least};
use crate::spec::etcd::{Answer, Etcd};
use stateright::semantics::SequentialSpec;

/// An operation, of those that are `wanted`, that was refused for a reason that did not hold. What that takes is told by
/// other answers, not by the line.
pub(super) fn false_refusal(case: &Case<'_>, wanted: impl Fn(&Operation) -> bool) -> Option<Evidence> {
    refused(case, wanted).find_map(|(index, operation, refusal)| match refusal {
        Refusal::Compacted => false_compacted(case, index),
        Refusal::FutureRev => false_future(case, index),
        // Who was there is for the line to say.
        Refusal::KeyNotFound => None,
        // These need no look at the state, so any will do.
        Refusal::EmptyKey
        | Refusal::ValueProvided
        | Refusal::LeaseProvided
        | Refusal::TooManyOps
        | Refusal::DuplicateKey => match Etcd::default().invoke(&operation.request) {
            Answer::Given(_) => {
                let message = "there is nothing in the request to refuse".to_owned();
                Some(Evidence::new("false-refusal", message, vec![case.operation(index)]))
            }
            Answer::Refused(_) | Answer::At(_) => None,
        },
    })
}

/// A put that keeps the value of a key and was refused because there is none, although there was one all the time.
pub(super) fn false_not_found(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    refused(case, |_| true).find_map(|(index, operation, refusal)| {
        let Request::Put(put) = &operation.request else { return None };
        let floor = line.floors[index].map_or(1, |floor| floor.place.revision());
        if refusal != Refusal::KeyNotFound || !is_always_there(line, &put.key, floor) {
            return None;
        }
        let message = format!("{} was there all the time from revision {floor} on", put.key);
        Some(Evidence::new("false-not-found", message, after_floor(case, index)))
    })
}

/// The operations, of those that are `wanted`, that were refused for a reason that says something of the store.
fn refused<'c>(
    case: &'c Case<'_>,
    wanted: impl Fn(&Operation) -> bool,
) -> impl Iterator<Item = (usize, &'c Operation, Refusal)> {
    let refused = case.sorts().refused.iter().map(|index| (*index, &case.history.operations[*index]));
    refused.filter(move |(_, operation)| wanted(operation)).filter_map(|(index, operation)| {
        let Outcome::Failed(error) = &operation.outcome else { return None };
        Some((index, operation, Refusal::of(error)?))
    })
}

/// An operation with the one that was answered before it and says the most, to show.
fn after_floor(case: &Case<'_>, index: usize) -> Vec<Exhibit> {
    let floor = case.floors()[index].map(|floor| case.operation(floor.operation));
    [case.operation(index)].into_iter().chain(floor).collect()
}

/// The operation at `index`, if it was refused because of a revision of the future that had been answered before it
/// was asked, or asks for no revision at all. A member that is asked for its own state may be behind.
fn false_future(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let request = &case.history.operations[index].request;
    let Some(asked) = asked(request) else {
        let message = "no revision was asked for that could be of the future".to_owned();
        return Some(Evidence::new("false-future", message, vec![case.operation(index)]));
    };
    let floor = case.floors()[index].map_or(1, |floor| floor.place.revision());
    if request.is_serializable() || asked.highest > floor {
        return None;
    }
    let message = format!("{} is not after {floor}, which had been answered", asked.highest);
    Some(Evidence::new("false-future", message, after_floor(case, index)))
}

/// True if a request may be refused because of a compaction although it names no revision: what waits for its turn
/// watches the keys before its own from the revision at which it found them (etcd: `client/v3/concurrency/key.go`).
fn may_be_told_of_compaction(request: &Request) -> bool {
    matches!(
        request,
        Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. })
    )
}

/// The operation at `index`, if it was refused because of a compaction that cannot have happened: no request asked for one
/// that is as high; or it asks for what is newest, which no compaction takes away.
pub(super) fn false_compacted(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let operation = &case.history.operations[index];
    let Outcome::Failed(error) = &operation.outcome else { return None };
    if Refusal::of(error) != Some(Refusal::Compacted) {
        return None;
    }
    let Some(asked) = asked(&operation.request) else {
        let message = "what is newest is never compacted away".to_owned();
        let is_false = !may_be_told_of_compaction(&operation.request);
        return is_false.then(|| Evidence::new("false-compacted", message, vec![case.operation(index)]));
    };
    let lowest = at_least(operation)?;
    // When the recording ends without an answer, the answer is later than everything.
    let until_ns = operation.return_ns.unwrap_or(u64::MAX);
    let compaction = case.compactions().highest_possible_by(until_ns);
    let possible = compaction.map_or(-1, |(revision, _)| revision).max(case.compacted_before());
    let revision = asked.lowest;
    let message = format!("revision {revision} cannot have been compacted by then");
    let compaction = compaction.map(|(_, compaction)| case.operation(compaction));
    let exhibits = [case.operation(index)].into_iter().chain(compaction).collect();
    (lowest > possible).then(|| Evidence::new("false-compacted", message, exhibits))
}

/// True if it is known that a key is there at each revision from `first` on.
fn is_always_there(line: &Line, key: &Bytes, first: Revision) -> bool {
    let Some((put, _)) = line.last_change(key, first).filter(|(_, change)| change.after.is_some()) else {
        return false;
    };
    let is_known = line.is_settled(line.end()) || (put..=line.end()).all(|at| line.is_certain(at));
    let no_end = Bytes::default();
    let changes = line.changes_of(Span::new(key, &no_end), first, line.end());
    is_known && changes.iter().all(|(_, change)| change.after.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{LeaderKey, PutRequest, RangeRequest};
    use crate::verdict::Verdict;

    const COMPACTED: &str = "etcdserver: mvcc: required revision has been compacted";
    const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";

    fn leader_at(key: &str) -> LeaderKey {
        LeaderKey { key: key.into(), ..LeaderKey::default() }
    }

    fn keep(key: &str) -> Request {
        Request::Put(PutRequest { key: key.into(), ignore_value: true, ..PutRequest::default() })
    }

    fn serializable_at(key: &str, revision: Revision) -> Request {
        match range_at(key, "", revision) {
            Request::Range(range) => Request::Range(RangeRequest { serializable: true, ..range }),
            other => other,
        }
    }

    fn judged(request: Request, message: &str) -> Verdict {
        let mut history = Builder::default();
        for revision in 2..=6 {
            history.ok(0, put("a", "1"), written(revision));
        }
        history.ok(0, compact(4), compaction(6));
        history.failed(1, request, "OutOfRange", message);
        super::super::linearizable::check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_refusals_that_are_true() {
        for (request, message) in [
            (range_at("a", "", 3), COMPACTED),
            (compact(4), COMPACTED),
            (compact(3), COMPACTED),
            (range_at("a", "", 7), FUTURE),
            (compact(7), FUTURE),
            (txn([], [range_at("a", "", 9), range_at("a", "", 2)], []), FUTURE),
            // A member that is asked for its own state may be behind.
            (serializable_at("a", 6), FUTURE),
            (txn([], [serializable_at("a", 5)], []), FUTURE),
            (serializable_at("a", 3), COMPACTED),
            (put("a", "1"), "etcdserver: no leader"),
            (keep("b"), "etcdserver: key not found"),
            (put("", "1"), "etcdserver: key is not provided"),
            (unlock(""), "etcdserver: key is not provided"),
            (proclaim(LeaderKey::default(), "1"), "etcdserver: key is not provided"),
            (resign(LeaderKey::default()), "etcdserver: key is not provided"),
            (txn([], [put("a", "1"), put("a", "2")], []), "etcdserver: duplicate key given in txn request"),
        ] {
            let verdict = judged(request.clone(), message);
            assert!(verdict.holds(), "{request}: {verdict}");
        }
    }

    #[test]
    fn a_negative_revision_in_a_txn_is_one_before_the_first() {
        let refused = |request: Request| {
            let mut history = Builder::default();
            history.ok(0, put("a", "1"), written(2));
            history.failed(1, request, "OutOfRange", COMPACTED);
            super::super::linearizable::check(&Case::new(&history.build()))
        };
        let read = |revision| txn([], [range_at("a", "", revision)], []);
        for justified in [read(-2), read(Revision::MIN), txn([], [read(-7)], []), compact(-1), compact(-3)] {
            assert!(refused(justified.clone()).holds(), "{justified}");
        }
        // Before the first compaction, -1 is no earlier than what is there; and alone it is the current revision.
        for unjustified in [read(-1), read(2), range_at("a", "", -2), compact(0)] {
            let verdict = refused(unjustified.clone());
            assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("false-compacted"));
        }
        assert!(judged(read(-1), COMPACTED).holds(), "revision 4 was compacted");
    }

    #[test]
    fn rejects_refusals_that_are_not() {
        for (request, message, kind) in [
            (range_at("a", "", 4), COMPACTED, "false-compacted"),
            (range_at("a", "", 5), COMPACTED, "false-compacted"),
            (compact(5), COMPACTED, "false-compacted"),
            (range_at("a", "", 6), FUTURE, "false-future"),
            (compact(6), FUTURE, "false-future"),
            (txn([], [range_at("a", "", 5)], []), COMPACTED, "false-compacted"),
            // What asks for the present names no revision.
            (txn([], [range_at("a", "", 5), get("a")], []), COMPACTED, "false-compacted"),
            (get("a"), COMPACTED, "false-compacted"),
            (delete("a"), COMPACTED, "false-compacted"),
            (get("a"), FUTURE, "false-future"),
            (put("a", "1"), FUTURE, "false-future"),
            (txn([], [serializable_at("a", 5), get("a")], []), FUTURE, "false-future"),
            (keep("a"), "etcdserver: key not found", "false-not-found"),
            (put("a", "1"), "etcdserver: key is not provided", "false-refusal"),
            (unlock("a"), "etcdserver: key is not provided", "false-refusal"),
            (proclaim(leader_at("a"), "1"), "etcdserver: key is not provided", "false-refusal"),
            (resign(leader_at("a")), "etcdserver: key is not provided", "false-refusal"),
            (txn([], [put("a", "1")], []), "etcdserver: duplicate key given in txn request", "false-refusal"),
        ] {
            let verdict = judged(request.clone(), message);
            let evidence = verdict.evidence().unwrap_or_else(|| panic!("{request}: {verdict}"));
            assert_eq!(evidence.kind, kind);
        }
    }
}
