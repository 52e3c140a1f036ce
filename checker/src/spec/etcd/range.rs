//! The keys that a range shows (etcd: `txn/range.go`, `executeRange`).

use super::keys::Keys;
use crate::bytes::Bytes;
use crate::history::{Header, KeyValue, RangeRequest, RangeResponse, SortOrder, SortTarget};
use std::cmp::Ordering;

/// All that `request` finds in `keys`, filtered and sorted; where the limit cuts before the sort, one key more than
/// the limit. [`cut`] makes an answer of it.
pub(super) fn found(request: &RangeRequest, keys: &Keys, header: Header) -> RangeResponse {
    let mut kvs = Vec::new();
    let mut count = 0;
    keys.visit(&request.key, &request.range_end, &mut |kv| {
        count += 1;
        if !request.count_only && passes(request, kv) {
            kvs.push(kv.clone());
        }
    });
    if cuts_before_sorting(request) {
        kvs.truncate(limit(request).saturating_add(1));
    }
    sort(request, &mut kvs);
    RangeResponse { header, kvs, more: false, count }
}

/// Makes an answer of what was [`found`]: no more than the limit, without values if only keys were asked for.
pub(super) fn cut(request: &RangeRequest, found: &mut RangeResponse) {
    let limit = limit(request);
    found.more = found.kvs.len() > limit;
    found.kvs.truncate(limit);
    if request.keys_only {
        found.kvs.iter_mut().for_each(|kv| kv.value = Bytes::default());
    }
}

/// The most keys of an answer.
pub(super) fn limit(request: &RangeRequest) -> usize {
    usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX)
}

/// True if the limit cuts in the order of the keys, before anything is sorted: a sort target alone is no order, and
/// only an order or a filter makes etcd look at everything.
fn cuts_before_sorting(request: &RangeRequest) -> bool {
    request.sort_order == SortOrder::None
        && request.min_mod_revision == 0
        && request.max_mod_revision == 0
        && request.min_create_revision == 0
        && request.max_create_revision == 0
}

fn passes(request: &RangeRequest, kv: &KeyValue) -> bool {
    let within = |value, min, max| (min == 0 || value >= min) && (max == 0 || value <= max);
    within(kv.mod_revision, request.min_mod_revision, request.max_mod_revision)
        && within(kv.create_revision, request.min_create_revision, request.max_create_revision)
}

fn sort(request: &RangeRequest, kvs: &mut [KeyValue]) {
    let target = request.sort_target;
    match request.sort_order {
        SortOrder::Descend => kvs.sort_by(|one, other| by(target, other, one)),
        SortOrder::Ascend | SortOrder::None => kvs.sort_by(|one, other| by(target, one, other)),
    }
}

/// The order of two keys by what a range is sorted by.
pub(super) fn by(target: SortTarget, one: &KeyValue, other: &KeyValue) -> Ordering {
    match target {
        SortTarget::Key => one.key.cmp(&other.key),
        SortTarget::Version => one.version.cmp(&other.version),
        SortTarget::Create => one.create_revision.cmp(&other.create_revision),
        SortTarget::Mod => one.mod_revision.cmp(&other.mod_revision),
        SortTarget::Value => one.value.cmp(&other.value),
    }
}
