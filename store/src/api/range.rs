//! Reading keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{KeyValue, ResponseHeader};
use crate::bytes::Bytes;

/// `etcdserverpb.RangeRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RangeRequest {
    /// The key, or the first of a range.
    pub key: Bytes,
    /// Empty for one key, `"\0"` for no upper bound, else the first key not read.
    pub range_end: Bytes,
    /// At most this many keys; 0 or less for all.
    pub limit: i64,
    /// The revision to read at; 0 or less for the newest.
    pub revision: i64,
    /// In which order.
    pub sort_order: SortOrder,
    /// By which field.
    pub sort_target: SortTarget,
    /// Answered by the member alone, possibly stale.
    pub serializable: bool,
    /// Leave the values out.
    pub keys_only: bool,
    /// Only count.
    pub count_only: bool,
    /// Leave out keys last written before it, unless 0.
    pub min_mod_revision: i64,
    /// Leave out keys last written after it, unless 0.
    pub max_mod_revision: i64,
    /// Leave out keys created before it, unless 0.
    pub min_create_revision: i64,
    /// Leave out keys created after it, unless 0.
    pub max_create_revision: i64,
}

/// `etcdserverpb.RangeRequest.SortOrder`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortOrder {
    /// As the store finds them; ascending if the target is not the key.
    #[default]
    None,
    /// Smallest first.
    Ascend,
    /// Largest first.
    Descend,
    /// A number on the wire that names no order: refused.
    Unrecognized(i32),
}

/// `etcdserverpb.RangeRequest.SortTarget`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortTarget {
    /// The key.
    #[default]
    Key,
    /// The version.
    Version,
    /// The create revision.
    Create,
    /// The mod revision.
    Mod,
    /// The value.
    Value,
    /// A number on the wire that names no field: refused.
    Unrecognized(i32),
}

/// `etcdserverpb.RangeResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RangeResponse {
    /// The current revision, also for a read of the past.
    pub header: ResponseHeader,
    /// The keys and values found.
    pub kvs: Vec<Arc<KeyValue>>,
    /// True if the limit cut off further keys.
    pub more: bool,
    /// Keys in the range, regardless of the limit and the filters.
    pub count: i64,
}
