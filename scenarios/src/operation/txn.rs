//! Sub-operations of the txns of several kinds.

use crate::keys::{END_OF_KEYS, FIRST_KEY};
use revline_store::api::{PutRequest, RangeRequest, RequestOp};

/// Writes a key.
pub(super) fn put(key: &str, value: &str) -> RequestOp {
    RequestOp::Put(PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() })
}

/// Reads every key of the workload.
pub(super) fn every_key() -> RequestOp {
    RequestOp::Range(RangeRequest {
        key: FIRST_KEY.into(),
        range_end: END_OF_KEYS.into(),
        ..RangeRequest::default()
    })
}
