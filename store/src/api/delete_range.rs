//! Deleting keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{KeyValue, ResponseHeader};
use crate::bytes::Bytes;

/// `etcdserverpb.DeleteRangeRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeleteRangeRequest {
    /// The key, or the first of a range.
    pub key: Bytes,
    /// Empty for one key, `"\0"` for no upper bound, else the first key not deleted.
    pub range_end: Bytes,
    /// Answer with the deleted keys and values.
    pub prev_kv: bool,
}

/// `etcdserverpb.DeleteRangeResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeleteRangeResponse {
    /// The revision of the deletion, or the current one if nothing was found.
    pub header: ResponseHeader,
    /// The number of deleted keys.
    pub deleted: i64,
    /// The deleted keys, if asked for.
    pub prev_kvs: Vec<Arc<KeyValue>>,
}
