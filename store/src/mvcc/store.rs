//! The store: its content, and how a request is applied to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Revision;
use super::backend_size::BackendSize;
use super::hash::CompactionHashes;
use super::key_index::KeyIndex;
use super::snapshot::{self, RestoreError};
use super::txn;
use super::write::{WriteTxn, check_put};
use crate::api::{
    Event, KeyValue, LeaseResponse, RangeRequest, RangeResponse, Request, Response, ResponseHeader,
    TxnRequest, TxnResponse,
};
use crate::defect::Defects;
use crate::error::Error;
use crate::lease::{LeaseAction, Lessor};

/// The replicated state machine of keys. Equal requests in equal order make equal stores.
#[derive(Clone, Debug)]
pub struct Store {
    /// The rules that are switched off. The same on all members, or they would diverge.
    pub(super) defects: Defects,
    /// The current revision.
    pub(super) revision: i64,
    /// History before it is no longer readable (etcd's `compactMainRev`, `scheduledCompactRev`).
    pub(super) compact_revision: i64,
    /// History before it has been removed (`finishedCompactRev`).
    pub(super) finished_compact_revision: i64,
    /// The change up to which history is removed.
    pub(super) removed_up_to: Revision,
    /// The hashes of compactions.
    pub(super) compaction_hashes: CompactionHashes,
    pub(super) index: KeyIndex,
    /// Every change in its order (the backend's bucket "key").
    pub(crate) changes: BTreeMap<Revision, Arc<KeyValue>>,
    /// The leases, with the keys that have one.
    pub(super) leases: Lessor,
    /// The size of all that.
    pub(super) size: BackendSize,
}

/// The outcome of applying a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied<R = Response> {
    /// The answer.
    pub result: Result<R, Error>,
    /// The changes, in the order of revisions. Empty if nothing changed.
    pub events: Vec<Event>,
    /// The current revision afterwards.
    pub revision: i64,
}

impl Store {
    /// The revision of a store that nothing was written to.
    pub(crate) const FIRST_REVISION: i64 = 1;

    /// The compacted revision of a store that was never compacted: compacting at 0 succeeds once.
    pub(crate) const NEVER_COMPACTED: i64 = -1;

    /// An empty store.
    pub fn new(defects: Defects) -> Self {
        Store {
            defects,
            revision: Store::FIRST_REVISION,
            compact_revision: Store::NEVER_COMPACTED,
            finished_compact_revision: Store::NEVER_COMPACTED,
            removed_up_to: Revision::default(),
            compaction_hashes: CompactionHashes::default(),
            index: KeyIndex::default(),
            changes: BTreeMap::new(),
            leases: Lessor::default(),
            size: BackendSize::default(),
        }
    }

    /// The current revision.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The oldest revision that can be read, -1 if nothing was compacted.
    pub fn compact_revision(&self) -> i64 {
        self.compact_revision
    }

    /// The number of changes it holds, tombstones included.
    pub fn change_count(&self) -> usize {
        self.changes.len()
    }

    /// Reads keys, now or in the past. Whether the member may answer is the member's business.
    pub fn range(&self, request: &RangeRequest) -> Result<RangeResponse, Error> {
        let revision = if request.revision <= 0 { self.revision } else { request.revision };
        if revision > self.revision {
            return Err(Error::FutureRev);
        }
        if revision < self.compact_revision {
            return Err(Error::Compacted);
        }
        let header = ResponseHeader::at(self.revision);
        Ok(RangeResponse { header, ..self.index.range(request, revision) })
    }

    /// Carries out a txn that has nothing but ranges, without a proposal.
    pub fn read_txn(&self, request: &TxnRequest) -> Result<TxnResponse, Error> {
        debug_assert!(request.is_read_only());
        txn::read(self, request)
    }

    /// Applies a committed request that passed [`crate::api::validate`].
    pub fn apply(&mut self, request: &Request) -> Applied {
        let mut events = Vec::new();
        let result = match request {
            Request::Range(range) => self.range(range).map(Response::Range),
            Request::Put(put) => check_put(self, put).map(|()| {
                let mut txn = WriteTxn::begin(self, &mut events);
                Response::Put(txn.put(put))
            }),
            Request::DeleteRange(delete) => {
                let mut txn = WriteTxn::begin(self, &mut events);
                Ok(Response::DeleteRange(txn.delete_range(delete)))
            }
            Request::Txn(txn) => WriteTxn::begin(self, &mut events).txn(txn).map(Response::Txn),
            Request::Compaction(compaction) => self.compact(compaction).map(Response::Compaction),
        };
        Applied { result, events, revision: self.revision }
    }

    /// Applies a committed change of leases.
    pub fn apply_lease(&mut self, action: &LeaseAction) -> Applied<Option<LeaseResponse>> {
        let mut events = Vec::new();
        let result = WriteTxn::begin(self, &mut events).change_leases(action);
        Applied { result, events, revision: self.revision }
    }

    /// The leases and the keys attached to them.
    pub fn leases(&self) -> &Lessor {
        &self.leases
    }

    /// Returns true if a key is there, and still the one that was created at this revision.
    pub(crate) fn holds_key_of(&self, key: &[u8], create_revision: i64) -> bool {
        self.index.at(key, i64::MAX).is_some_and(|kv| kv.create_revision == create_revision)
    }

    /// All changes from a revision on, in their order, for watches that catch up (`kvsToEvents` in
    /// `mvcc/watchable_store.go`). From before the compacted revision only the changes that are left; the caller
    /// must not pass these on.
    pub(crate) fn changes_since(&self, revision: i64) -> impl Iterator<Item = &Arc<KeyValue>> {
        self.changes.range(Revision::first_of(revision)..).map(|(_, kv)| kv)
    }

    /// A key before the change at `revision`, unless that is compacted.
    pub(crate) fn key_before(&self, key: &[u8], revision: i64) -> Option<&Arc<KeyValue>> {
        let before = revision - 1;
        if before < self.compact_revision { None } else { self.index.at(key, before) }
    }

    /// The size of the backend in bytes, which a quota limits. It shrinks only when the state is written anew.
    pub fn size_bytes(&self) -> u64 {
        self.size.total()
    }

    /// The bytes of it in use. They shrink as compacted history is removed.
    pub(crate) fn size_in_use_bytes(&self) -> u64 {
        self.size.in_use()
    }

    /// Notes that the state is written anew.
    pub(crate) fn defragment(&mut self) {
        self.size.defragment();
    }

    /// The store as bytes: everything but the defects.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::encode(self)
    }

    /// The store that [`Store::snapshot`] was taken of. A removal under way is resumed.
    pub fn restore(bytes: &[u8], defects: Defects) -> Result<Self, RestoreError> {
        snapshot::decode(bytes, defects)
    }
}
