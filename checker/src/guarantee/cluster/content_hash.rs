//! The hash that etcd gives to a content, worked out from what was written (`server/storage/mvcc/hash.go`).
//!
//! The bytes are those of etcd's storage: for each change its revision, and the key and value as `mvccpb.KeyValue`
//! (`api/mvccpb/kv.proto`). Of a deleted key there is the key alone.

use crate::history::{KeyValue, Revision};
use crate::replay::{Change, Line};
use std::ops::RangeInclusive;

/// The running hash of all changes from the first one on: CRC-32C.
pub(super) struct ContentHash {
    hash: u32,
    up_to: Revision,
}

impl ContentHash {
    /// The hash of no change.
    pub(super) fn of_nothing() -> ContentHash {
        ContentHash { hash: crc32c::crc32c(b"key"), up_to: 0 }
    }

    /// Hashes the changes up to a revision, which is none before.
    pub(super) fn at(&mut self, line: &Line, revision: Revision) -> u32 {
        let new: RangeInclusive<Revision> = self.up_to + 1..=revision;
        for revision in new {
            for (sub, change) in (0..).zip(line.changes(revision)) {
                self.hash = crc32c::crc32c_append(self.hash, &stored(revision, sub, change));
            }
        }
        self.up_to = self.up_to.max(revision);
        self.hash
    }
}

/// The bytes that one change leaves in the storage.
fn stored(revision: Revision, sub: i64, change: &Change) -> Vec<u8> {
    let mut bytes = revision.to_be_bytes().to_vec();
    bytes.push(b'_');
    bytes.extend_from_slice(&sub.to_be_bytes());
    let deleted = KeyValue { key: change.key.clone(), ..KeyValue::default() };
    if change.after.is_none() {
        bytes.push(b't');
    }
    let kv = change.after.as_ref().unwrap_or(&deleted);
    let texts =
        |number: u8, text: &[u8]| (!text.is_empty()).then(|| field(number, 2, text.len() as u64, text));
    let number = |number: u8, value: i64| (value != 0).then(|| field(number, 0, value.cast_unsigned(), &[]));
    let fields = [
        texts(1, kv.key.as_ref()),
        number(2, kv.create_revision),
        number(3, kv.mod_revision),
        number(4, kv.version),
        texts(5, kv.value.as_ref()),
        number(6, kv.lease),
    ];
    bytes.extend(fields.into_iter().flatten().flatten());
    bytes
}

/// A field of a message: its number and wire type, a varint, and what follows it.
fn field(number: u8, wire_type: u8, mut varint: u64, rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | wire_type];
    while varint > 0x7f {
        bytes.push((varint & 0x7f) as u8 | 0x80);
        varint >>= 7;
    }
    bytes.push(varint as u8);
    bytes.extend_from_slice(rest);
    bytes
}
