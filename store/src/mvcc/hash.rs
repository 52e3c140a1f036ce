//! One number that members with the same content share (`mvcc/hash.go`).

use super::{Revision, Store};
use crate::api::KeyValue;
use crate::error::Error;

/// `etcdserverpb.HashKVResponse`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKv {
    /// CRC-32C of the content.
    pub hash: u32,
    /// The revision up to which it was hashed.
    pub revision: i64,
    /// The compacted revision at that time: hashes are comparable only if it is the same.
    pub compact_revision: i64,
}

impl Store {
    /// Hashes all changes up to a revision, 0 or less for the current one.
    ///
    /// The bytes are those etcd stores, so equal content has etcd's hash. What compaction drops does not
    /// count, wherever its removal has got to.
    pub fn hash_kv(&self, revision: i64) -> Result<HashKv, Error> {
        if revision > 0 && revision < self.compact_revision {
            return Err(Error::Compacted);
        }
        if revision > self.revision {
            return Err(Error::FutureRev);
        }
        let revision = if revision <= 0 { self.revision } else { revision };
        let mut hash = crc32c::crc32c(b"key");
        let mut stored = Vec::new();
        for (change, kv) in self.changes.range(..Revision::first_of(revision.saturating_add(1))) {
            // etcd releases differ in whether they keep this one.
            let tombstone_at_compaction = kv.is_tombstone() && change.main == self.compact_revision;
            if tombstone_at_compaction || !self.survives_compaction(*change, kv) {
                continue;
            }
            stored.clear();
            encode_revision(*change, kv.is_tombstone(), &mut stored);
            encode_key_value(kv, &mut stored);
            hash = crc32c::crc32c_append(hash, &stored);
        }
        Ok(HashKv { hash, revision, compact_revision: self.compact_revision })
    }

    fn survives_compaction(&self, revision: Revision, kv: &KeyValue) -> bool {
        // Most changes are newer; for them the lookup can be spared.
        revision.main > self.compact_revision
            || self
                .index
                .get(&kv.key)
                .is_some_and(|h| h.survives(revision, self.compact_revision, self.defects))
    }
}

/// `BucketKey`: main and sub, big-endian, with a mark for tombstones.
fn encode_revision(revision: Revision, tombstone: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(&revision.main.to_be_bytes());
    out.push(b'_');
    out.extend_from_slice(&revision.sub.to_be_bytes());
    if tombstone {
        out.push(b't');
    }
}

/// `mvccpb.KeyValue` in protobuf. Of a tombstone etcd stores the key alone.
fn encode_key_value(kv: &KeyValue, out: &mut Vec<u8>) {
    encode_bytes(1, &kv.key, out);
    if kv.is_tombstone() {
        return;
    }
    encode_int(2, kv.create_revision, out);
    encode_int(3, kv.mod_revision, out);
    encode_int(4, kv.version, out);
    encode_bytes(5, &kv.value, out);
    encode_int(6, kv.lease, out);
}

fn encode_bytes(field: u8, bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.is_empty() {
        out.push(field << 3 | 2);
        encode_varint(bytes.len() as u64, out);
        out.extend_from_slice(bytes);
    }
}

fn encode_int(field: u8, int: i64, out: &mut Vec<u8>) {
    if int != 0 {
        out.push(field << 3);
        encode_varint(int as u64, out);
    }
}

fn encode_varint(mut int: u64, out: &mut Vec<u8>) {
    while int >= 0x80 {
        out.push(int as u8 | 0x80);
        int >>= 7;
    }
    out.push(int as u8);
}
