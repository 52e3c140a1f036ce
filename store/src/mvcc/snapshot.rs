//! The store as bytes, for restarts and for members that fell behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::backend_size::{LEASE_BYTES, bytes_of};
use super::key_index::KeyIndex;
use super::{Revision, Store};
use crate::api::KeyValue;
use crate::defect::{Defects, altered};
use crate::error::Error;
use crate::lease::{Lease, Lessor};

/// The first field of every snapshot, so that a change of the form is noticed.
const FORMAT: u32 = 2;

/// Errors of restoring a store from the bytes of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The bytes do not decode.
    #[error("snapshot does not decode: {0}")]
    Decode(postcard::Error),
    /// Bytes follow the end of the snapshot.
    #[error("{0} bytes after the end of the snapshot")]
    Trailing(usize),
    /// The bytes are of another format.
    #[error("snapshot has format {0}, this version reads {FORMAT}")]
    Format(u32),
    /// A change that no store can hold after those before it.
    #[error("snapshot contradicts itself at change {} of revision {}", .0.sub, .0.main)]
    Change(Revision),
    /// A lease that is listed twice, has no id, or is named by a key and not listed.
    #[error("snapshot contradicts itself about lease {0}")]
    Lease(i64),
    /// A compaction that no store can have made.
    #[error("snapshot says that history was removed up to {finished}, compacted at {scheduled}")]
    Compaction {
        /// The revision up to which history has been removed.
        finished: i64,
        /// The compacted revision.
        scheduled: i64,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    compact_revision: i64,
    finished_compact_revision: i64,
    leases: Vec<WrittenLease>,
    changes: &'a BTreeMap<Revision, Arc<KeyValue>>,
}

#[derive(Deserialize)]
struct Read {
    format: u32,
    compact_revision: i64,
    finished_compact_revision: i64,
    leases: Vec<WrittenLease>,
    changes: Vec<(Revision, KeyValue)>,
}

/// A lease. The keys say themselves which one they are attached to.
#[derive(Serialize, Deserialize)]
struct WrittenLease {
    id: i64,
    granted_ttl_s: i64,
    remaining_ttl_s: i64,
}

impl WrittenLease {
    fn of(id: i64, lease: &Lease) -> Self {
        let Lease { granted_ttl_s, remaining_ttl_s, .. } = *lease;
        WrittenLease { id, granted_ttl_s, remaining_ttl_s }
    }

    fn restore(&self, leases: &mut Lessor) -> Result<(), Error> {
        leases.grant(self.id, self.granted_ttl_s)?;
        leases.checkpoint(self.id, self.remaining_ttl_s);
        Ok(())
    }
}

/// Encodes everything in the store but the defects.
pub(super) fn encode(store: &Store) -> Vec<u8> {
    let written = Written {
        format: FORMAT,
        compact_revision: store.compact_revision,
        finished_compact_revision: store.finished_compact_revision,
        leases: store.leases.iter().map(|(id, lease)| WrittenLease::of(id, lease)).collect(),
        changes: &store.changes,
    };
    postcard::to_stdvec(&written).expect("a vector takes whatever is written to it")
}

/// The store that a snapshot was taken of. A removal under way is resumed.
pub(super) fn decode(snapshot: &[u8], defects: Defects) -> Result<Store, RestoreError> {
    let (read, rest) = postcard::take_from_bytes::<Read>(snapshot).map_err(RestoreError::Decode)?;
    if read.format != FORMAT {
        return Err(RestoreError::Format(read.format));
    }
    if !rest.is_empty() {
        return Err(RestoreError::Trailing(rest.len()));
    }
    let (finished, scheduled) = (read.finished_compact_revision, read.compact_revision);
    if finished < Store::NEVER_COMPACTED || scheduled < finished {
        return Err(RestoreError::Compaction { finished, scheduled });
    }
    let mut store = Store::new(defects);
    store.compact_revision = scheduled;
    store.finished_compact_revision = finished;
    for lease in read.leases {
        lease.restore(&mut store.leases).map_err(|_| RestoreError::Lease(lease.id))?;
        store.size.grow(LEASE_BYTES);
    }
    let mut last = Revision::first_of(Store::FIRST_REVISION);
    for (revision, kv) in read.changes {
        // The first change of all is the first of revision 2.
        if revision <= last || kv.mod_revision != revision.main {
            return Err(RestoreError::Change(revision));
        }
        last = revision;
        let is_lone_tombstone = kv.is_tombstone() && store.index.shared_key(&kv.key).is_none();
        if is_lone_tombstone && altered!(defects, restore_drops_tombstones) {
            continue;
        }
        load(&mut store, revision, kv);
    }
    attach_keys(&store.index, &mut store.leases)?;
    // A store is never behind its compacted revision, even if no keys are left.
    let revision = store.revision.max(last.main).max(finished).max(scheduled);
    store.revision = altered!(defects, restore_ignores_compaction::restored_revision(&mut store), revision);
    Ok(store)
}

fn load(store: &mut Store, revision: Revision, mut kv: KeyValue) {
    if let Some(key) = store.index.shared_key(&kv.key) {
        // As the store did before.
        kv.key = key.clone();
    }
    let kv = Arc::new(kv);
    store.index.push(revision, kv.clone());
    store.size.grow(bytes_of(&kv));
    store.changes.insert(revision, kv);
}

/// Attaches every key to the lease it names.
fn attach_keys(index: &KeyIndex, leases: &mut Lessor) -> Result<(), RestoreError> {
    for kv in index.all_newest().filter(|kv| kv.lease != 0) {
        if leases.get(kv.lease).is_none() {
            return Err(RestoreError::Lease(kv.lease));
        }
        leases.move_key(&kv.key, 0, kv.lease);
    }
    Ok(())
}
