//! Keep a lease alive.

use super::{Actor, OperationKind};
use crate::rules::{Impossible, lease_id};
use serde::{Deserialize, Serialize};

/// Keep a lease alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepAlive {
    /// The lease.
    pub lease: i64,
}

impl OperationKind for KeepAlive {
    fn check(&self) -> Result<(), Impossible> {
        lease_id(self.lease)
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.keep_alive_once(self.lease).await {
            actor.saw(response.header.revision);
        }
    }
}
