//! Write a key.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use serde::{Deserialize, Serialize};

/// Write a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    Put { key: cx.key(), value: cx.value() }.into()
}

impl OperationKind for Put {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(response) = actor.client.put(self.key.as_str(), self.value.as_str()).await {
            actor.saw_key(&self.key, response.header.revision, response.header.revision);
        }
    }
}
