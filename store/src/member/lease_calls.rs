//! What clients ask of leases.

use super::Member;
use super::command::{Action, Command, RequestId};
use super::waiting::Caller;
use crate::api::{LeaseLeasesResponse, LeaseRequest, LeaseResponse, ResponseHeader};
use crate::error::Error;
use crate::lease::{self, LeaseAction};
use crate::machine::{Output, Reply};

impl Member {
    pub(super) fn lease_call(
        &mut self,
        caller: Caller,
        request: LeaseRequest,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        match request {
            LeaseRequest::Grant(grant) => {
                let id = self.next_id();
                let grant = lease::settle(&grant, self.config.min_lease_ttl_s(), self.draw_lease_id(id));
                self.write(caller, Command { id, action: Action::Lease(LeaseAction::Grant(grant)) })
            }
            LeaseRequest::Revoke(revoke) => {
                let id = self.next_id();
                self.write(caller, Command { id, action: Action::Lease(LeaseAction::Revoke(revoke)) })
            }
            LeaseRequest::Leases(_) => {
                let header = ResponseHeader::at(self.state.store.revision());
                let leases = self.state.store.leases().iter().map(|(id, _)| id).collect();
                let response = LeaseResponse::Leases(LeaseLeasesResponse { header, leases });
                self.reply(caller, Ok(Reply::Lease(response)), out);
                Ok(())
            }
            // Only a leader that keeps the time of its leases can answer these: nobody does yet.
            LeaseRequest::KeepAlive(_) | LeaseRequest::TimeToLive(_) => Err(Error::NoLeader),
        }
    }

    fn draw_lease_id(&self, request: RequestId) -> i64 {
        lease::draw_id(self.config.election_seed, request.member, request.incarnation, request.sequence)
    }
}
