//! `linearizable`: all completed operations other than serializable reads have one total order that
//! respects real time and in which every response is what a sequential etcd would answer; an unknown
//! operation may take effect once, at any time after its invocation, or never.
//!
//! etcd's "strict serializability" (`tests/robustness/validate/operations.go`, which gives it to
//! porcupine). Here revisions give the order, so that it is replayed instead of searched for.

#[cfg(test)]
mod by_hand;

use super::{compaction, contradiction, explain, past_reads, refusals, space};
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::Refusal;
use crate::history::{Operation, Outcome};
use crate::replay::{Compactions, Flaw, Line, Position};
use crate::search::{Decision, Search};
use crate::spec::etcd::{Calls, Etcd};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "linearizable",
    about: "completed operations have one order that respects real time and explains every response",
    check,
};

/// Examines every completed operation that is not a serializable read.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    match by_line(case) {
        // Where there is no line at all, responses lack what the model would compare.
        // Nor can the search begin with anything but an empty store.
        Verdict::Unknown { why }
            if case.line().is_ok() && case.begins_with_store() && !case.budget.is_stopped() =>
        {
            let is_leased = |operation: &Operation| operation.request.is_of_leases();
            match case.history.operations.iter().any(is_leased) {
                // A lease may run out at any time, and a lock takes its time: the search has no such steps.
                true => Verdict::Unknown { why: format!("{why}, and the search knows no leases") },
                false => by_search(case, &why),
            }
        }
        verdict => verdict,
    }
}

/// Searches for an order, because the revisions alone do not tell it.
fn by_search(case: &Case<'_>, unclear: &str) -> Verdict {
    let Calls { calls, operations } = Calls::of(case.history);
    let search = Search::new(Etcd::default(), &calls).reads(Etcd::is_read).heap_bytes(Etcd::heap_bytes);
    let decision = search.decide(&case.budget);
    let undecided = decision.undecided().unwrap_or_default();
    match decision {
        Decision::Linearizable { .. } => {
            Verdict::of_examined(calls.iter().filter(|call| call.ret.is_some()).count() as u64)
        }
        Decision::Illegal(illegal) => {
            let message = format!("no order of the operations has a place for this one ({unclear})");
            let before = illegal.prefix.last().map(|last| case.operation(operations[*last]));
            let exhibits = [case.operation(operations[illegal.stuck])].into_iter().chain(before).collect();
            Verdict::of(calls.len() as u64, Some(Evidence::new("no-order", message, exhibits)))
        }
        Decision::Unknown { .. } => {
            Verdict::Unknown { why: format!("{unclear}, and the search is {undecided}") }
        }
    }
}

/// The verdict of the line of revisions alone.
pub(in crate::guarantee) fn by_line(case: &Case<'_>) -> Verdict {
    let operations = &case.recorded.operations;
    let examined = operations
        .iter()
        .filter(|operation| !operation.request.is_serializable())
        .filter(|operation| match &operation.outcome {
            Outcome::Ok(_) => true,
            // A refusal for want of a leader or of time says nothing of the store.
            Outcome::Failed(error) => Refusal::of(error).is_some(),
            Outcome::Unknown(_) => false,
        })
        .count() as u64;
    let verdict = case.by_line(|line| {
        let evidence = flawed(case, line).or_else(|| refusals::false_not_found(case, line));
        (examined, evidence)
    });
    if verdict.is_violated() {
        return verdict;
    }
    // What needs no line is no guess either.
    let is_binding = |operation: &Operation| !operation.request.is_serializable();
    let alone = back_in_time(case)
        .or_else(|| refusals::false_refusal(case, is_binding))
        .or_else(|| space::false_no_space(case))
        .or_else(|| past_reads::of_the_future(case, is_binding))
        .or_else(|| past_reads::of_the_compacted(case, Compactions::highest_ordered))
        .or_else(|| compaction::not_refused(case, Compactions::highest_ordered))
        .or_else(|| case.odd(|odd, operation| odd.newest.is_some() && is_binding(operation)))
        .or_else(|| super::revision::two_writers(case))
        .or_else(|| contradiction::between_answers(case, false));
    match alone {
        Some(evidence) => Verdict::of(examined, Some(evidence)),
        None => verdict,
    }
}

fn flawed(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    let bears = |flaw: &&Flaw| match flaw {
        Flaw::TwoWriters { .. } => true,
        Flaw::NoWriter { revision, .. } => *revision <= line.last,
        Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
            !case.history.operations[*operation].request.is_serializable()
        }
        // Events and old reads: whoever saw it is judged for himself.
        Flaw::SeenOtherwise { .. } => false,
    };
    line.flaws[..line.proven].iter().find(bears).map(|flaw| explain::flaw(case, line, flaw))
}

/// An operation that stands before one that was answered before it was asked.
pub(super) fn back_in_time(case: &Case<'_>) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let (Some(place), Some(floor)) = (Position::of(operation), case.floors()[index]) else { continue };
        if operation.request.is_serializable() || place >= floor.place {
            continue;
        }
        let (kind, sort) = match crate::history::modified(operation.response()?) {
            true => ("write-in-the-past", "write"),
            false => ("stale-read", "read"),
        };
        let message = format!(
            "a {sort} at revision {} began after revision {} had been answered",
            place.revision(),
            floor.place.revision()
        );
        let exhibits = vec![case.operation(index), case.operation(floor.operation)];
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}
