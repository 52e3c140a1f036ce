//! Write a key if it is absent; read it otherwise.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_store::api::CompareTarget;
use serde::{Deserialize, Serialize};

/// Write a key if it is absent; read it otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    Create { key: cx.key(), value: cx.value() }.into()
}

impl OperationKind for Create {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        actor.put_if(&self.key, CompareTarget::Version(0), &self.value).await;
    }
}
