//! Changing keys: one revision for everything a request changes (`mvcc/kvstore_txn.go`).

use std::sync::Arc;

use super::backend_size::bytes_of;
use super::{Revision, Store};
use crate::api::{
    DeleteRangeRequest, DeleteRangeResponse, Event, KeyValue, PutRequest, PutResponse, ResponseHeader,
};
use crate::bytes::Bytes;
use crate::defect::altered;
use crate::error::Error;
use crate::key_range::KeyRange;

/// The changes of one request. The store's revision moves with the first of them.
pub(super) struct WriteTxn<'a> {
    pub store: &'a mut Store,
    events: &'a mut Vec<Event>,
    /// The revision of the next change.
    next: Revision,
}

impl<'a> WriteTxn<'a> {
    pub fn begin(store: &'a mut Store, events: &'a mut Vec<Event>) -> Self {
        let next = Revision::first_of(store.revision + 1);
        WriteTxn { store, events, next }
    }

    /// Ends an operation of the request; another one may follow.
    pub fn end_op(&mut self) {
        self.next = altered!(self.store.defects, txn_two_revisions::next(self.next, self.events), self.next);
    }

    pub fn put(&mut self, put: &PutRequest) -> PutResponse {
        let revision = self.name_change();
        let before = self.store.index.newest(&put.key);
        let (create_revision, version) =
            before.map_or((revision.main, 1), |kv| (kv.create_revision, kv.version + 1));
        // Absent keys were refused before the request had any effect. One that this txn deleted has nothing to keep:
        // the put writes no value and no lease. (etcd panics: `unexpected error during txn with writes`.)
        let value = match before {
            Some(kv) if put.ignore_value => kv.value.clone(),
            _ => put.value.clone(),
        };
        let lease = match before {
            Some(kv) if put.ignore_lease => kv.lease,
            _ => put.lease,
        };
        let prev_kv = if put.prev_kv { before.cloned() } else { None };
        let key = before.map_or_else(|| put.key.clone(), |kv| kv.key.clone());
        let former = altered!(
            self.store.defects,
            lease_keys_gone_early::detached_from(),
            before.map_or(0, |kv| kv.lease)
        );
        self.store.leases.move_key(&key, former, lease);
        let mod_revision = revision.main;
        self.record(revision, KeyValue { key, create_revision, mod_revision, version, value, lease });
        PutResponse { header: ResponseHeader::at(self.store.revision), prev_kv }
    }

    pub fn delete_range(&mut self, delete: &DeleteRangeRequest) -> DeleteRangeResponse {
        let range = KeyRange::new(&delete.key, &delete.range_end);
        let found: Vec<Arc<KeyValue>> = self.store.index.live_keys(&range).cloned().collect();
        for kv in &found {
            self.store.leases.move_key(&kv.key, kv.lease, 0);
            self.delete(&kv.key);
        }
        DeleteRangeResponse {
            header: ResponseHeader::at(self.store.revision),
            deleted: found.len() as i64,
            prev_kvs: if delete.prev_kv { found } else { Vec::new() },
        }
    }

    /// Deletes a key that exists and is attached to no lease.
    pub fn delete(&mut self, key: &Bytes) {
        let revision = self.name_change();
        self.record(revision, KeyValue::tombstone(key.clone(), revision.main));
    }

    /// The revision of the next change: the same `main` for all changes of a request.
    fn name_change(&mut self) -> Revision {
        let revision = self.next;
        self.next.sub += 1;
        revision
    }

    fn record(&mut self, revision: Revision, kv: KeyValue) {
        let kv = Arc::new(kv);
        self.store.index.push(revision, kv.clone());
        self.store.size.grow(bytes_of(&kv));
        self.store.changes.insert(revision, kv.clone());
        self.store.revision = revision.main;
        self.events.push(Event::of(kv));
    }
}

/// Checks that a put of its own can be carried out in the present state (etcd's `Put`): the lease first.
pub(super) fn check_put(store: &Store, put: &PutRequest) -> Result<(), Error> {
    check_lease(store, put.lease)?;
    check_kept(store, put)
}

/// Checks that a put of a txn can be carried out in the present state (etcd's `checkPut`): the key first.
pub(super) fn check_put_in_txn(store: &Store, put: &PutRequest) -> Result<(), Error> {
    check_kept(store, put)?;
    check_lease(store, put.lease)
}

/// A put that keeps the value or the lease needs a key that has one.
fn check_kept(store: &Store, put: &PutRequest) -> Result<(), Error> {
    let keeps = put.ignore_value || put.ignore_lease;
    if keeps && store.index.newest(&put.key).is_none() { Err(Error::KeyNotFound) } else { Ok(()) }
}

fn check_lease(store: &Store, lease: i64) -> Result<(), Error> {
    let known = lease == 0 || store.leases.get(lease).is_some();
    if known { Ok(()) } else { Err(Error::LeaseNotFound) }
}
