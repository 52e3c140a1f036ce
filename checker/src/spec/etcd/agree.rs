//! Agreement of an answer with the model's.

use super::range::{by, limit};
use crate::bytes::Bytes;
use crate::history::{KeyValue, RangeRequest, RangeResponse, Request, Response, SortTarget, TxnRequest};
use std::collections::{BTreeMap, BTreeSet};

/// True if a response says that something was changed.
pub(super) fn writes(response: &Response) -> bool {
    match response {
        Response::Put(_) => true,
        Response::Delete(delete) => delete.deleted > 0,
        Response::Txn(txn) => txn.responses.iter().any(writes),
        Response::Range(_) | Response::Compact(_) => false,
        Response::Lease(_) | Response::Lock(_) | Response::Election(_) | Response::Auth(_) => false,
    }
}

/// True if `given` agrees with `expected` in all but what etcd leaves open: the member and the term, and the
/// order of keys that a sort finds equal (Go's `sort.Sort` is not stable). Ranges in `expected` are not cut.
pub(super) fn agrees(request: &Request, given: &Response, expected: &Response) -> bool {
    given.header().revision == expected.header().revision && parts_agree(request, given, expected)
}

/// As [`agrees`], but for the revision of the header: recorders may leave out those of the parts of a txn.
fn parts_agree(request: &Request, given: &Response, expected: &Response) -> bool {
    match (request, given, expected) {
        (Request::Range(request), Response::Range(given), Response::Range(expected)) => {
            ranges_agree(request, given, expected)
        }
        (_, Response::Put(given), Response::Put(expected)) => {
            KeyValue::all_agree(&given.prev_kv, &expected.prev_kv)
        }
        (_, Response::Delete(given), Response::Delete(expected)) => {
            given.deleted == expected.deleted && KeyValue::all_agree(&given.prev_kvs, &expected.prev_kvs)
        }
        (Request::Txn(request), Response::Txn(given), Response::Txn(expected)) => {
            given.succeeded == expected.succeeded
                && given.responses.len() == expected.responses.len()
                && branch(request, expected.succeeded)
                    .iter()
                    .zip(given.responses.iter().zip(&expected.responses))
                    .all(|(request, (given, expected))| {
                        [0, expected.header().revision].contains(&given.header().revision)
                            && parts_agree(request, given, expected)
                    })
        }
        (_, Response::Compact(_), Response::Compact(_)) => true,
        _ => false,
    }
}

/// The requests of a txn that run.
pub(super) fn branch(txn: &TxnRequest, succeeded: bool) -> &[Request] {
    if succeeded { &txn.success } else { &txn.failure }
}

/// True if `given` is an answer that can be made of all that was `found`.
fn ranges_agree(request: &RangeRequest, given: &RangeResponse, found: &RangeResponse) -> bool {
    let shown = found.kvs.len().min(limit(request));
    if (given.count, given.more, given.kvs.len()) != (found.count, found.kvs.len() > shown, shown) {
        return false;
    }
    let shows = |given: &KeyValue, kv: &KeyValue| {
        let value = if request.keys_only { &Bytes::default() } else { &kv.value };
        given.value == *value && given.agrees(&KeyValue { value: given.value.clone(), ..kv.clone() })
    };
    let same = |(given, kv)| shows(given, kv);
    given.kvs.iter().zip(&found.kvs).all(same)
        || (request.sort_target != SortTarget::Key && equals_changed_places(request, given, found, shows))
}

/// True if an answer has the right keys but for those that the sort finds equal. If the limit cuts through
/// such keys, any of them may be shown.
fn equals_changed_places(
    request: &RangeRequest,
    given: &RangeResponse,
    found: &RangeResponse,
    shows: impl Fn(&KeyValue, &KeyValue) -> bool,
) -> bool {
    let by_key: BTreeMap<&Bytes, &KeyValue> = found.kvs.iter().map(|kv| (&kv.key, kv)).collect();
    let mut seen = BTreeSet::new();
    given.kvs.iter().zip(&found.kvs).all(|(given, in_place)| {
        let kv = by_key.get(&given.key).filter(|kv| shows(given, kv) && seen.insert(&given.key));
        kv.is_some_and(|kv| by(request.sort_target, kv, in_place).is_eq())
    })
}
