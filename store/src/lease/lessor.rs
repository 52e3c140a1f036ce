//! The leases and their keys, as all members know them.

use std::collections::{BTreeMap, BTreeSet};

use super::grant::MAX_TTL_S;
use crate::bytes::Bytes;
use crate::error::Error;

/// A lease, without when it expires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// The TTL after each keepalive, in seconds.
    pub granted_ttl_s: i64,
    /// The remaining TTL at the last checkpoint, in seconds; 0 if there was none since it was granted or kept alive.
    pub remaining_ttl_s: i64,
    /// The keys attached to it.
    pub keys: BTreeSet<Bytes>,
}

/// All leases. Equal on members that applied the same entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessor {
    leases: BTreeMap<i64, Lease>,
}

impl Lessor {
    /// The lease with this id.
    pub fn get(&self, id: i64) -> Option<&Lease> {
        self.leases.get(&id)
    }

    /// All leases, by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Lease)> {
        self.leases.iter().map(|(&id, lease)| (id, lease))
    }

    /// The number of leases.
    pub fn len(&self) -> usize {
        self.leases.len()
    }

    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.leases.is_empty()
    }

    pub(crate) fn grant(&mut self, id: i64, ttl_s: i64) -> Result<(), Error> {
        if id == 0 {
            return Err(Error::LeaseNotFound);
        }
        if ttl_s > MAX_TTL_S {
            return Err(Error::LeaseTtlTooLarge);
        }
        if self.leases.contains_key(&id) {
            return Err(Error::LeaseExist);
        }
        self.leases.insert(id, Lease { granted_ttl_s: ttl_s, ..Lease::default() });
        Ok(())
    }

    /// Removes a lease; its keys are the caller's to delete.
    pub(crate) fn remove(&mut self, id: i64) -> Result<Lease, Error> {
        self.leases.remove(&id).ok_or(Error::LeaseNotFound)
    }

    /// Notes how long a lease still lives. One that is gone needs no note.
    pub(crate) fn checkpoint(&mut self, id: i64, remaining_ttl_s: i64) {
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.remaining_ttl_s = remaining_ttl_s;
        }
    }

    /// Moves a key from the lease `before` to `lease`. 0 is no lease.
    #[inline]
    pub(crate) fn move_key(&mut self, key: &Bytes, before: i64, lease: i64) {
        if before != lease {
            self.detach(key, before);
            self.attach(key, lease);
        }
    }

    fn detach(&mut self, key: &Bytes, id: i64) {
        // The lease is gone if the key is deleted because of that.
        if let Some(lease) = self.leases.get_mut(&id) {
            let attached = lease.keys.remove(key);
            debug_assert!(attached, "a key that names a lease is attached to it");
        }
    }

    fn attach(&mut self, key: &Bytes, id: i64) {
        if id != 0 {
            let lease = self.leases.get_mut(&id);
            debug_assert!(lease.is_some(), "a put with an unknown lease is refused");
            if let Some(lease) = lease {
                lease.keys.insert(key.clone());
            }
        }
    }
}
