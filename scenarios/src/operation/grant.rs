//! Grant a lease.

use super::{Actor, OperationKind};
use crate::rules::{Impossible, lease_id, limits};
use serde::{Deserialize, Serialize};

/// Grant a lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Its id.
    pub lease: i64,
    /// Its TTL, in seconds.
    pub ttl_s: i64,
}

impl OperationKind for Grant {
    fn check(&self) -> Result<(), Impossible> {
        lease_id(self.lease)?;
        limits::TTL_S.check_signed(self.ttl_s, "ttl_s")
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.grant_with_id(self.lease, self.ttl_s).await {
            actor.saw(response.header.revision);
        }
    }
}
