//! The multi-version store: every change has a revision, and the past stays readable until it is
//! compacted (`server/storage/mvcc`, `server/etcdserver/txn`).

mod backend_size;
mod compaction;
mod compare;
mod hash;
mod key_history;
mod key_index;
mod leases;
mod range;
mod revision;
mod snapshot;
mod store;
mod txn;
mod write;

pub(crate) use backend_size::{CHANGE_OVERHEAD_BYTES, LEASE_BYTES};
pub(crate) use compaction::COMPACTION_BATCH;
pub use hash::HashKv;
pub use revision::Revision;
pub use snapshot::RestoreError;
pub use store::{Applied, Store};
