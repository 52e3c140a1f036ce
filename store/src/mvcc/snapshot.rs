//! The store as bytes, for restarts and for members that fell behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::backend_size::{LEASE_BYTES, bytes_of};
use super::key_history::KeyHistory;
use super::{Revision, Store};
use crate::api::KeyValue;
use crate::bytes::Bytes;
use crate::defect::{Defect, Defects};
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

impl Store {
    /// Everything but the defects.
    pub fn snapshot(&self) -> Vec<u8> {
        let written = Written {
            format: FORMAT,
            compact_revision: self.compact_revision,
            finished_compact_revision: self.finished_compact_revision,
            leases: self.leases.iter().map(|(id, lease)| WrittenLease::of(id, lease)).collect(),
            changes: &self.changes,
        };
        postcard::to_stdvec(&written).expect("a vector takes whatever is written to it")
    }

    /// The store that [`Store::snapshot`] was taken of. A removal under way is resumed.
    pub fn restore(snapshot: &[u8], defects: Defects) -> Result<Self, RestoreError> {
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
            let is_lone_tombstone = kv.is_tombstone() && !store.index.contains_key(&kv.key);
            if is_lone_tombstone && defects.has(Defect::RestoreDropsTombstones) {
                continue;
            }
            store.load(revision, kv);
        }
        store.attach_keys()?;
        // A store is never behind what it compacted, whatever keys are left.
        store.revision = if defects.has(Defect::RestoreIgnoresCompaction) {
            store.newest_revision_of_then()
        } else {
            store.revision.max(last.main).max(finished).max(scheduled)
        };
        Ok(store)
    }

    /// The revision that etcd came back with before #17780: that of the newest change, when a compaction still
    /// removed the tombstones at its own revision.
    fn newest_revision_of_then(&mut self) -> i64 {
        self.compact_step(usize::MAX);
        let at = Revision::first_of(self.compact_revision)..Revision::first_of(self.compact_revision + 1);
        let tombstones: Vec<Revision> = self
            .changes
            .range(at)
            .filter(|(_, kv)| kv.is_tombstone())
            .map(|(revision, _)| *revision)
            .collect();
        for tombstone in tombstones {
            self.remove(tombstone);
        }
        self.changes.last_key_value().map_or(Store::FIRST_REVISION, |(revision, _)| revision.main)
    }

    /// Attaches every key to the lease it names.
    fn attach_keys(&mut self) -> Result<(), RestoreError> {
        for kv in self.index.values().filter_map(KeyHistory::newest).filter(|kv| kv.lease != 0) {
            if self.leases.get(kv.lease).is_none() {
                return Err(RestoreError::Lease(kv.lease));
            }
            self.leases.move_key(&kv.key, 0, kv.lease);
        }
        Ok(())
    }

    fn load(&mut self, revision: Revision, mut kv: KeyValue) {
        let history = match self.index.get_key_value(&kv.key) {
            Some((key, _)) => {
                // Share the key, as the store did before.
                kv.key = key.clone();
                self.index.get_mut(&kv.key)
            }
            None => None,
        };
        let kv = Arc::new(kv);
        match history {
            Some(history) => history.push(revision, kv.clone()),
            None => {
                let mut history = KeyHistory::default();
                history.push(revision, kv.clone());
                self.index.insert(Bytes::clone(&kv.key), history);
            }
        }
        self.size.grow(bytes_of(&kv));
        self.changes.insert(revision, kv);
    }
}
