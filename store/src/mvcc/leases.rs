//! Changes of leases, and their effects on keys.

use super::backend_size::LEASE_BYTES;
use super::write::WriteTxn;
use crate::api::{
    LeaseGrantRequest, LeaseGrantResponse, LeaseResponse, LeaseRevokeRequest, LeaseRevokeResponse,
    ResponseHeader,
};
use crate::error::Error;
use crate::lease::LeaseAction;

impl WriteTxn<'_> {
    /// Changes leases. A checkpoint has no response of its own.
    pub fn change_leases(&mut self, action: &LeaseAction) -> Result<Option<LeaseResponse>, Error> {
        match action {
            LeaseAction::Grant(grant) => self.grant(grant).map(|r| Some(LeaseResponse::Grant(r))),
            LeaseAction::Revoke(revoke) => self.revoke(revoke).map(|r| Some(LeaseResponse::Revoke(r))),
            LeaseAction::Checkpoint(checkpoints) => {
                for checkpoint in checkpoints {
                    self.store.leases.checkpoint(checkpoint.id, checkpoint.remaining_ttl_s);
                }
                Ok(None)
            }
        }
    }

    fn grant(&mut self, grant: &LeaseGrantRequest) -> Result<LeaseGrantResponse, Error> {
        self.store.leases.grant(grant.id, grant.ttl_s)?;
        self.store.size.grow(LEASE_BYTES);
        let header = ResponseHeader::at(self.store.revision);
        Ok(LeaseGrantResponse { header, id: grant.id, ttl_s: grant.ttl_s })
    }

    /// Deletes the keys of the lease in their order, all in one revision.
    fn revoke(&mut self, revoke: &LeaseRevokeRequest) -> Result<LeaseRevokeResponse, Error> {
        let lease = self.store.leases.remove(revoke.id)?;
        self.store.size.shrink(LEASE_BYTES);
        for key in &lease.keys {
            if self.store.index.newest(key).is_some() {
                self.delete(key);
            }
        }
        Ok(LeaseRevokeResponse { header: ResponseHeader::at(self.store.revision) })
    }
}
