//! One number that members with the same content share (`mvcc/hash.go`).

use std::collections::BTreeMap;

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

/// Hashes of compactions that a store remembers (`hashStorageMaxSize`).
const REMEMBERED_MAX: usize = 10;

/// The hashes of compactions, by the revision that they compacted at (`hashStorage`). Not saved: after a restart a
/// store knows none of them.
#[derive(Clone, Debug, Default)]
pub(super) struct CompactionHashes(BTreeMap<i64, HashKv>);

impl CompactionHashes {
    fn add(&mut self, hash: HashKv) {
        self.0.insert(hash.revision, hash);
        while self.0.len() > REMEMBERED_MAX {
            self.0.pop_first();
        }
    }
}

impl Store {
    /// Hashes all changes up to a revision, 0 for the current one; at a revision that was compacted at, gives the
    /// hash of that compaction.
    ///
    /// The bytes are those etcd stores, so equal content has etcd's hash.
    pub fn hash_kv(&self, revision: i64) -> Result<HashKv, Error> {
        let remembered = self.compaction_hashes.0.get(&revision).filter(|_| revision != 0);
        remembered.map_or_else(|| self.hash_by_revision(revision), |hash| Ok(*hash))
    }

    /// Hashes all changes up to a revision, 0 for the current one. Of those that a compaction looked at, only the
    /// ones that a compaction at this revision would keep count, however far the removal has got.
    pub fn hash_by_revision(&self, revision: i64) -> Result<HashKv, Error> {
        if revision > 0 && revision < self.compact_revision {
            return Err(Error::Compacted);
        }
        if revision > self.revision {
            return Err(Error::FutureRev);
        }
        let revision = if revision == 0 { self.revision } else { revision };
        // If nothing is to be kept, etcd skips nothing (`WriteKeyValue`): the changes that its last compaction left
        // count.
        let keeps_any = self.index.has_any_at(revision);
        let counts = |change: Revision, kv: &KeyValue| match keeps_any {
            true => self.index.is_newest_at(kv, revision, change) && !kv.is_tombstone(),
            false => self.survives(self.compact_revision, change, kv),
        };
        Ok(self.hash(revision, self.compact_revision, counts))
    }

    /// Hashes the changes that a compaction at this revision looks at, after one at `before`, and remembers the hash.
    pub(super) fn hash_compaction(&mut self, revision: i64, before: i64) {
        let mut looked_at = self.changes.range(..Revision::first_of(revision + 1));
        let keeps_any = looked_at.any(|(change, kv)| self.survives(revision, *change, kv));
        let kept_at = if keeps_any { revision } else { before };
        let hash = self.hash(revision, before, |change, kv| self.survives(kept_at, change, kv));
        self.compaction_hashes.add(hash);
    }

    /// Hashes all changes up to a revision; of those up to a compaction only those that count.
    fn hash(
        &self,
        revision: i64,
        compact_revision: i64,
        counts: impl Fn(Revision, &KeyValue) -> bool,
    ) -> HashKv {
        let mut hash = crc32c::crc32c(b"key");
        let mut stored = Vec::new();
        for (change, kv) in self.changes.range(..Revision::first_of(revision.saturating_add(1))) {
            // etcd releases differ in whether they keep this one.
            let tombstone_at_compaction = kv.is_tombstone() && change.main == compact_revision;
            if tombstone_at_compaction || change.main <= compact_revision && !counts(*change, kv) {
                continue;
            }
            stored.clear();
            encode_revision(*change, kv.is_tombstone(), &mut stored);
            encode_key_value(kv, &mut stored);
            hash = crc32c::crc32c_append(hash, &stored);
        }
        HashKv { hash, revision, compact_revision }
    }

    fn survives(&self, compact_revision: i64, change: Revision, kv: &KeyValue) -> bool {
        self.index.survives(kv, change, compact_revision, self.defects)
    }
}

/// Encodes a `BucketKey`: main and sub, big-endian, with a mark for tombstones.
fn encode_revision(revision: Revision, tombstone: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(&revision.main.to_be_bytes());
    out.push(b'_');
    out.extend_from_slice(&revision.sub.to_be_bytes());
    if tombstone {
        out.push(b't');
    }
}

/// Encodes an `mvccpb.KeyValue` in protobuf. Of a tombstone etcd stores the key alone.
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
