//! A flaw of the line as evidence.

use super::Case;
use crate::evidence::Evidence;
use crate::history::{Response, Revision};
use crate::revision::{Difference, Flaw, Line, differences};

/// What a flaw shows.
pub(super) fn flaw(case: &Case<'_>, line: &Line, flaw: &Flaw) -> Evidence {
    match flaw {
        Flaw::NoWriter { revision, seen } => no_writer(case, *revision, *seen),
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
            case.writer(line, *revision).into_iter().chain([case.witness(*witness)]).collect(),
        ),
    }
}

/// Two requests that were answered with one revision, each as its own.
pub(super) fn two_writers(case: &Case<'_>, revision: Revision, first: usize, second: usize) -> Evidence {
    let message = format!("two requests were answered with the same revision {revision}");
    Evidence::new("two-writers", message, vec![case.operation(first), case.operation(second)])
}

fn no_writer(case: &Case<'_>, revision: Revision, seen: Option<crate::revision::Witness>) -> Evidence {
    if let Some(witness) = seen {
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
            ("wrong-version", format!("{key} was shown with a wrong create revision, version or lease"), None)
        }
        Difference::Branch => ("wrong-branch", "the txn took the wrong branch".to_owned(), None),
        Difference::Other => ("wrong-answer", format!("the answer is not that of revision {revision}"), None),
    };
    let last = match &differences[0] {
        Difference::Value { key } | Difference::Stamp { key } => {
            line.last_change(key, revision).map(|(revision, _)| revision)
        }
        _ => writer,
    };
    let mut exhibits: Vec<_> = last.and_then(|at| case.writer(line, at)).into_iter().collect();
    exhibits.push(shown);
    Evidence::new(kind, message + &should, exhibits)
}
