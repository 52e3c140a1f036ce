//! Reading keys, now or in the past (`etcdserver/txn/range.go`).

use std::cmp::Ordering;
use std::sync::Arc;

use super::key_index::KeyIndex;
use crate::api::{KeyValue, RangeRequest, RangeResponse, SortOrder, SortTarget};
use crate::bytes::Bytes;
use crate::key_range::KeyRange;

impl KeyIndex {
    /// Reads at a revision that is neither compacted nor in the future. The header is the caller's to fill in.
    pub fn range(&self, request: &RangeRequest, revision: i64) -> RangeResponse {
        let range = KeyRange::new(&request.key, &request.range_end);
        let mut response = RangeResponse::default();
        if request.count_only {
            response.count = self.keys_at(&range, revision).count() as i64;
            return response;
        }

        // A negative limit is none.
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0);
        // An order and a filter need to see everything; otherwise one more than asked for shows if there are more.
        // As in etcd, a sort target without an order sorts only the keys within the limit.
        let keep = match limit {
            Some(limit) if !orders(request) && !filters(request) => limit.saturating_add(1),
            _ => usize::MAX,
        };
        let mut kvs = Vec::new();
        for kv in self.keys_at(&range, revision) {
            response.count += 1;
            if kvs.len() < keep && passes(request, kv) {
                kvs.push(kv.clone());
            }
        }
        sort(request, &mut kvs);
        if let Some(limit) = limit
            && kvs.len() > limit
        {
            kvs.truncate(limit);
            response.more = true;
        }
        if request.keys_only {
            for kv in &mut kvs {
                *kv = Arc::new(KeyValue { value: Bytes::default(), ..KeyValue::clone(kv) });
            }
        }
        response.kvs = kvs;
        response
    }
}

fn orders(request: &RangeRequest) -> bool {
    request.sort_order != SortOrder::None
}

fn filters(request: &RangeRequest) -> bool {
    request.min_mod_revision != 0
        || request.max_mod_revision != 0
        || request.min_create_revision != 0
        || request.max_create_revision != 0
}

fn passes(request: &RangeRequest, kv: &KeyValue) -> bool {
    let within =
        |revision: i64, min: i64, max: i64| (min == 0 || revision >= min) && (max == 0 || revision <= max);
    within(kv.mod_revision, request.min_mod_revision, request.max_mod_revision)
        && within(kv.create_revision, request.min_create_revision, request.max_create_revision)
}

/// Ties stay in the order of keys.
fn sort(request: &RangeRequest, kvs: &mut [Arc<KeyValue>]) {
    let by: fn(&Arc<KeyValue>, &Arc<KeyValue>) -> Ordering = match request.sort_target {
        // They come in the order of keys.
        SortTarget::Key if request.sort_order != SortOrder::Descend => return,
        SortTarget::Key => |a, b| a.key.cmp(&b.key),
        SortTarget::Version => |a, b| a.version.cmp(&b.version),
        SortTarget::Create => |a, b| a.create_revision.cmp(&b.create_revision),
        SortTarget::Mod => |a, b| a.mod_revision.cmp(&b.mod_revision),
        SortTarget::Value => |a, b| a.value.cmp(&b.value),
        SortTarget::Unrecognized(_) => return,
    };
    match request.sort_order {
        SortOrder::Descend => kvs.sort_by(|a, b| by(b, a)),
        SortOrder::None | SortOrder::Ascend | SortOrder::Unrecognized(_) => kvs.sort_by(by),
    }
}
