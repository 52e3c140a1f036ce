//! Compare everything there is from a key on, write, and read it in a txn within the txn.

use super::{Action, Actor, Draw, OperationKind, put};
use crate::keys::FROM_KEY;
use crate::rules::{Impossible, texts};
use revline_store::api::{Compare, CompareResult, CompareTarget, RangeRequest, RequestOp, TxnRequest};
use serde::{Deserialize, Serialize};

/// If everything there is from a key on was written, write the key and read everything in a txn within the txn; read
/// everything otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareFrom {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    CompareFrom { key: cx.key(), value: cx.value() }.into()
}

impl OperationKind for CompareFrom {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        let compare = Compare {
            key: self.key.as_str().into(),
            range_end: FROM_KEY.into(),
            result: CompareResult::Greater,
            target: CompareTarget::Version(0),
        };
        let all = || {
            RequestOp::Range(RangeRequest {
                key: self.key.as_str().into(),
                range_end: FROM_KEY.into(),
                ..RangeRequest::default()
            })
        };
        let inner = TxnRequest { success: vec![all()], ..TxnRequest::default() };
        let success = vec![put(&self.key, &self.value), RequestOp::Txn(inner)];
        actor.txn(TxnRequest { compare: vec![compare], success, failure: vec![all()] }).await;
    }
}
