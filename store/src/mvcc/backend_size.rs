//! The size of the backend: an estimate, in bytes, of the file in which etcd keeps the state.

use crate::api::KeyValue;

/// The bytes of a change besides its key and value (`kvOverhead` in `server/storage/quota.go`).
pub(crate) const CHANGE_OVERHEAD_BYTES: u64 = 256;

/// The bytes of a lease (`leaseOverhead`).
pub(crate) const LEASE_BYTES: u64 = 64;

/// The size of the backend (`Size` and `SizeInUse` of `server/storage/backend`).
///
/// Each member's own: it depends on how far the removal of compacted history has come, and on when the member
/// wrote its state anew. It is no part of a snapshot: a restart writes the state anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BackendSize {
    in_use: u64,
    /// The most that was in use since the state was written anew. A removed change leaves room inside, and the file
    /// as large as it was.
    total: u64,
}

impl BackendSize {
    /// The size of the file.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bytes of it in use.
    pub fn in_use(&self) -> u64 {
        self.in_use
    }

    /// Notes that the state is written anew.
    pub fn defragment(&mut self) {
        self.total = self.in_use;
    }

    #[inline]
    pub fn grow(&mut self, bytes: u64) {
        self.in_use += bytes;
        self.total = self.total.max(self.in_use);
    }

    pub fn shrink(&mut self, bytes: u64) {
        debug_assert!(bytes <= self.in_use, "what is removed was added before");
        self.in_use = self.in_use.saturating_sub(bytes);
    }
}

/// The bytes of a change.
#[inline]
pub(super) fn bytes_of(kv: &KeyValue) -> u64 {
    CHANGE_OVERHEAD_BYTES + (kv.key.len() + kv.value.len()) as u64
}
