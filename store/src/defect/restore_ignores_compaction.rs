//! A restart ignores a scheduled compaction when it finds its revision.
//!
//! Found in: etcd #17780.

use super::{Defect, Description};
use crate::mvcc::{Revision, Store};

/// The defect of this file.
pub const DEFECT: Defect = Defect::RestoreIgnoresCompaction;

pub(super) const DESCRIPTION: Description = Description {
    name: "restore-ignores-compaction",
    rule: "a restart ignores a scheduled compaction: the revision goes back",
    guarantees: &["revision"],
};

/// The revision that etcd came back with before #17780: that of the newest change, when a compaction still
/// removed the tombstones at its own revision.
pub(crate) fn restored_revision(store: &mut Store) -> i64 {
    store.compact_step(usize::MAX);
    let at = store.compact_revision();
    let of_it = store.changes.range(Revision::first_of(at)..Revision::first_of(at + 1));
    let tombstones: Vec<Revision> =
        of_it.filter(|(_, kv)| kv.is_tombstone()).map(|(revision, _)| *revision).collect();
    tombstones.into_iter().for_each(|tombstone| store.remove(tombstone));
    store.changes.last_key_value().map_or(Store::FIRST_REVISION, |(revision, _)| revision.main)
}
