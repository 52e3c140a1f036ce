//! Write a key and read it as it was so many revisions before the newest the client has seen, in one txn.

use super::{Action, Actor, Draw, OperationKind, put};
use crate::rules::{Impossible, limits, texts};
use rand::Rng;
use revline_store::api::{RangeRequest, RequestOp, TxnRequest};
use serde::{Deserialize, Serialize};

/// Write a key and read it as it was so many revisions before the newest the client has seen, in one txn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookBack {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// The number of revisions.
    pub behind: u64,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    LookBack { key: cx.key(), value: cx.value(), behind: cx.generator.gen_range(0..100) }.into()
}

impl OperationKind for LookBack {
    fn check(&self) -> Result<(), Impossible> {
        limits::BEHIND.check(self.behind, "behind")?;
        texts([(&self.key, "key"), (&self.value, "value")])
    }

    async fn act(&self, actor: &mut Actor) {
        let get = RequestOp::Range(RangeRequest {
            key: self.key.as_str().into(),
            revision: actor.behind(self.behind).max(1),
            ..RangeRequest::default()
        });
        let success = vec![put(&self.key, &self.value), get];
        actor.txn(TxnRequest { success, ..TxnRequest::default() }).await;
    }
}
