//! Take a lock, and write under its protection.

use super::tenant::Office;
use super::{Actor, OperationKind, Tenure};
use crate::rules::Impossible;
use serde::{Deserialize, Serialize};

/// Take a lock, and write under its protection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock(pub Tenure);

impl OperationKind for Lock {
    fn check(&self) -> Result<(), Impossible> {
        self.0.check().map_err(|wrong| wrong.within("lock"))
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        actor.tenant.serve(Office::Lock, &self.0).await;
    }
}
