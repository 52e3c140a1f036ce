//! Compares of a txn.

use super::{Feature, Seen, any_key, lease_of_pool};
use crate::keys::{END_OF_KEYS, FIRST_KEY, FROM_KEY};
use crate::operation::{Actor, Draw};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_store::api::{Compare, CompareResult, CompareTarget, KeyValue};
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A compare of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnyCompare {
    /// The first key.
    pub key: Bytes,
    /// As in a range.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub range_end: Bytes,
    /// The result that it asks for.
    pub result: CompareResult,
    /// The part of the key that is compared, and its counterpart.
    pub target: Target,
}

/// The part of a key that is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// Its version.
    Version(Seen),
    /// The revision that created it.
    CreateRevision(Seen),
    /// The revision that changed it last.
    ModRevision(Seen),
    /// Its value.
    Value(Bytes),
    /// Its value, with that which the client saw last.
    LastValue,
    /// Its lease.
    Lease(i64),
}

pub(in super::super) fn no_bytes(bytes: &Bytes) -> bool {
    bytes.is_empty()
}

impl AnyCompare {
    pub(in super::super) fn draw(cx: &mut Draw<'_>) -> AnyCompare {
        let key = any_key(cx);
        let ranges = cx.features.has(Feature::RangeCompares) && cx.generator.gen_bool(0.4);
        let (key, range_end) = match cx.generator.gen_range(0..3) {
            0 if ranges => (FIRST_KEY.into(), END_OF_KEYS.into()),
            1 if ranges => (key, FROM_KEY.into()),
            2 if ranges => (key, any_key(cx)),
            _ => (key, Bytes::default()),
        };
        let results =
            [CompareResult::Equal, CompareResult::Greater, CompareResult::Less, CompareResult::NotEqual];
        let result = results.choose(cx.generator).copied().unwrap_or(CompareResult::Equal);
        let target = match cx.generator.gen_range(0..6) {
            0 => Target::Version(number(cx)),
            1 => Target::CreateRevision(number(cx)),
            2 => Target::ModRevision(number(cx)),
            3 => Target::Value(cx.value().into()),
            4 => Target::LastValue,
            _ if cx.generator.gen_bool(0.5) => Target::Lease(0),
            _ => Target::Lease(lease_of_pool(cx)),
        };
        AnyCompare { key, range_end, result, target }
    }

    pub(in super::super) fn compare(&self, actor: &Actor) -> Compare {
        let last = actor.last_of(&self.key);
        let of = |number: fn(&KeyValue) -> i64| last.map_or(0, number);
        let target = match &self.target {
            Target::Version(seen) => CompareTarget::Version(seen.at(of(|kv| kv.version))),
            Target::CreateRevision(seen) => {
                CompareTarget::CreateRevision(seen.at(of(|kv| kv.create_revision)))
            }
            Target::ModRevision(seen) => CompareTarget::ModRevision(seen.at(of(|kv| kv.mod_revision))),
            Target::Value(value) => CompareTarget::Value(value.clone()),
            Target::LastValue => CompareTarget::Value(last.map(|kv| kv.value.clone()).unwrap_or_default()),
            Target::Lease(lease) => CompareTarget::Lease(*lease),
        };
        Compare { key: self.key.clone(), range_end: self.range_end.clone(), result: self.result, target }
    }
}

/// Most often what was seen last, or next to it: far away every result is known beforehand.
fn number(cx: &mut Draw<'_>) -> Seen {
    match cx.generator.gen_range(0..8) {
        0..3 => Seen::Last(0),
        3 => Seen::Last(1),
        4 => Seen::Last(-1),
        5 => Seen::Exactly(0),
        6 => Seen::Exactly(1),
        _ => Seen::Exactly(cx.generator.gen_range(-1..6)),
    }
}
