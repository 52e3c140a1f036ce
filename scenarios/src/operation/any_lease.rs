//! Ask anything of a lease that clients share.

use super::api::lease_of_pool;
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::Impossible;
use rand::Rng;
use revline_store::api::{
    LeaseGrantRequest, LeaseKeepAliveRequest, LeaseLeasesRequest, LeaseRequest, LeaseRevokeRequest,
    LeaseTimeToLiveRequest,
};
use serde::{Deserialize, Serialize};

/// Ask anything of a lease that clients share. Its id may be any number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyLease {
    /// The request.
    pub request: LeaseRequest,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    // Now and then 0: the id that stands for none.
    let id = if cx.generator.gen_bool(0.05) { 0 } else { lease_of_pool(cx) };
    let request = match cx.generator.gen_range(0..12) {
        0..4 => {
            let ttl_s = match cx.generator.gen_range(0..20) {
                0 => 0,
                1 => -1,
                2 => i64::MAX,
                3 => 9_000_000_000,
                _ => cx.generator.gen_range(1..4),
            };
            LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id })
        }
        4 => LeaseRequest::Revoke(LeaseRevokeRequest { id }),
        5..8 => LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id }),
        8..11 => LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys: cx.generator.gen_bool(0.5) }),
        _ => LeaseRequest::Leases(LeaseLeasesRequest {}),
    };
    AnyLease { request }.into()
}

impl OperationKind for AnyLease {
    fn check(&self) -> Result<(), Impossible> {
        Ok(())
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.lease(self.request.clone()).await {
            actor.saw(response.header().revision);
        }
    }
}
