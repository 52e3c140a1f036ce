//! Read several keys in one txn.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, several};
use rand::Rng;
use revline_store::api::{RangeRequest, RequestOp, TxnRequest};
use serde::{Deserialize, Serialize};

/// Read several keys in one txn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadSeveral {
    /// The keys.
    pub keys: Vec<String>,
    /// From the member's own state.
    pub serializable: bool,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    ReadSeveral { keys: cx.several_keys(), serializable: cx.generator.gen_bool(0.3) }.into()
}

impl OperationKind for ReadSeveral {
    fn check(&self) -> Result<(), Impossible> {
        several(&self.keys)
    }

    async fn act(&self, actor: &mut Actor) {
        let get = |key: &String| {
            RequestOp::Range(RangeRequest {
                key: key.as_str().into(),
                serializable: self.serializable,
                ..RangeRequest::default()
            })
        };
        let success = self.keys.iter().map(get).collect();
        actor.txn(TxnRequest { success, ..TxnRequest::default() }).await;
    }
}
