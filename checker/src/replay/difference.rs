//! The differences between a response and the correct one.

use super::line::Line;
use crate::bytes::Bytes;
use crate::history::{KeyValue, Request, Response, Revision};

/// One way in which a response differs from the state it should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It does not show what a revision did to a key.
    Lost {
        /// The key.
        key: Bytes,
        /// The revision that changed it.
        revision: Revision,
    },
    /// It shows a key as of a later revision.
    Future {
        /// The key.
        key: Bytes,
    },
    /// It shows a key or a value that was not written there.
    Value {
        /// The key.
        key: Bytes,
    },
    /// The value is right, its create revision or version is not.
    Stamp {
        /// The key.
        key: Bytes,
    },
    /// All is right but the lease.
    Lease {
        /// The key.
        key: Bytes,
        /// The lease that was shown.
        got: i64,
        /// The lease it is attached to.
        expected: i64,
    },
    /// A txn took the branch that it should not have taken.
    Branch,
    /// Anything else: a count, an order, a refusal that did not come.
    Other,
}

/// Every difference between a response and the one expected of the state at `revision`. There is at least
/// one: an answer that differs in nothing else differs in an [`Difference::Other`] way.
pub(crate) fn differences(
    line: &Line,
    revision: Revision,
    request: &Request,
    got: &Response,
    expected: Option<&Response>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some(expected) = expected {
        compare(line, revision, request, got, expected, &mut found);
    }
    if found.is_empty() {
        found.push(Difference::Other);
    }
    found
}

fn compare(
    line: &Line,
    revision: Revision,
    request: &Request,
    got: &Response,
    expected: &Response,
    found: &mut Vec<Difference>,
) {
    match (request, got, expected) {
        (Request::Range(request), Response::Range(got), Response::Range(expected)) => {
            for kv in &got.kvs {
                let here = expected.kvs.iter().find(|other| other.key == kv.key);
                found.extend(of_key(line, revision, &kv.key, Some(kv), here));
            }
            // What a limit or a filter left out is not lost.
            if !request.count_only && !got.more {
                let missing =
                    expected.kvs.iter().filter(|kv| got.kvs.iter().all(|other| other.key != kv.key));
                found.extend(missing.filter_map(|kv| of_key(line, revision, &kv.key, None, Some(kv))));
            }
        }
        (Request::Put(request), Response::Put(got), Response::Put(expected)) => {
            let (got, expected) = (got.prev_kv.as_ref(), expected.prev_kv.as_ref());
            found.extend(of_key(line, revision.saturating_sub(1), &request.key, got, expected));
        }
        (Request::Txn(request), Response::Txn(got), Response::Txn(expected)) => {
            if got.succeeded != expected.succeeded {
                return found.push(Difference::Branch);
            }
            let branch = if got.succeeded { &request.success } else { &request.failure };
            for (request, (got, expected)) in branch.iter().zip(got.responses.iter().zip(&expected.responses))
            {
                compare(line, revision, request, got, expected, found);
            }
        }
        _ => {}
    }
}

fn of_key(
    line: &Line,
    revision: Revision,
    key: &Bytes,
    got: Option<&KeyValue>,
    expected: Option<&KeyValue>,
) -> Option<Difference> {
    let key = key.clone();
    match (got, expected) {
        (Some(got), Some(_)) if got.mod_revision > revision => Some(Difference::Future { key }),
        (Some(got), Some(expected)) if got.mod_revision < expected.mod_revision => {
            Some(Difference::Lost { key, revision: expected.mod_revision })
        }
        (Some(got), Some(expected))
            if (got.mod_revision, &got.value) != (expected.mod_revision, &expected.value) =>
        {
            Some(Difference::Value { key })
        }
        (Some(got), Some(expected)) if got.agrees(expected) => None,
        (Some(got), Some(expected)) => {
            let leased = KeyValue { lease: expected.lease, ..got.clone() };
            Some(match leased.agrees(expected) {
                true => Difference::Lease { key, got: got.lease, expected: expected.lease },
                false => Difference::Stamp { key },
            })
        }
        (None, Some(expected)) => Some(Difference::Lost { key, revision: expected.mod_revision }),
        (Some(got), None) if got.mod_revision > revision => Some(Difference::Future { key }),
        (Some(got), None) => match line.last_change(&key, revision) {
            Some((deleted, _)) if got.mod_revision < deleted => {
                Some(Difference::Lost { key, revision: deleted })
            }
            _ => Some(Difference::Value { key }),
        },
        (None, None) => None,
    }
}
