//! The interface of a kind of operation.

use super::Actor;
use crate::rules::Impossible;

/// A kind of operation, with the fields that a plan holds of it.
pub(crate) trait OperationKind {
    /// Refuses fields that no request can have. Fields are named within the operation.
    fn check(&self) -> Result<(), Impossible>;

    /// Returns true if it needs or makes a lease. Default no.
    fn uses_leases(&self) -> bool {
        false
    }

    /// Returns true if it says who the user root is. Default no.
    fn changes_root(&self) -> bool {
        false
    }

    /// Does it, and notes what came of it. What failed is in the history, and nothing to go on.
    async fn act(&self, actor: &mut Actor);
}
