//! Read all keys from one on.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_sim::client::GetOptions;
use serde::{Deserialize, Serialize};

/// Read all keys from one on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFrom {
    /// The first key.
    pub key: String,
    /// From the member's own state.
    pub serializable: bool,
}

pub(super) fn linearizable(cx: &mut Draw<'_>) -> Action {
    ListFrom { key: cx.key(), serializable: false }.into()
}

pub(super) fn serializable(cx: &mut Draw<'_>) -> Action {
    ListFrom { key: cx.key(), serializable: true }.into()
}

impl OperationKind for ListFrom {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key")])
    }

    async fn act(&self, actor: &mut Actor) {
        let options = GetOptions { from_key: true, serializable: self.serializable, ..GetOptions::default() };
        if let Ok(response) = actor.client.get_with(self.key.as_str(), options).await {
            actor.saw(response.header.revision);
        }
    }
}
