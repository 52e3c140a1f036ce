//! Permissions without intervals: for each key of a small universe, its readability and writability.
//!
//! The universe holds every key and every bound that is ever drawn, and after each of them one key that is never
//! drawn. So every key between two of them is like one that is in it; and the last one is greater than all others,
//! like everything that a range without an end reaches.

use crate::draw::BYTES;
use revline_store::api::{
    DeleteRangeRequest, PermissionType, PutRequest, RangeRequest, Request, RequestOp, TxnRequest,
};
use revline_store::bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// The permissions of a role, in the order in which they were granted.
#[derive(Default)]
pub struct Granted(pub Vec<((Bytes, Bytes), PermissionType)>);

impl Granted {
    /// Of a key that was granted before with the same end, and with no other before that, the permission changes;
    /// otherwise there is one more.
    pub fn grant(&mut self, range: (Bytes, Bytes), permission: PermissionType) {
        match self.0.iter_mut().find(|(granted, _)| granted.0 == range.0) {
            Some((granted, of)) if *granted == range => *of = permission,
            _ => self.0.push((range, permission)),
        }
    }

    /// False if there is nothing to take away.
    pub fn revoke(&mut self, range: &(Bytes, Bytes)) -> bool {
        let before = self.0.len();
        self.0.retain(|(granted, _)| granted != range);
        self.0.len() < before
    }
}

#[derive(Default)]
pub struct Reference {
    pub roles: BTreeMap<&'static str, Granted>,
    pub users: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// Returns true if a key lies in the range of `key` and `end`.
fn is_in(key: &Bytes, end: &Bytes, one: &[u8]) -> bool {
    match end.as_slice() {
        [] => one == key.as_slice(),
        [0] => one >= key.as_slice(),
        end => one >= key.as_slice() && one < end,
    }
}

fn universe() -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for first in BYTES {
        keys.push(vec![first]);
        for second in BYTES {
            keys.extend([vec![first, second], vec![first, second, 0]]);
        }
    }
    keys
}

impl Reference {
    fn may(&self, user: &str, wanted: PermissionType, one: &[u8]) -> bool {
        let roles = self.users[user].iter().filter_map(|role| self.roles.get(role));
        let granted = roles.flat_map(|granted| &granted.0);
        let mut ranges = granted.filter(|(_, of)| *of == wanted || *of == PermissionType::ReadWrite);
        ranges.any(|((key, end), _)| is_in(key, end, one))
    }

    /// Returns true if all keys of a range may be read, or written. One without keys needs its first.
    pub fn allows(&self, user: &str, wanted: PermissionType, key: &Bytes, end: &Bytes) -> bool {
        let touched: Vec<Vec<u8>> = universe().into_iter().filter(|one| is_in(key, end, one)).collect();
        if touched.is_empty() {
            return self.may(user, wanted, key);
        }
        touched.iter().all(|one| self.may(user, wanted, one))
    }

    /// Returns true if a request may be made, while these keys go with the lease.
    pub fn allows_request(&self, user: &str, request: &Request, leased: &BTreeSet<Bytes>) -> bool {
        match request {
            Request::Range(range) => self.allows_read(user, range),
            Request::Put(put) => self.allows_put(user, put, leased),
            Request::DeleteRange(delete) => self.allows_delete(user, delete),
            Request::Txn(txn) => self.allows_txn(user, txn, leased),
            Request::Compaction(_) => false,
        }
    }

    fn allows_read(&self, user: &str, range: &RangeRequest) -> bool {
        self.allows(user, PermissionType::Read, &range.key, &range.range_end)
    }

    fn allows_put(&self, user: &str, put: &PutRequest, leased: &BTreeSet<Bytes>) -> bool {
        self.may(user, PermissionType::Write, &put.key)
            && (!put.prev_kv || self.may(user, PermissionType::Read, &put.key))
            && (put.lease == 0 || leased.iter().all(|key| self.may(user, PermissionType::Write, key)))
    }

    fn allows_delete(&self, user: &str, delete: &DeleteRangeRequest) -> bool {
        self.allows(user, PermissionType::Write, &delete.key, &delete.range_end)
            && (!delete.prev_kv || self.allows(user, PermissionType::Read, &delete.key, &delete.range_end))
    }

    fn allows_txn(&self, user: &str, txn: &TxnRequest, leased: &BTreeSet<Bytes>) -> bool {
        let compared = |compare: &revline_store::api::Compare| {
            self.allows(user, PermissionType::Read, &compare.key, &compare.range_end)
        };
        let op = |op: &RequestOp| match op {
            RequestOp::Range(range) => self.allows_read(user, range),
            RequestOp::Put(put) => self.allows_put(user, put, leased),
            RequestOp::DeleteRange(delete) => self.allows_delete(user, delete),
            RequestOp::Txn(nested) => self.allows_txn(user, nested, leased),
            RequestOp::Empty => true,
        };
        txn.compare.iter().all(compared) && txn.success.iter().chain(&txn.failure).all(op)
    }
}
