//! Write a key as any field of a put asks.

use super::any_range::{is_false, is_zero};
use super::api::{Feature, any_key, lease_of_pool};
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, bytes, limits};
use rand::Rng;
use revline_store::api::{PutRequest, Request, Response};
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Write a key as any field of a put asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyPut {
    /// The key.
    pub key: Bytes,
    /// The value, or how it begins.
    #[serde(default)]
    pub value: Bytes,
    /// The bytes that follow: large values do not fill plans.
    #[serde(default, skip_serializing_if = "none_more")]
    pub and_bytes: u32,
    /// The lease; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lease: i64,
    /// Answer with the version before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub prev_kv: bool,
    /// Keep the value the key has.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_value: bool,
    /// Keep the lease the key has.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_lease: bool,
}

fn none_more(bytes: &u32) -> bool {
    *bytes == 0
}

/// More than the 1.5 MiB that a request may have.
pub(super) const TOO_LARGE_BYTES: u32 = 1_600_000;

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    AnyPut::draw(cx).into()
}

/// Values of which some thousand revisions do not fit into one response.
pub(super) fn large(cx: &mut Draw<'_>) -> Action {
    let and_bytes = cx.generator.gen_range(30_000..300_000);
    AnyPut { key: cx.key().into(), value: cx.value().into(), and_bytes, ..AnyPut::default() }.into()
}

impl AnyPut {
    pub(super) fn draw(cx: &mut Draw<'_>) -> AnyPut {
        let mut put = AnyPut { key: any_key(cx), value: cx.value().into(), ..AnyPut::default() };
        if cx.often(Feature::EdgeValues) {
            match cx.generator.gen_range(0..20) {
                0..10 => put.value = Bytes::default(),
                10..17 => put.and_bytes = cx.generator.gen_range(1..400),
                17 | 18 => put.and_bytes = 20_000,
                _ if cx.seldom(Feature::Invalid) => put.and_bytes = TOO_LARGE_BYTES,
                _ => {}
            }
        }
        if cx.often(Feature::Lease) {
            put.lease = lease_of_pool(cx);
        }
        put.prev_kv = cx.often(Feature::PrevKv);
        if cx.often(Feature::IgnoreValue) && cx.generator.gen_bool(0.5) {
            put.ignore_value = true;
            if !cx.seldom(Feature::Invalid) {
                (put.value, put.and_bytes) = (Bytes::default(), 0);
            }
        }
        if cx.often(Feature::IgnoreLease) && cx.generator.gen_bool(0.5) {
            put.ignore_lease = true;
            if !cx.seldom(Feature::Invalid) {
                put.lease = 0;
            }
        }
        put
    }

    pub(super) fn request(&self) -> PutRequest {
        let value = if self.and_bytes == 0 {
            self.value.clone()
        } else {
            let mut value = self.value.as_slice().to_vec();
            value.resize(value.len() + self.and_bytes as usize, b'.');
            Bytes::from(value)
        };
        PutRequest {
            key: self.key.clone(),
            value,
            lease: self.lease,
            prev_kv: self.prev_kv,
            ignore_value: self.ignore_value,
            ignore_lease: self.ignore_lease,
        }
    }
}

impl OperationKind for AnyPut {
    fn check(&self) -> Result<(), Impossible> {
        bytes([(&self.key, "key"), (&self.value, "value")])?;
        limits::TEXT_BYTES.check(self.and_bytes.into(), "and_bytes")
    }

    async fn act(&self, actor: &mut Actor) {
        if let Ok(Response::Put(response)) = actor.client.call(Request::Put(self.request())).await {
            actor.saw(response.header.revision);
        }
    }
}
