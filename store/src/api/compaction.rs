//! Forgetting history.

use serde::{Deserialize, Serialize};

use super::ResponseHeader;

/// `etcdserverpb.CompactionRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CompactionRequest {
    /// The oldest revision that stays readable.
    pub revision: i64,
    /// Answer only when the member has removed the history from its storage.
    pub physical: bool,
}

/// `etcdserverpb.CompactionResponse`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CompactionResponse {
    /// The current revision: a compaction has none of its own.
    pub header: ResponseHeader,
}
