//! Write a key if its `mod_revision` is the one this client last saw; read it otherwise.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, texts};
use revline_store::api::CompareTarget;
use serde::{Deserialize, Serialize};

/// Write a key if its `mod_revision` is the one this client last saw; read it otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareAndSwap {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    CompareAndSwap { key: cx.key(), value: cx.value() }.into()
}

impl OperationKind for CompareAndSwap {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        let expected = actor.seen.get(&self.key).copied().unwrap_or(0);
        actor.put_if(&self.key, CompareTarget::ModRevision(expected), &self.value).await;
    }
}
