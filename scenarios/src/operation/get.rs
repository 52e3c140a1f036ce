//! Read a key.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_sim::client::GetOptions;
use serde::{Deserialize, Serialize};

/// Read a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// The key.
    pub key: String,
    /// From the member's own state.
    pub serializable: bool,
}

pub(super) fn linearizable(cx: &mut Draw<'_>) -> Action {
    Get { key: cx.key(), serializable: false }.into()
}

pub(super) fn serializable(cx: &mut Draw<'_>) -> Action {
    Get { key: cx.key(), serializable: true }.into()
}

impl OperationKind for Get {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key")])
    }

    async fn act(&self, actor: &mut Actor) {
        let options = GetOptions { serializable: self.serializable, ..GetOptions::default() };
        if let Ok(response) = actor.client.get_with(self.key.as_str(), options).await {
            let mod_revision = response.first().map_or(0, |kv| kv.mod_revision);
            actor.saw_key(&self.key, response.header.revision, mod_revision);
        }
    }
}
