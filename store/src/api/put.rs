//! Writing one key.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{KeyValue, ResponseHeader};
use crate::bytes::Bytes;

/// `etcdserverpb.PutRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PutRequest {
    /// The key.
    pub key: Bytes,
    /// The value.
    pub value: Bytes,
    /// The lease to attach the key to; 0 detaches it.
    pub lease: i64,
    /// Answer with the version before.
    pub prev_kv: bool,
    /// Keep the value the key has.
    pub ignore_value: bool,
    /// Keep the lease the key has.
    pub ignore_lease: bool,
}

/// `etcdserverpb.PutResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PutResponse {
    /// The revision of the write.
    pub header: ResponseHeader,
    /// The version before, if asked for and existent.
    pub prev_kv: Option<Arc<KeyValue>>,
}
