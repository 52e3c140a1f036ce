//! The records of a log as pieces of its file.

use crate::busy::CLUSTER;
use revline_store::machine::MemberId;
use revline_store::wal::Owner;
use std::ops::Range;

/// The bytes of a record before and behind its content.
const HEADER_BYTES: usize = 24;
const END_BYTES: usize = 1;

/// The records of a whole log, one after the other.
pub fn frames(wal: &[u8]) -> Vec<Range<usize>> {
    let (mut frames, mut start) = (Vec::new(), 0);
    while start < wal.len() {
        let length = u32::from_le_bytes(wal[start..start + 4].try_into().unwrap()) as usize;
        let end = start + HEADER_BYTES + length + END_BYTES;
        frames.push(start..end);
        start = end;
    }
    frames
}

/// The position of a record in the chain.
pub fn position(frame: &[u8]) -> u64 {
    u64::from_le_bytes(frame[8..16].try_into().unwrap())
}

/// A founder of a cluster of three.
pub fn owner(member_id: MemberId) -> Owner {
    Owner { cluster_id: CLUSTER, member_id, initial_members: vec![1, 2, 3] }
}
