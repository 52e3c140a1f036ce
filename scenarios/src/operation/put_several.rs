//! Write several keys in one txn, and read all of them in it.

use super::{Action, Actor, Draw, OperationKind, every_key, put};
use crate::rules::{Impossible, several, texts};
use revline_store::api::TxnRequest;
use serde::{Deserialize, Serialize};

/// Write several keys in one txn, and read all of them in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutSeveral {
    /// The keys.
    pub keys: Vec<String>,
    /// The value of each.
    pub value: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    PutSeveral { keys: cx.several_keys(), value: cx.value() }.into()
}

impl OperationKind for PutSeveral {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.value, "value")])?;
        several(&self.keys)
    }

    async fn act(&self, actor: &mut Actor) {
        let puts = self.keys.iter().map(|key| put(key, &self.value));
        let success = puts.chain([every_key()]).collect();
        actor.txn(TxnRequest { success, ..TxnRequest::default() }).await;
    }
}
