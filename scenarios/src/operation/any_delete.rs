//! Delete as any field of a deletion asks.

use super::any_range::is_false;
use super::api::{Feature, any_range, no_bytes};
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, bytes};
use revline_store::api::{DeleteRangeRequest, Request, Response};
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Delete as any field of a deletion asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyDelete {
    /// The first key.
    pub key: Bytes,
    /// As in a range.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub range_end: Bytes,
    /// Answer with the versions before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub prev_kv: bool,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    AnyDelete::draw(cx).into()
}

impl AnyDelete {
    pub(super) fn draw(cx: &mut Draw<'_>) -> AnyDelete {
        let (key, range_end) = any_range(cx);
        let key = if cx.seldom(Feature::Invalid) { Bytes::default() } else { key };
        AnyDelete { key, range_end, prev_kv: cx.often(Feature::PrevKv) }
    }

    pub(super) fn request(&self) -> DeleteRangeRequest {
        let AnyDelete { key, range_end, prev_kv } = self.clone();
        DeleteRangeRequest { key, range_end, prev_kv }
    }
}

impl OperationKind for AnyDelete {
    fn check(&self) -> Result<(), Impossible> {
        bytes([(&self.key, "key"), (&self.range_end, "range_end")])
    }

    async fn act(&self, actor: &mut Actor) {
        let request = Request::DeleteRange(self.request());
        if let Ok(Response::DeleteRange(response)) = actor.client.call(request).await {
            actor.saw(response.header.revision);
        }
    }
}
