//! Delete a key.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_sim::client::DeleteOptions;
use serde::{Deserialize, Serialize};

/// Delete a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// The key.
    pub key: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    Delete { key: cx.key() }.into()
}

impl OperationKind for Delete {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key")])
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.delete(self.key.as_str(), DeleteOptions::default()).await {
            actor.saw_key(&self.key, response.header.revision, 0);
        }
    }
}
