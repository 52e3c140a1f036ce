//! Campaign, and proclaim once elected.

use super::tenant::Office;
use super::{Actor, OperationKind, Tenure};
use crate::rules::Impossible;
use serde::{Deserialize, Serialize};

/// Campaign, and proclaim once elected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead(pub Tenure);

impl OperationKind for Lead {
    fn check(&self) -> Result<(), Impossible> {
        self.0.check().map_err(|wrong| wrong.within("lead"))
    }

    fn uses_leases(&self) -> bool {
        true
    }

    async fn act(&self, actor: &mut Actor) {
        actor.tenant.serve(Office::Leadership, &self.0).await;
    }
}
