//! Txns that change one key more than once, in one revision.
//!
//! etcd means to refuse them, and misses two kinds (`server/etcdserver/api/v3rpc/key.go`, `checkIntervals`): a put beside
//! a deletion whose end is `"\0"`, and a put in a nested txn before one with a deletion. A watch shows each change.

use crate::bytes::Bytes;
use crate::history::{DeleteRequest, History, Request};
use crate::replay::Span;

/// True if a request of the history may put a key and delete it.
pub(super) fn any(history: &History) -> bool {
    history.operations.iter().any(|operation| match &operation.request {
        Request::Txn(txn) => [&txn.success, &txn.failure].into_iter().any(|branch| rewrites(branch)),
        _ => false,
    })
}

/// True if a key is put and deleted in a branch, whichever branches of its txns run.
fn rewrites(branch: &[Request]) -> bool {
    let (mut puts, mut deletes) = (Vec::new(), Vec::new());
    collect(branch, &mut puts, &mut deletes);
    deletes.iter().any(|delete| puts.iter().any(|key| Span::of_delete(delete).contains(key)))
}

fn collect<'h>(branch: &'h [Request], puts: &mut Vec<&'h Bytes>, deletes: &mut Vec<&'h DeleteRequest>) {
    for request in branch {
        match request {
            Request::Put(put) => puts.push(&put.key),
            Request::Delete(delete) => deletes.push(delete),
            Request::Txn(txn) => {
                collect(&txn.success, puts, deletes);
                collect(&txn.failure, puts, deletes);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn may(request: Request) -> bool {
        let mut h = Builder::default();
        h.unknown(0, request);
        any(&h.build())
    }

    #[test]
    fn a_put_beside_what_deletes_its_key_rewrites_it() {
        assert!(may(txn([], [put("a", "1"), delete_range("a", "\0")], [])));
        assert!(may(txn([], [], [txn([], [put("a", "1")], []), txn([], [delete("a")], [])])));
        assert!(!may(txn([], [put("a", "1"), delete_range("b", "\0")], [])));
        assert!(!may(txn([], [put("a", "1")], [delete("a")])));
        assert!(!may(put("a", "1")));
    }
}
