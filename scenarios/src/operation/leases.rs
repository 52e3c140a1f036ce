//! List the leases.

use super::{Actor, OperationKind};
use crate::rules::Impossible;

/// List the leases.
pub struct Leases;

impl OperationKind for Leases {
    fn check(&self) -> Result<(), Impossible> {
        Ok(())
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.leases().await {
            actor.saw(response.header.revision);
        }
    }
}
