//! A snapshot as a client saves it: the whole state at one revision, and a hash of it.
//!
//! etcd: `server/etcdserver/api/v3rpc/maintenance.go` (`Snapshot`) appends a SHA-256 of the database to it.

use crate::machine::{ClusterId, MemberId};
use crate::member::state::{AppliedState, SnapshotError};
use raft::eraftpb::ConfState;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_128;

/// The first bytes of every saved snapshot, with the version of its form.
const MAGIC: [u8; 8] = *b"revline\x01";

/// The content of a saved snapshot. Behind it is the XXH3-128 of everything before, little-endian.
#[derive(Serialize, Deserialize)]
pub(in crate::member) struct SavedSnapshot {
    /// The cluster it was taken of.
    pub cluster_id: ClusterId,
    /// The applied index, and its term.
    pub applied: (u64, u64),
    /// The revision of the store.
    pub revision: i64,
    /// The state, as a member's own snapshots hold it.
    pub state: Vec<u8>,
}

/// The state as bytes.
pub(in crate::member) fn encode(state: &AppliedState, cluster_id: ClusterId) -> Vec<u8> {
    let saved = SavedSnapshot {
        cluster_id,
        applied: (state.index, state.term),
        revision: state.store.revision(),
        // The members of the cluster are no part of the saved state.
        state: state.snapshot(&ConfState::default()).data.to_vec(),
    };
    let mut bytes = MAGIC.to_vec();
    bytes.extend(postcard::to_stdvec(&saved).expect("a snapshot is always encodable"));
    let hash = xxh3_128(&bytes);
    bytes.extend(hash.to_le_bytes());
    bytes
}

/// Decodes a saved snapshot that is whole.
pub(in crate::member) fn decode(bytes: &[u8]) -> Result<SavedSnapshot, RestoreError> {
    let (content, hash) = bytes.split_last_chunk().ok_or(RestoreError::Integrity)?;
    if xxh3_128(content) != u128::from_le_bytes(*hash) {
        return Err(RestoreError::Integrity);
    }
    let saved = content.strip_prefix(&MAGIC).ok_or(RestoreError::Form)?;
    postcard::from_bytes(saved).map_err(|error| RestoreError::Decode { what: error.to_string() })
}

/// The reason that a saved snapshot cannot be restored. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// The hash at the end is not that of the content.
    #[error("saved snapshot: damaged, or cut off: its hash is wrong")]
    Integrity,
    /// It is whole, and of another version or something else.
    #[error("saved snapshot: not one of this version")]
    Form,
    /// It is whole, and does not decode.
    #[error("saved snapshot: does not decode: {what}")]
    Decode {
        /// The error of the decoder.
        what: String,
    },
    /// The state in it cannot be used.
    #[error("saved snapshot: {0}")]
    State(#[from] SnapshotError),
    /// The revision in its head is not that of its keys.
    #[error("saved snapshot: says that its revision is {said}, but its keys are at {found}")]
    Revision {
        /// The revision in its head.
        said: i64,
        /// The revision of its keys.
        found: i64,
    },
    /// The member is not one of those that the new cluster is founded with.
    #[error("member {member} is not one of the members of the new cluster")]
    NotAMember {
        /// The member.
        member: MemberId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defect::Defects;
    use crate::member::restore_snapshot;

    fn with_hash(content: &[u8]) -> Vec<u8> {
        let mut bytes = content.to_vec();
        bytes.extend(xxh3_128(content).to_le_bytes());
        bytes
    }

    #[test]
    fn what_is_whole_and_no_snapshot_is_refused_for_what_it_is() {
        let state = AppliedState::new(&[1], &Defects::NONE);
        let saved = |revision| SavedSnapshot {
            cluster_id: ClusterId(1),
            applied: (0, 0),
            revision,
            state: state.snapshot(&ConfState::default()).data.to_vec(),
        };
        let content =
            |saved: &SavedSnapshot| [&MAGIC[..], &postcard::to_stdvec(saved).expect("encodable")].concat();
        let restore = |content: &[u8]| restore_snapshot(&with_hash(content), ClusterId(2), 5, &[5]);
        assert!(restore(&content(&saved(1))).is_ok());
        assert_eq!(restore(&content(&saved(2))), Err(RestoreError::Revision { said: 2, found: 1 }));
        assert_eq!(restore(b"another"), Err(RestoreError::Form));
        assert!(matches!(restore(&MAGIC), Err(RestoreError::Decode { .. })));
        let damaged = SavedSnapshot { state: vec![0xff], ..saved(1) };
        assert!(matches!(restore(&content(&damaged)), Err(RestoreError::State(_))));
    }
}
