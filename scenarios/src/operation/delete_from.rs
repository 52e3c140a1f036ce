//! Delete everything there is from a key on.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_sim::client::DeleteOptions;
use serde::{Deserialize, Serialize};

/// Delete everything there is from a key on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteFrom {
    /// The key.
    pub key: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    DeleteFrom { key: cx.key() }.into()
}

impl OperationKind for DeleteFrom {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key")])
    }

    async fn act(&self, actor: &mut Actor) {
        let options = DeleteOptions { from_key: true, ..DeleteOptions::default() };
        if let Ok(response) = actor.client.delete(self.key.as_str(), options).await {
            actor.saw(response.header.revision);
            actor.seen.split_off(&self.key);
        }
    }
}
