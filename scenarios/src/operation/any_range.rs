//! Read as any field of a range asks.

use super::api::{Feature, Relative, any_range, no_bytes};
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, bytes};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_store::api::{RangeRequest, Request, Response, SortOrder, SortTarget};
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Read as any field of a range asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyRange {
    /// The first key.
    pub key: Bytes,
    /// The end; empty for the key alone, `"\0"` for none.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub range_end: Bytes,
    /// The most keys to return; 0 means all.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub limit: i64,
    /// The revision to read at; 0 means the current one.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) revision: Relative,
    /// The order.
    #[serde(default, skip_serializing_if = "is_unordered")]
    pub sort_order: SortOrder,
    /// The field that is ordered by.
    #[serde(default, skip_serializing_if = "is_by_key")]
    pub sort_target: SortTarget,
    /// From the member's own state.
    #[serde(default, skip_serializing_if = "is_false")]
    pub serializable: bool,
    /// Without values.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keys_only: bool,
    /// Without keys.
    #[serde(default, skip_serializing_if = "is_false")]
    pub count_only: bool,
    /// The least `mod_revision`.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) min_mod_revision: Relative,
    /// The greatest `mod_revision`.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) max_mod_revision: Relative,
    /// The least `create_revision`.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) min_create_revision: Relative,
    /// The greatest `create_revision`.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) max_create_revision: Relative,
}

pub(super) fn is_zero(number: &i64) -> bool {
    *number == 0
}

pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_unordered(order: &SortOrder) -> bool {
    *order == SortOrder::default()
}

fn is_by_key(target: &SortTarget) -> bool {
    *target == SortTarget::default()
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    AnyRange::draw(cx).into()
}

impl AnyRange {
    pub(super) fn draw(cx: &mut Draw<'_>) -> AnyRange {
        let (key, range_end) = any_range(cx);
        let mut range = AnyRange { key, range_end, ..AnyRange::default() };
        if cx.often(Feature::Limit) {
            range.limit = [1, 1, 2, 3, 100, -1].choose(cx.generator).copied().unwrap_or_default();
        }
        if cx.often(Feature::PastRevision) {
            range.revision = match cx.generator.gen_range(0..10) {
                0 => Relative::Exactly(1),
                1 => Relative::Exactly(-1),
                2 => Relative::Behind(-cx.generator.gen_range(1..40)),
                _ => Relative::Behind(cx.generator.gen_range(0..40)),
            };
        }
        if cx.often(Feature::Sort) {
            let orders = [SortOrder::None, SortOrder::Ascend, SortOrder::Descend];
            let targets = [
                SortTarget::Key,
                SortTarget::Version,
                SortTarget::Create,
                SortTarget::Mod,
                SortTarget::Value,
            ];
            range.sort_order = orders.choose(cx.generator).copied().unwrap_or_default();
            range.sort_target = targets.choose(cx.generator).copied().unwrap_or_default();
            if cx.seldom(Feature::Invalid) {
                match cx.generator.gen_bool(0.5) {
                    true => range.sort_order = SortOrder::Unrecognized(7),
                    false => range.sort_target = SortTarget::Unrecognized(-1),
                }
            }
        }
        range.serializable = cx.often(Feature::Serializable);
        range.keys_only = cx.often(Feature::KeysOnly);
        range.count_only = cx.often(Feature::CountOnly) && cx.generator.gen_bool(0.5);
        if cx.often(Feature::RevisionFilters) {
            for bound in [
                &mut range.min_mod_revision,
                &mut range.max_mod_revision,
                &mut range.min_create_revision,
                &mut range.max_create_revision,
            ] {
                if cx.generator.gen_bool(0.4) {
                    *bound = Relative::Behind(cx.generator.gen_range(-2..30));
                }
            }
        }
        if cx.seldom(Feature::Invalid) {
            range.key = Bytes::default();
        }
        range
    }

    pub(super) fn request(&self, actor: &Actor) -> RangeRequest {
        let at = |revision: Relative| revision.at(actor.behind(0));
        RangeRequest {
            key: self.key.clone(),
            range_end: self.range_end.clone(),
            limit: self.limit,
            revision: at(self.revision),
            sort_order: self.sort_order,
            sort_target: self.sort_target,
            serializable: self.serializable,
            keys_only: self.keys_only,
            count_only: self.count_only,
            min_mod_revision: at(self.min_mod_revision),
            max_mod_revision: at(self.max_mod_revision),
            min_create_revision: at(self.min_create_revision),
            max_create_revision: at(self.max_create_revision),
        }
    }
}

impl OperationKind for AnyRange {
    fn check(&self) -> Result<(), Impossible> {
        bytes([(&self.key, "key"), (&self.range_end, "range_end")])?;
        for (revision, field) in [
            (self.revision, "revision"),
            (self.min_mod_revision, "min_mod_revision"),
            (self.max_mod_revision, "max_mod_revision"),
            (self.min_create_revision, "min_create_revision"),
            (self.max_create_revision, "max_create_revision"),
        ] {
            revision.check(field)?;
        }
        Ok(())
    }

    async fn act(&self, actor: &mut Actor) {
        let request = Request::Range(self.request(actor));
        if let Ok(Response::Range(response)) = actor.client.call(request).await {
            actor.saw(response.header.revision);
            actor.saw_keys(&response.kvs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::api::Features;
    use revline_sim::entropy::{Generator, generator};

    /// Ranges that are drawn with these features.
    fn drawn(features: impl Fn(&mut Generator) -> Features) -> Vec<AnyRange> {
        let mut generator = generator(0, "ranges");
        (0..400)
            .map(|_| {
                let features = features(&mut generator);
                AnyRange::draw(&mut Draw::of_reader(4, features, &mut generator))
            })
            .collect()
    }

    #[test]
    fn a_run_has_the_fields_of_its_features_and_no_others() {
        let none = drawn(|_| Features::NONE);
        for range in &none {
            let plain = AnyRange { key: range.key.clone(), ..AnyRange::default() };
            assert_eq!(*range, plain);
        }
        let all = drawn(|_| Features::ALL);
        type IsSet = fn(&AnyRange) -> bool;
        let shares: [(&str, IsSet); 9] = [
            ("limit", |range| range.limit != 0),
            ("range_end", |range| !range.range_end.is_empty()),
            ("revision", |range| !range.revision.is_unset()),
            ("sort_order", |range| range.sort_order == SortOrder::Descend),
            ("sort_target", |range| range.sort_target == SortTarget::Value),
            ("serializable", |range| range.serializable),
            ("keys_only", |range| range.keys_only),
            ("count_only", |range| range.count_only),
            ("max_create_revision", |range| !range.max_create_revision.is_unset()),
        ];
        for (field, is_set) in shares {
            let set = all.iter().filter(|range| is_set(range)).count();
            assert!((10..390).contains(&set), "{field}: {set} of 400");
        }
    }
}
