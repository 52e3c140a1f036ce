//! A snapshot as a client saves it: the whole state at one revision, and a hash of it.
//!
//! etcd: `server/etcdserver/api/v3rpc/maintenance.go` (`Snapshot`) appends a SHA-256 of the database to it.

use super::state::AppliedState;
use raft::eraftpb::ConfState;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// The first bytes of every saved snapshot, with the version of its form.
const MAGIC: [u8; 8] = *b"revline\x01";

/// What a saved snapshot holds.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedSnapshot {
    /// The cluster it was taken of.
    pub cluster_id: u64,
    /// How far the log was applied: index and term.
    pub applied: (u64, u64),
    /// The revision of the store.
    pub revision: i64,
    /// The state, as a member's own snapshots hold it.
    pub state: Vec<u8>,
}

/// The state as bytes.
pub(super) fn encode(state: &AppliedState, cluster_id: u64) -> Vec<u8> {
    let saved = SavedSnapshot {
        cluster_id,
        applied: (state.index, state.term),
        revision: state.store.revision(),
        // Who the members are is no part of what is saved.
        state: state.snapshot(&ConfState::default()).data.to_vec(),
    };
    let mut bytes = MAGIC.to_vec();
    bytes.extend(postcard::to_stdvec(&saved).expect("a snapshot is always encodable"));
    let hash = xxh3_128(&bytes);
    // At the end: XXH3-128 of everything before, little-endian.
    bytes.extend(hash.to_le_bytes());
    bytes
}
