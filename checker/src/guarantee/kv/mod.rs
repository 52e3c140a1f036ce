//! Guarantees of keys and revisions, and the reads that several of them share.

mod blame;
pub(super) mod compaction;
mod contradiction;
pub(super) mod durable;
pub(super) mod explain;
pub(super) mod historical_read;
pub(super) mod linearizable;
mod past_reads;
mod refusals;
pub(super) mod revision;
pub(super) mod serializable_read;
pub(super) mod space;
pub(super) mod txn_atomic;
