//! The store: what is in it, and how a request is applied to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Revision;
use super::backend_size::BackendSize;
use super::hash::CompactionHashes;
use super::key_history::KeyHistory;
use super::write::WriteTxn;
use crate::api::{Event, KeyValue, RangeRequest, RangeResponse, Request, Response, TxnRequest, TxnResponse};
use crate::bytes::Bytes;
use crate::defect::Defects;
use crate::error::Error;
use crate::lease::Lessor;

/// The replicated state machine of keys. Equal requests in equal order make equal stores.
#[derive(Clone, Debug)]
pub struct Store {
    /// Which rules are switched off. The same on all members, or they would diverge.
    pub(super) defects: Defects,
    /// The current revision.
    pub(super) revision: i64,
    /// History before it is no longer readable (etcd's `compactMainRev`, `scheduledCompactRev`).
    pub(super) compact_revision: i64,
    /// History before it has been removed (`finishedCompactRev`).
    pub(super) finished_compact_revision: i64,
    /// How far the removal has come.
    pub(super) removed_up_to: Revision,
    /// The hashes of compactions.
    pub(super) compaction_hashes: CompactionHashes,
    /// Every key with its versions (`treeIndex`).
    pub(super) index: BTreeMap<Bytes, KeyHistory>,
    /// Every change in its order (the backend's bucket "key").
    pub(crate) changes: BTreeMap<Revision, Arc<KeyValue>>,
    /// The leases, with the keys that have one.
    pub(super) leases: Lessor,
    /// What all that takes.
    pub(super) size: BackendSize,
}

/// What applying a request did.
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
    pub const FIRST_REVISION: i64 = 1;

    /// The compacted revision of a store that was never compacted: compacting at 0 succeeds once.
    pub const NEVER_COMPACTED: i64 = -1;

    /// An empty store.
    pub fn new(defects: Defects) -> Self {
        Store {
            defects,
            revision: Store::FIRST_REVISION,
            compact_revision: Store::NEVER_COMPACTED,
            finished_compact_revision: Store::NEVER_COMPACTED,
            removed_up_to: Revision::default(),
            compaction_hashes: CompactionHashes::default(),
            index: BTreeMap::new(),
            changes: BTreeMap::new(),
            leases: Lessor::default(),
            size: BackendSize::default(),
        }
    }

    /// The current revision.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The oldest revision that can be read, [`Store::NEVER_COMPACTED`] if nothing was compacted.
    pub fn compact_revision(&self) -> i64 {
        self.compact_revision
    }

    /// How many changes it holds, tombstones included.
    pub fn change_count(&self) -> usize {
        self.changes.len()
    }

    /// Reads keys now. Whether the member may answer is the member's business.
    pub fn range(&self, request: &RangeRequest) -> Result<RangeResponse, Error> {
        self.range_at(request, self.revision)
    }

    /// Carries out a txn that has nothing but ranges, without a proposal.
    pub fn read_txn(&self, request: &TxnRequest) -> Result<TxnResponse, Error> {
        debug_assert!(request.is_read_only());
        self.execute_read_txn(request)
    }

    /// Applies a committed request that passed [`crate::api::validate`].
    pub fn apply(&mut self, request: &Request) -> Applied {
        let mut events = Vec::new();
        let result = match request {
            Request::Range(range) => self.range(range).map(Response::Range),
            Request::Put(put) => self.check_put(put).map(|()| {
                let mut txn = WriteTxn::begin(self, &mut events);
                Response::Put(txn.put(put))
            }),
            Request::DeleteRange(delete) => {
                let mut txn = WriteTxn::begin(self, &mut events);
                Ok(Response::DeleteRange(txn.delete_range(delete)))
            }
            Request::Txn(txn) => self.execute_txn(txn, &mut events).map(Response::Txn),
            Request::Compaction(compaction) => self.compact(compaction).map(Response::Compaction),
        };
        Applied { result, events, revision: self.revision }
    }
}
