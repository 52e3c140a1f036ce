//! What the files of a report hold, as etcd's robustness tests write it.
//!
//! etcd: `tests/robustness/report/client.go`, `tests/robustness/model/{types,watch,deterministic}.go`, in the
//! versions of 2023 to 2025: fields came and went, so each may be missing or null.

use serde::Deserialize;

/// A line of `operations.json`: porcupine's `Operation` of an `EtcdRequest` and a `MaybeEtcdResponse`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Operation {
    pub client_id: u32,
    pub input: Input,
    pub call: i64,
    #[serde(default)]
    pub output: Output,
    #[serde(default)]
    pub r#return: i64,
}

/// `EtcdRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    pub r#type: String,
    pub range: Option<Range>,
    pub txn: Option<Txn>,
    pub lease_revoke: Option<Lease>,
    pub compact: Option<Compact>,
}

/// `RangeOptions` and `RangeRequest`. Before `Start` and `End` there were `Key` and `WithPrefix`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Range {
    pub start: String,
    pub end: String,
    pub key: String,
    pub with_prefix: bool,
    pub limit: i64,
    pub revision: i64,
}

/// `TxnRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Txn {
    pub conditions: Option<Vec<Condition>>,
    pub operations_on_success: Option<Vec<Op>>,
    pub operations_on_failure: Option<Vec<Op>>,
}

/// `EtcdCondition`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Condition {
    pub key: String,
    #[serde(default)]
    pub expected_revision: i64,
    #[serde(default)]
    pub expected_version: i64,
}

/// `EtcdOperation`. Once it had the fields of all its sorts itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Op {
    pub r#type: String,
    pub range: Option<Range>,
    pub put: Option<Put>,
    pub delete: Option<Delete>,
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub with_prefix: bool,
    #[serde(default)]
    pub limit: i64,
    pub value: Option<ValueOrHash>,
    #[serde(default, rename = "LeaseID")]
    pub lease_id: i64,
}

/// `PutOptions`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Put {
    pub key: String,
    pub value: ValueOrHash,
    #[serde(rename = "LeaseID")]
    pub lease_id: i64,
}

/// `DeleteOptions`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Delete {
    pub key: String,
}

/// `LeaseRevokeRequest`.
#[derive(Debug, Deserialize)]
pub(super) struct Lease {
    #[serde(rename = "LeaseID")]
    pub lease_id: i64,
}

/// `CompactRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Compact {
    pub revision: i64,
}

/// `ValueOrHash`: a value of 20 bytes or more is kept as its hash.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ValueOrHash {
    pub value: String,
    pub hash: u32,
}

/// `MaybeEtcdResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Output {
    pub range: Option<Found>,
    pub txn: Option<TxnResult>,
    pub revision: i64,
    pub client_error: String,
    pub error: String,
    /// Once: it took effect, at `revision`.
    pub partial_response: bool,
    /// Since: it took effect, at `persisted_revision` if that is not 0.
    pub persisted: bool,
    pub persisted_revision: i64,
}

/// `TxnResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct TxnResult {
    pub failure: bool,
    pub results: Option<Vec<Found>>,
}

/// `RangeResponse` and `EtcdOperationResult`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Found {
    #[serde(rename = "KVs")]
    pub kvs: Option<Vec<Kv>>,
    pub count: i64,
    pub deleted: i64,
}

/// `KeyValue` and `ValueRevision`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Kv {
    pub key: String,
    pub value: ValueOrHash,
    pub mod_revision: i64,
    pub version: i64,
}

/// A line of `watch.json`: `WatchOperation`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Watch {
    pub request: WatchRequest,
    #[serde(default)]
    pub responses: Option<Vec<WatchResponse>>,
}

/// `WatchRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WatchRequest {
    pub key: String,
    pub revision: i64,
    pub with_prefix: bool,
    pub with_progress_notify: bool,
    #[serde(rename = "WithPrevKV")]
    pub with_prev_kv: bool,
}

/// `WatchResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WatchResponse {
    pub events: Option<Vec<Event>>,
    pub is_progress_notify: bool,
    pub revision: i64,
    pub time: i64,
    pub error: String,
}

/// `WatchEvent`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    pub r#type: String,
    pub key: String,
    #[serde(default)]
    pub value: ValueOrHash,
    pub revision: i64,
    #[serde(default)]
    pub is_create: bool,
    pub prev_value: Option<Kv>,
}
