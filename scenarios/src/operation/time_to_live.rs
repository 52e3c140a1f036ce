//! Ask how long a lease still lives.

use super::{Actor, OperationKind};
use crate::rules::{Impossible, lease_id};
use serde::{Deserialize, Serialize};

/// Ask how long a lease still lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeToLive {
    /// The lease.
    pub lease: i64,
    /// List the attached keys, too.
    pub keys: bool,
}

impl OperationKind for TimeToLive {
    fn check(&self) -> Result<(), Impossible> {
        lease_id(self.lease)
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.time_to_live(self.lease, self.keys).await {
            actor.saw(response.header.revision);
        }
    }
}
