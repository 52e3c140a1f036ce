//! A flaw of the line as evidence.

use super::blame;
use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::{KeyValue, LeaseId, Response, Revision};
use crate::replay::{Difference, Flaw, Line, Witness, differences, seen_in};

/// The evidence of a flaw.
pub(in crate::guarantee) fn flaw(case: &Case<'_>, line: &Line, flaw: &Flaw) -> Evidence {
    match flaw {
        Flaw::NoWriter { revision, seen } => no_writer(case, line, *revision, *seen),
        Flaw::TwoWriters { revision, first, second } => two_writers(case, *revision, *first, *second),
        Flaw::WrongResponse { operation, revision, expected } => {
            wrong_response(case, line, *operation, *revision, expected.as_ref())
        }
        Flaw::WrongPast { operation, part, revision } => Evidence::new(
            "wrong-past",
            format!(
                "range {part} of those of a txn that ask for the past is not what revision {revision} was"
            ),
            vec![case.operation(*operation)],
        ),
        Flaw::SeenOtherwise { revision, witness, .. } => Evidence::new(
            "seen-otherwise",
            format!("what was seen of revision {revision} is not what its request did"),
            match line.writer(*revision) {
                Some(writer) => blame::first(case, writer, case.witness(*witness)),
                None => vec![case.witness(*witness)],
            },
        ),
    }
}

/// Two requests that were answered with one revision, each as its own.
pub(super) fn two_writers(case: &Case<'_>, revision: Revision, first: usize, second: usize) -> Evidence {
    let message = format!("two requests were answered with the same revision {revision}");
    Evidence::new("two-writers", message, vec![case.operation(second), case.operation(first)])
}

/// The words for a key that was shown with another lease than it is attached to.
fn wrong_lease(key: &Bytes, got: i64, expected: i64) -> String {
    let lease = |lease: i64| match lease {
        0 => "no lease".to_owned(),
        lease => format!("lease {}", LeaseId(lease)),
    };
    format!("{key} was shown with {}, and it is attached to {}", lease(got), lease(expected))
}

/// The mismatch of a key seen with the value that its revision gave it, and otherwise not as that left it.
pub(super) fn wrong_stamp(case: &Case<'_>, line: &Line, revision: Revision, witness: Witness) -> Evidence {
    let mut found = None;
    let mut see = |kv: &KeyValue| {
        let left = line.change(revision, &kv.key).and_then(|change| change.after.as_ref());
        if let Some(left) = left.filter(|_| found.is_none() && kv.mod_revision == revision) {
            let leased = KeyValue { lease: left.lease, value: left.value.clone(), ..kv.clone() };
            let as_shown = KeyValue { value: left.value.clone(), ..kv.clone() };
            if leased.agrees(left) && !as_shown.agrees(left) {
                found = Some(("wrong-lease", wrong_lease(&kv.key, kv.lease, left.lease)));
            }
        }
    };
    match witness {
        Witness::Operation(index) => {
            let operation = &case.history.operations[index];
            if let Some(response) = operation.response() {
                seen_in(&operation.request, response, &mut |kv, _| see(kv));
            }
        }
        Witness::Event(watch, frame, event) => {
            let event = &case.history.watches[watch].frames[frame].events[event];
            [Some(&event.kv), event.prev_kv.as_ref()].into_iter().flatten().for_each(see);
        }
        Witness::Observer(observer, frame) => see(&case.history.observers[observer].frames[frame].kv),
        // A frame by itself shows no key.
        Witness::Frame(..) => {}
    }
    let (kind, message) = found.unwrap_or_else(|| {
        let message =
            format!("a key of revision {revision} was seen with a wrong version or create revision");
        ("wrong-version", message)
    });
    let exhibits = [case.witness(witness)].into_iter().chain(case.writer(line, revision)).collect();
    Evidence::new(kind, message, exhibits)
}

fn no_writer(case: &Case<'_>, line: &Line, revision: Revision, seen: Option<Witness>) -> Evidence {
    if let Some(witness) = seen {
        if let Some((operation, lease)) = blame::revoked_at(case, line, revision) {
            let message = format!(
                "the end of lease {} was answered at revision {revision}, which was seen to change other keys than its own",
                LeaseId(lease)
            );
            let exhibits = vec![case.operation(operation), case.witness(witness)];
            return Evidence::new("no-writer", message, exhibits);
        }
        let message = format!("revision {revision} was seen, and no request can have made it");
        return Evidence::new("no-writer", message, vec![case.witness(witness)]);
    }
    let later = |response: &Response| response.header().revision >= revision;
    let shown = (0..case.history.operations.len())
        .filter(|index| case.history.operations[*index].response().is_some_and(later))
        .min_by_key(|index| {
            case.history.operations[*index].response().map(|response| response.header().revision)
        });
    let message = format!("revision {revision} was passed over: no request can have made it");
    Evidence::new("skipped-revision", message, shown.map(|index| case.operation(index)).into_iter().collect())
}

fn wrong_response(
    case: &Case<'_>,
    line: &Line,
    operation: usize,
    revision: Revision,
    expected: Option<&Response>,
) -> Evidence {
    let shown = case.operation(operation);
    let answered = &case.history.operations[operation];
    let Some(got) = answered.response() else { return Evidence::new("wrong-answer", "", vec![shown]) };
    let differences = differences(line, revision, &answered.request, got, expected);
    let should = match expected {
        Some(expected) => format!("; it should have been: {expected}"),
        None => "; it should have been refused".to_owned(),
    };
    let (kind, message, writer) = match &differences[0] {
        Difference::Lost { key, revision: at } => (
            "lost-write",
            format!("the state at revision {revision} was answered without what revision {at} did to {key}"),
            Some(*at),
        ),
        Difference::Future { key } => {
            ("future-value", format!("{key} was shown as of a revision after {revision}"), None)
        }
        Difference::Value { key } => {
            ("wrong-value", format!("{key} was shown as nobody wrote it up to revision {revision}"), None)
        }
        Difference::Stamp { key } => {
            ("wrong-version", format!("{key} was shown with a wrong create revision or version"), None)
        }
        Difference::Lease { key, got, expected } => ("wrong-lease", wrong_lease(key, *got, *expected), None),
        Difference::Branch => ("wrong-branch", "the txn took the wrong branch".to_owned(), None),
        Difference::Other => ("wrong-answer", format!("the answer is not that of revision {revision}"), None),
    };
    if let Difference::Lost { key, revision: written } = &differences[0]
        && !answered.request.is_serializable()
        && let Some(taken) = blame::taker(case, line, key, *written, revision)
    {
        let exhibits = taken.exhibit.into_iter().chain([shown]).chain(case.writer(line, *written)).collect();
        return Evidence::new(kind, taken.message + &should, exhibits);
    }
    let last = match &differences[0] {
        Difference::Value { key } | Difference::Stamp { key } | Difference::Lease { key, .. } => {
            line.last_change(key, revision).map(|(revision, _)| revision)
        }
        _ => writer,
    };
    let exhibits = [shown].into_iter().chain(last.and_then(|at| case.writer(line, at))).collect();
    Evidence::new(kind, message + &should, exhibits)
}
