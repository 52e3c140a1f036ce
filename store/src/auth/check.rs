//! The permissions that a request needs (etcd: `server/etcdserver/apply/auth.go`, `server/etcdserver/v3_server.go`).

use super::AuthStore;
use super::actor::Actor;
use crate::api::{
    Compare, DeleteRangeRequest, PermissionType, PutRequest, RangeRequest, Request, RequestOp, TxnRequest,
};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::lease::{Lease, Lessor};

/// One key, as the end of a range.
static ONE_KEY: std::sync::LazyLock<Bytes> = std::sync::LazyLock::new(Bytes::default);

impl AuthStore {
    /// Checks a request of the KV service, with the leases as they are when it is applied.
    pub(crate) fn permit_request(
        &self,
        actor: &Actor,
        request: &Request,
        leases: &Lessor,
    ) -> Result<(), Error> {
        if !self.is_enabled() {
            return Ok(());
        }
        match request {
            Request::Range(range) => self.permit_read(actor, range),
            Request::Put(put) => self.permit_put(actor, put, leases),
            Request::DeleteRange(delete) => self.permit_delete(actor, delete),
            Request::Txn(txn) => self.permit_txn(actor, txn, leases),
            // etcd looks when it is asked, not when it is applied.
            Request::Compaction(_) => self.permit_admin(actor),
        }
    }

    fn permit_read(&self, actor: &Actor, range: &RangeRequest) -> Result<(), Error> {
        self.permit_range(actor, PermissionType::Read, &range.key, &range.range_end)
    }

    fn permit_put(&self, actor: &Actor, put: &PutRequest, leases: &Lessor) -> Result<(), Error> {
        self.permit_range(actor, PermissionType::Write, &put.key, &ONE_KEY)?;
        // A user that may not delete the keys of the lease cannot revoke it, and must not attach more keys to it.
        if let Some(lease) = leases.get(put.lease) {
            self.permit_keys_of(actor, PermissionType::Write, lease)?;
        }
        if put.prev_kv {
            self.permit_range(actor, PermissionType::Read, &put.key, &ONE_KEY)?;
        }
        Ok(())
    }

    fn permit_delete(&self, actor: &Actor, delete: &DeleteRangeRequest) -> Result<(), Error> {
        self.permit_range(actor, PermissionType::Write, &delete.key, &delete.range_end)?;
        if delete.prev_kv {
            self.permit_range(actor, PermissionType::Read, &delete.key, &delete.range_end)?;
        }
        Ok(())
    }

    /// Checks both branches, whichever will be taken.
    fn permit_txn(&self, actor: &Actor, txn: &TxnRequest, leases: &Lessor) -> Result<(), Error> {
        for Compare { key, range_end, .. } in &txn.compare {
            self.permit_range(actor, PermissionType::Read, key, range_end)?;
        }
        for op in txn.success.iter().chain(&txn.failure) {
            match op {
                RequestOp::Range(range) => self.permit_read(actor, range)?,
                RequestOp::Put(put) => self.permit_put(actor, put, leases)?,
                RequestOp::DeleteRange(delete) => self.permit_delete(actor, delete)?,
                RequestOp::Txn(nested) => self.permit_txn(actor, nested, leases)?,
                RequestOp::Empty => {}
            }
        }
        Ok(())
    }

    /// Checks access to all keys attached to a lease. An administrator has it for any keys, at any auth revision.
    pub(crate) fn permit_keys_of(
        &self,
        actor: &Actor,
        wanted: PermissionType,
        lease: &Lease,
    ) -> Result<(), Error> {
        self.permit_keys(actor, wanted, lease.keys.iter())
    }

    /// Each of these keys, by the same rule.
    pub(crate) fn permit_keys<'a>(
        &self,
        actor: &Actor,
        wanted: PermissionType,
        mut keys: impl Iterator<Item = &'a Bytes>,
    ) -> Result<(), Error> {
        if self.permit_admin(actor).is_ok() {
            return Ok(());
        }
        keys.try_for_each(|key| self.permit_range(actor, wanted, key, &ONE_KEY))
    }
}
