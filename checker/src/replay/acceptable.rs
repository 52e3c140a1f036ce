//! Requests refused whatever the state (etcd: `server/etcdserver/api/v3rpc/key.go`).

use crate::bytes::Bytes;
use crate::history::{Request, TxnRequest};

/// The most operations in one txn, with those of the txns in it (`--max-txn-ops`, at its default).
const OPS_MAX: usize = 128;

/// True if a request is one that some state accepts.
pub(crate) fn is_acceptable(request: &Request) -> bool {
    match request {
        Request::Txn(txn) => {
            has_room(txn, OPS_MAX) && writes(&txn.success).is_some() && writes(&txn.failure).is_some()
        }
        Request::Compact(_) => true,
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => true,
        request => has_key(request),
    }
}

fn has_key(request: &Request) -> bool {
    match request {
        Request::Range(range) => !range.key.is_empty(),
        Request::Put(put) => {
            !put.key.is_empty()
                && (!put.ignore_value || put.value.is_empty())
                && (!put.ignore_lease || put.lease == 0)
        }
        Request::Delete(delete) => !delete.key.is_empty(),
        Request::Txn(_) | Request::Compact(_) => false,
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => false,
    }
}

/// True if a txn has no more operations than may be, and all of them have keys.
fn has_room(txn: &TxnRequest, ops_max: usize) -> bool {
    let ops = txn.compare.len().max(txn.success.len()).max(txn.failure.len());
    ops <= ops_max
        && txn.compare.iter().all(|compare| !compare.key.is_empty())
        && txn.branches().all(|request| match request {
            Request::Txn(inner) => has_room(inner, ops_max - ops),
            request => has_key(request),
        })
}

/// The writes that a branch may make, with the ends of its deletions as they are given.
#[derive(Default)]
struct Writes<'a> {
    puts: Vec<&'a Bytes>,
    deletes: Vec<(&'a Bytes, &'a Bytes)>,
}

/// The writes of a branch; `None` where etcd sees two of its requests conflict: two puts of one key, or a put and a
/// delete of it. Two deletes do not mind each other, nor do the branches of a txn in it: only one of them runs.
///
/// etcd looks at the deletes, at the txns one after the other, and at the puts (`checkIntervals`). So it does not
/// see a delete in a txn after the one with the put, nor what a delete with the end `"\0"` covers.
fn writes(branch: &[Request]) -> Option<Writes<'_>> {
    let mut all = Writes::default();
    all.deletes.extend(branch.iter().filter_map(|request| match request {
        Request::Delete(delete) => Some((&delete.key, &delete.range_end)),
        _ => None,
    }));
    for request in branch {
        let Request::Txn(txn) = request else { continue };
        let (success, failure) = (writes(&txn.success)?, writes(&txn.failure)?);
        if success.puts.iter().chain(&failure.puts).any(|key| all.conflicts(key)) {
            return None;
        }
        all.puts.extend(success.puts.into_iter().chain(failure.puts));
        all.deletes.extend(success.deletes.into_iter().chain(failure.deletes));
    }
    for request in branch {
        let Request::Put(put) = request else { continue };
        if all.conflicts(&put.key) {
            return None;
        }
        all.puts.push(&put.key);
    }
    Some(all)
}

impl Writes<'_> {
    fn conflicts(&self, key: &Bytes) -> bool {
        let is_within = |(first, end): &(&Bytes, &Bytes)| match end.as_slice() {
            [] => *first == key,
            end => *first <= key && key.as_slice() < end,
        };
        self.puts.contains(&key) || self.deletes.iter().any(is_within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::PutRequest;
    use crate::history::build::*;

    fn accepts(request: Request) -> bool {
        is_acceptable(&request)
    }

    #[test]
    fn a_key_is_written_once_on_one_path() {
        let both = |one, other| accepts(txn([], [one, other], []));
        assert!(both(put("a", "1"), put("b", "1")));
        assert!(both(delete("a"), delete_range("a", "c")));
        assert!(both(put("c", "1"), delete_range("a", "c")));
        assert!(!both(put("a", "1"), put("a", "1")));
        assert!(!both(put("a", "1"), delete("a")));
        assert!(!both(delete_range("a", "c"), put("b", "1")));
        assert!(accepts(txn([], [put("a", "1")], [put("a", "1")])));
        assert!(!accepts(txn([], [], [put("a", "1"), put("a", "1")])));
    }

    #[test]
    fn only_one_branch_of_a_txn_runs() {
        let inner = || txn([], [put("a", "1")], [put("a", "2"), delete("b")]);
        assert!(accepts(txn([], [inner(), put("c", "1")], [])));
        assert!(!accepts(txn([], [inner(), put("a", "1")], [])));
        assert!(!accepts(txn([], [put("b", "1"), inner()], [])));
        assert!(!accepts(txn([], [inner(), inner()], [])));
    }

    #[test]
    fn some_keys_are_put_and_deleted_on_one_path_as_in_etcd() {
        let both = |one, other| accepts(txn([], [one, other], []));
        assert!(both(delete_range("a", "\0"), put("b", "1")) && both(put("b", "1"), delete_range("a", "\0")));
        let alone = |request| txn([], [request], []);
        assert!(both(alone(put("b", "1")), alone(delete_range("a", "c"))));
        assert!(!both(alone(delete_range("a", "c")), alone(put("b", "1"))));
        assert!(!both(alone(put("b", "1")), delete("b")));
        assert!(!both(put("b", "1"), alone(delete("b"))));
    }

    #[test]
    fn a_txn_has_128_operations_at_most() {
        let puts = |from: usize, count: usize| (from..from + count).map(|at| put(&at.to_string(), "1"));
        assert!(accepts(txn([], puts(0, 128), [])));
        assert!(!accepts(txn([], puts(0, 129), [])));
        assert!(!accepts(txn([], [], puts(0, 129))));
        let compares = || (0..129).map(|_| unmodified_since("a", 0));
        assert!(!accepts(txn(compares(), [], [])));
        let nested = |count| accepts(txn([], puts(0, 99).chain([txn([], puts(200, count), [])]), []));
        assert!(nested(28) && !nested(29));
    }

    #[test]
    fn every_operation_has_a_key_and_says_one_thing() {
        let keep = PutRequest { key: "a".into(), ignore_value: true, ..PutRequest::default() };
        let lease = PutRequest { key: "a".into(), ignore_lease: true, ..PutRequest::default() };
        assert!(accepts(Request::Put(keep.clone())) && accepts(Request::Put(lease.clone())));
        assert!(!accepts(Request::Put(PutRequest { value: "1".into(), ..keep })));
        assert!(!accepts(Request::Put(PutRequest { lease: 7, ..lease })));
        for request in [get(""), put("", "1"), delete("")] {
            assert!(!accepts(request.clone()) && !accepts(txn([], [request], [])));
        }
        assert!(!accepts(txn([unmodified_since("", 0)], [], [])));
        assert!(accepts(compact(3)) && !accepts(txn([], [compact(3)], [])));
    }
}
