//! Revoked leases: of the requests of a report, the one that changes keys without naming them.

use crate::bytes::Bytes;
use crate::history::*;
use std::collections::{BTreeMap, BTreeSet};

/// Which keys were ever put with which lease.
#[derive(Default)]
pub(super) struct Leases(BTreeMap<i64, BTreeSet<Bytes>>);

impl Leases {
    /// Notes what a request may attach.
    pub fn note(&mut self, request: &Request) {
        match request {
            Request::Put(put) if put.lease != 0 => {
                self.0.entry(put.lease).or_default().insert(put.key.clone());
            }
            Request::Txn(txn) => txn.branches().for_each(|request| self.note(request)),
            _ => {}
        }
    }

    /// The request of the KV API that does what revoking a lease does: it deletes each key that is attached
    /// to it just then. `None` if no key ever was.
    pub fn revocation(&self, lease: i64) -> Option<TxnRequest> {
        let delete = |key: &Bytes| {
            let compare = Compare {
                key: key.clone(),
                range_end: Bytes::default(),
                result: CompareResult::Equal,
                target: CompareTarget::Lease(lease),
            };
            let delete = Request::Delete(DeleteRequest { key: key.clone(), ..DeleteRequest::default() });
            Request::Txn(TxnRequest { compare: vec![compare], success: vec![delete], failure: vec![] })
        };
        let success = self.0.get(&lease)?.iter().map(delete).collect();
        Some(TxnRequest { success, ..TxnRequest::default() })
    }
}

/// What a revocation at `revision` answered, as the watches that saw it tell; unknown if none did.
pub(super) fn outcome(revocation: &TxnRequest, revision: Revision, watches: &[Watch]) -> Outcome {
    let deleted: BTreeSet<&Bytes> = watches
        .iter()
        .flat_map(|watch| watch.events())
        .filter(|(_, _, event)| event.kv.mod_revision == revision && event.kind == EventKind::Delete)
        .map(|(_, _, event)| &event.kv.key)
        .collect();
    if deleted.is_empty() {
        return Outcome::Unknown("a lease was revoked, and it is not recorded which keys went".to_owned());
    }
    let header = |revision| Header { member: MemberId(0), revision, term: 0 };
    let part = |request: &Request| {
        let Request::Txn(txn) = request else { return None };
        let succeeded = deleted.contains(&txn.compare.first()?.key);
        let delete = DeleteResponse { header: header(0), deleted: 1, prev_kvs: Vec::new() };
        let responses = if succeeded { vec![Response::Delete(delete)] } else { Vec::new() };
        Some(Response::Txn(TxnResponse { header: header(0), succeeded, responses }))
    };
    let responses = revocation.success.iter().filter_map(part).collect();
    Outcome::Ok(Response::Txn(TxnResponse { header: header(revision), succeeded: true, responses }))
}
