//! Revoke a lease.

use super::{Actor, OperationKind};
use crate::rules::{Impossible, lease_id};
use serde::{Deserialize, Serialize};

/// Revoke a lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The lease.
    pub lease: i64,
}

impl OperationKind for Revoke {
    fn check(&self) -> Result<(), Impossible> {
        lease_id(self.lease)
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.revoke(self.lease).await {
            actor.saw(response.header.revision);
        }
    }
}
