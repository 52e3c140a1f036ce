//! When an answer is as good as the model's.

use super::range::by;
use crate::history::{KeyValue, RangeRequest, RangeResponse, Request, Response, SortTarget, TxnRequest};

/// Whether a response says that something was changed.
pub(super) fn writes(response: &Response) -> bool {
    match response {
        Response::Put(_) => true,
        Response::Delete(delete) => delete.deleted > 0,
        Response::Txn(txn) => txn.responses.iter().any(writes),
        Response::Range(_) | Response::Compact(_) => false,
    }
}

/// Whether `given` agrees with `expected` in all but what etcd leaves open: the member and the term, and the
/// order of keys that a sort finds equal (Go's `sort.Sort` is not stable).
pub(super) fn agrees(request: &Request, given: &Response, expected: &Response) -> bool {
    if given.header().revision != expected.header().revision {
        return false;
    }
    match (request, given, expected) {
        (Request::Range(request), Response::Range(given), Response::Range(expected)) => {
            ranges_agree(request, given, expected)
        }
        (_, Response::Put(given), Response::Put(expected)) => given.prev_kv == expected.prev_kv,
        (_, Response::Delete(given), Response::Delete(expected)) => {
            given.deleted == expected.deleted && given.prev_kvs == expected.prev_kvs
        }
        (Request::Txn(request), Response::Txn(given), Response::Txn(expected)) => {
            given.succeeded == expected.succeeded
                && given.responses.len() == expected.responses.len()
                && branch(request, expected.succeeded)
                    .iter()
                    .zip(given.responses.iter().zip(&expected.responses))
                    .all(|(request, (given, expected))| agrees(request, given, expected))
        }
        (_, Response::Compact(_), Response::Compact(_)) => true,
        _ => false,
    }
}

/// The requests of a txn that run.
pub(super) fn branch(txn: &TxnRequest, succeeded: bool) -> &[Request] {
    if succeeded { &txn.success } else { &txn.failure }
}

fn ranges_agree(request: &RangeRequest, given: &RangeResponse, expected: &RangeResponse) -> bool {
    if (given.count, given.more, given.kvs.len()) != (expected.count, expected.more, expected.kvs.len()) {
        return false;
    }
    given.kvs == expected.kvs || equals_changed_places(request, &given.kvs, &expected.kvs, expected.more)
}

/// Whether two sorted results differ only in the places of keys that the sort finds equal. If the limit cut
/// through such keys, which of them are shown is open too.
fn equals_changed_places(
    request: &RangeRequest,
    given: &[KeyValue],
    expected: &[KeyValue],
    more: bool,
) -> bool {
    let target = request.sort_target;
    // By key none are equal; and without values, it cannot be seen which were.
    if target == SortTarget::Key || (target == SortTarget::Value && request.keys_only) {
        return false;
    }
    let cut = expected.last().filter(|_| more);
    let is_cut = |kv: &KeyValue| cut.is_some_and(|cut| by(target, kv, cut).is_eq());
    let sorted = |kvs: &[KeyValue]| {
        let mut kvs: Vec<KeyValue> = kvs.iter().filter(|kv| !is_cut(kv)).cloned().collect();
        kvs.sort_by(|one, other| one.key.cmp(&other.key));
        kvs
    };
    given.iter().zip(expected).all(|(given, expected)| by(target, given, expected).is_eq())
        && sorted(given) == sorted(expected)
}
