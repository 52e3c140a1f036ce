//! The load beyond which a member refuses requests (`server/embed/config.go`, `etcdserver/v3_server.go`).

use crate::error::Error;

/// Operations per list of a txn, nested ones counted in (`DefaultMaxTxnOps`).
pub const MAX_TXN_OPS: usize = 128;

/// Bytes of one encoded proposal (`DefaultMaxRequestBytes`).
pub const MAX_REQUEST_BYTES: usize = 3 * 1024 * 1024 / 2;

/// The most entries that the applied index may lie behind the committed one (`maxGapBetweenApplyAndCommitIndex`).
pub const MAX_APPLY_GAP: u64 = 5000;

/// Checks that a member may propose a request of this many encoded bytes now, which may have `apply_gap` entries to apply.
pub fn admit(
    request_bytes: usize,
    committed_index: u64,
    applied_index: u64,
    apply_gap: u64,
) -> Result<(), Error> {
    if committed_index > applied_index.saturating_add(apply_gap) {
        return Err(Error::TooManyRequests);
    }
    if request_bytes > MAX_REQUEST_BYTES {
        return Err(Error::RequestTooLarge);
    }
    Ok(())
}
