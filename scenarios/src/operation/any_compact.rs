//! Compact as any field of a compaction asks.

use super::any_range::is_false;
use super::api::Relative;
use super::{Actor, OperationKind};
use crate::rules::Impossible;
use serde::{Deserialize, Serialize};

/// Compact as any field of a compaction asks: at 0, or below it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyCompact {
    /// The revision.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) revision: Relative,
    /// Answer once the space is free.
    #[serde(default, skip_serializing_if = "is_false")]
    pub physical: bool,
}

impl OperationKind for AnyCompact {
    fn check(&self) -> Result<(), Impossible> {
        self.revision.check("revision")
    }

    async fn act(&self, actor: &mut Actor) {
        let revision = self.revision.at(actor.behind(0));
        if let Ok(response) = actor.client.compact_with(revision, self.physical).await {
            actor.saw(response.header.revision);
        }
    }
}
