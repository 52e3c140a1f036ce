//! Write a key that goes with a lease.

use super::{Actor, OperationKind};
use crate::rules::{Impossible, lease_id, texts};
use serde::{Deserialize, Serialize};

/// Write a key that goes with a lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attach {
    /// The lease.
    pub lease: i64,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl OperationKind for Attach {
    fn check(&self) -> Result<(), Impossible> {
        lease_id(self.lease)?;
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        let (key, value) = (self.key.as_str(), self.value.as_str());
        if let Ok(response) = actor.client.put_with_lease(key, value, self.lease).await {
            actor.saw_key(&self.key, response.header.revision, response.header.revision);
        }
    }
}
