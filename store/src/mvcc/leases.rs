//! Changes of leases, and what they do to keys.

use super::Store;
use super::backend_size::LEASE_BYTES;
use super::store::Applied;
use super::write::WriteTxn;
use crate::api::{
    Event, LeaseGrantRequest, LeaseGrantResponse, LeaseResponse, LeaseRevokeRequest, LeaseRevokeResponse,
    ResponseHeader,
};
use crate::error::Error;
use crate::lease::{LeaseAction, Lessor};

impl Store {
    /// The leases and the keys attached to them.
    pub fn leases(&self) -> &Lessor {
        &self.leases
    }

    /// Applies a committed change of leases. A checkpoint has no response of its own.
    pub fn apply_lease(&mut self, action: &LeaseAction) -> Applied<Option<LeaseResponse>> {
        let mut events = Vec::new();
        let result = match action {
            LeaseAction::Grant(grant) => self.grant(grant).map(|r| Some(LeaseResponse::Grant(r))),
            LeaseAction::Revoke(revoke) => {
                self.revoke(revoke, &mut events).map(|r| Some(LeaseResponse::Revoke(r)))
            }
            LeaseAction::Checkpoint(checkpoints) => {
                for checkpoint in checkpoints {
                    self.leases.checkpoint(checkpoint.id, checkpoint.remaining_ttl_s);
                }
                Ok(None)
            }
        };
        Applied { result, events, revision: self.revision }
    }

    fn grant(&mut self, grant: &LeaseGrantRequest) -> Result<LeaseGrantResponse, Error> {
        self.leases.grant(grant.id, grant.ttl_s)?;
        self.size.grow(LEASE_BYTES);
        let header = ResponseHeader::at(self.revision);
        Ok(LeaseGrantResponse { header, id: grant.id, ttl_s: grant.ttl_s })
    }

    /// Deletes the keys of the lease in their order, all in one revision.
    fn revoke(
        &mut self,
        revoke: &LeaseRevokeRequest,
        events: &mut Vec<Event>,
    ) -> Result<LeaseRevokeResponse, Error> {
        let lease = self.leases.remove(revoke.id)?;
        self.size.shrink(LEASE_BYTES);
        let mut txn = WriteTxn::begin(self, events);
        for key in &lease.keys {
            txn.delete(key);
        }
        Ok(LeaseRevokeResponse { header: ResponseHeader::at(self.revision) })
    }
}
