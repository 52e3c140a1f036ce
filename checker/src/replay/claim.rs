//! The claims of a response on its request, and their agreement with a model's answer.

use super::range;
use crate::history::modified;
use crate::history::{ElectionResponse, KeyValue, Request, Response, Revision};

/// True if what a client got is what a sequential etcd would have answered, the revision of its header
/// aside. A range at a revision of its own is not looked at here.
pub(crate) fn agrees(request: &Request, got: &Response, expected: &Response) -> bool {
    match (request, got, expected) {
        (Request::Range(request), Response::Range(_), Response::Range(_)) if request.revision > 0 => true,
        (Request::Range(request), Response::Range(got), Response::Range(expected)) => {
            range::same(request, got, expected)
        }
        (_, Response::Put(got), Response::Put(expected)) => {
            KeyValue::all_agree(&got.prev_kv, &expected.prev_kv)
        }
        (_, Response::Delete(got), Response::Delete(expected)) => {
            got.deleted == expected.deleted && KeyValue::all_agree(&got.prev_kvs, &expected.prev_kvs)
        }
        (Request::Txn(request), Response::Txn(got), Response::Txn(expected)) => {
            let branch = if expected.succeeded { &request.success } else { &request.failure };
            got.succeeded == expected.succeeded
                && (got.responses.len(), branch.len()) == (expected.responses.len(), expected.responses.len())
                && branch.iter().zip(got.responses.iter().zip(&expected.responses)).all(
                    |(request, (got, expected_part))| {
                        agrees(request, got, expected_part)
                            && same_revision(got, expected_part, expected.header.revision)
                    },
                )
        }
        (Request::Compact(_), Response::Compact(_), Response::Compact(_)) => true,
        (Request::Lease(_), Response::Lease(_), Response::Lease(_)) => true,
        (Request::Lock(_), Response::Lock(_), Response::Lock(_)) => true,
        (Request::Auth(_), Response::Auth(_), Response::Auth(_)) => true,
        (Request::Election(_), Response::Election(got), Response::Election(expected)) => {
            match (got, expected) {
                (ElectionResponse::Leader { kv: got, .. }, ElectionResponse::Leader { kv: expected, .. }) => {
                    KeyValue::all_agree(got, expected)
                }
                _ => true,
            }
        }
        _ => false,
    }
}

/// True if part of a txn has the right revision: a write that of the txn; a read before it may show the one
/// before. Nested txns have none, and recorders may leave the others out.
fn same_revision(got: &Response, expected: &Response, of_txn: Revision) -> bool {
    let nested = matches!(got, Response::Txn(_));
    let revision = got.header().revision;
    nested || [0, expected.header().revision].contains(&revision) || !modified(got) && revision == of_txn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn a_request_that_changed_nothing_has_no_revision_of_its_own() {
        assert!(modified(&written(2)));
        assert!(modified(&decided(3, true, [ranged(2, []), deleted(3, 1)])));
        assert!(!modified(&decided(3, false, [ranged(3, []), deleted(3, 0)])));
    }

    #[test]
    fn every_part_of_a_txn_must_agree() {
        let request = txn([], [put("a", "1"), get("b")], []);
        let answer = |kvs: &[i64]| {
            decided(3, true, [written(3), ranged(3, kvs.iter().map(|revision| kv("b", "", 2, *revision, 1)))])
        };
        assert!(agrees(&request, &answer(&[2]), &answer(&[2])));
        assert!(!agrees(&request, &answer(&[2]), &answer(&[])));
        assert!(!agrees(&request, &decided(3, true, [written(3)]), &answer(&[])));
        assert!(!agrees(&request, &decided(3, false, []), &answer(&[])));
        let apart = decided(3, true, [written(2), ranged(3, [])]);
        assert!(!agrees(&request, &apart, &answer(&[])));
    }
}
