//! Guarantees of keys and revisions, and the reads that several of them share.

mod blame;
mod contradiction;
pub(super) mod explain;
mod past_reads;
mod refusals;
pub(super) mod space;

guarantees! {
    linearizable,
    revision,
    serializable_read,
    historical_read,
    txn_atomic,
    durable,
    compaction,
}
