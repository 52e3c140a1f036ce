//! A sequential store with leases.

use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

/// A lease, in true time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) ttl_s: i64,
    /// The start of its current TTL, and the rate of the clock that measures it, in millionths.
    pub(super) begun_ns: u64,
    pub(super) rate_ppm: u64,
    /// The extension by a new leader.
    pub(super) extra_ns: u64,
    /// The number of this renewal: an earlier one ends nothing.
    pub(super) renewal: u64,
}

const SECOND_NS: u64 = 1_000_000_000;
const MILLION: u64 = 1_000_000;

impl Lease {
    /// The remaining time, in nanoseconds of the clock that measures it.
    pub(super) fn left_ns(&self, now_ns: u64) -> u64 {
        let passed_ns = u128::from(now_ns - self.begun_ns) * u128::from(self.rate_ppm) / u128::from(MILLION);
        self.whole_ns().saturating_sub(u64::try_from(passed_ns).unwrap_or(u64::MAX))
    }

    fn whole_ns(&self) -> u64 {
        u64::try_from(self.ttl_s).unwrap_or(0) * SECOND_NS + self.extra_ns
    }

    /// The end of its TTL, in true time.
    pub(super) fn over_ns(&self) -> u64 {
        let ns = u128::from(self.whole_ns()) * u128::from(MILLION) / u128::from(self.rate_ppm);
        self.begun_ns + u64::try_from(ns).unwrap_or(u64::MAX) + 1
    }
}

/// The keys and leases there are.
#[derive(Debug)]
pub(super) struct Lessor {
    pub(super) revision: Revision,
    pub(super) kvs: BTreeMap<Bytes, KeyValue>,
    pub(super) leases: BTreeMap<i64, Lease>,
    /// The changes of the newest revisions, for those who watch.
    pub(super) events: Vec<Event>,
}

impl Default for Lessor {
    fn default() -> Self {
        Lessor { revision: 1, kvs: BTreeMap::new(), leases: BTreeMap::new(), events: Vec::new() }
    }
}

impl Lessor {
    pub(super) fn put(&mut self, key: &Bytes, value: &Bytes, lease: i64, revision: Revision) {
        let before = self.kvs.get(key);
        let kv = KeyValue {
            key: key.clone(),
            value: value.clone(),
            create_revision: before.map_or(revision, |kv| kv.create_revision),
            mod_revision: revision,
            version: before.map_or(1, |kv| kv.version + 1),
            lease,
        };
        self.kvs.insert(key.clone(), kv.clone());
        self.events.push(Event { kind: EventKind::Put, kv, prev_kv: None, is_create: None });
        self.revision = revision;
    }

    pub(super) fn delete(&mut self, keys: Vec<Bytes>) -> i64 {
        let revision = self.revision + 1;
        let mut deleted = 0;
        for key in keys {
            if self.kvs.remove(&key).is_some() {
                deleted += 1;
                let kv = KeyValue { key, mod_revision: revision, ..KeyValue::default() };
                self.events.push(Event { kind: EventKind::Delete, kv, prev_kv: None, is_create: None });
                self.revision = revision;
            }
        }
        deleted
    }

    /// The keys that are attached to a lease.
    pub(super) fn keys_of(&self, lease: i64) -> Vec<Bytes> {
        self.kvs.values().filter(|kv| kv.lease == lease).map(|kv| kv.key.clone()).collect()
    }

    /// Ends a lease, and deletes its keys, but for one that is to be left.
    pub(super) fn end(&mut self, lease: i64, left: Option<&Bytes>) -> bool {
        let was_there = self.leases.remove(&lease).is_some();
        if was_there {
            let keys = self.keys_of(lease).into_iter().filter(|key| Some(key) != left).collect();
            self.delete(keys);
        }
        was_there
    }

    /// The key under a name that was created first.
    pub(super) fn first_under(&self, name: &Bytes) -> Option<&KeyValue> {
        let prefix = [name.as_slice(), b"/"].concat();
        let under = self.kvs.values().filter(|kv| kv.key.as_slice().starts_with(&prefix));
        under.min_by_key(|kv| kv.create_revision)
    }
}
