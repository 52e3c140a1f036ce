//! Delete one key and write another in one txn.

use super::{Action, Actor, Draw, OperationKind, every_key, put};
use crate::rules::{Impossible, texts};
use revline_store::api::{DeleteRangeRequest, RequestOp, TxnRequest};
use serde::{Deserialize, Serialize};

/// Delete one key and write another in one txn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// The key to delete.
    pub from: String,
    /// The key to write.
    pub to: String,
    /// The value.
    pub value: String,
}

/// Of a single key there is no other: it is written.
pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    if cx.keys < 2 {
        return put::draw(cx);
    }
    let keys = cx.several_keys();
    Replace { from: keys[0].clone(), to: keys[1].clone(), value: cx.value() }.into()
}

impl OperationKind for Replace {
    fn check(&self) -> Result<(), Impossible> {
        texts([(&self.from, "from"), (&self.to, "to"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        let delete = RequestOp::DeleteRange(DeleteRangeRequest {
            key: self.from.as_str().into(),
            ..DeleteRangeRequest::default()
        });
        let success = vec![delete, put(&self.to, &self.value), every_key()];
        actor.txn(TxnRequest { success, ..TxnRequest::default() }).await;
    }
}
