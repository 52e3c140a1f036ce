//! The files of a report, as etcd's robustness tests write them.
//!
//! etcd: `tests/robustness/report/client.go`, `tests/robustness/model/{types,watch,replay}.go`, in the versions of 2023
//! to 2026: fields came and went, so each may be missing or null. A field that is not here is not known. Those that
//! are known and not judged are marked so.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A line of `operations.json`: porcupine's `Operation` of an `EtcdRequest` and a `MaybeEtcdResponse`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Operation {
    #[serde(alias = "ClientID")]
    pub client_id: u32,
    pub input: Input,
    pub call: i64,
    #[serde(default)]
    pub output: Output,
    #[serde(default)]
    pub r#return: i64,
    /// Not judged: porcupine's page shows it, and it is the output once more.
    #[serde(default, rename = "Metadata")]
    _metadata: Option<Output>,
}

/// `EtcdRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Input {
    pub r#type: String,
    pub range: Option<Range>,
    pub txn: Option<Txn>,
    pub lease_grant: Option<Lease>,
    pub lease_revoke: Option<Lease>,
    pub compact: Option<Compact>,
    /// Not judged: it changes no key.
    #[serde(rename = "Defragment")]
    _defragment: Option<Nothing>,
}

/// `RangeOptions` and `RangeRequest`. Before `Start` and `End` there were `Key` and `WithPrefix`. A range that came in
/// a stream is written as any other.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Range {
    pub start: String,
    pub end: String,
    pub key: String,
    pub with_prefix: bool,
    pub limit: i64,
    pub keys_only: bool,
    pub revision: i64,
}

/// `TxnRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Txn {
    pub conditions: Option<Vec<Condition>>,
    pub operations_on_success: Option<Vec<Op>>,
    pub operations_on_failure: Option<Vec<Op>>,
}

/// `EtcdCondition`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Condition {
    pub key: String,
    #[serde(default)]
    pub expected_revision: i64,
    #[serde(default)]
    pub expected_version: i64,
}

/// `EtcdOperation`. Once it had the fields of all its sorts itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
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
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Put {
    pub key: String,
    pub value: ValueOrHash,
    #[serde(rename = "LeaseID")]
    pub lease_id: i64,
}

/// `DeleteOptions`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Delete {
    pub key: String,
}

/// `LeaseGrantRequest`, `LeaseRevokeRequest` and `LeaseGrantResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lease {
    #[serde(rename = "LeaseID")]
    pub lease_id: i64,
}

/// `DefragmentRequest` and responses that say nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// `CompactRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Compact {
    pub revision: i64,
}

/// `ValueOrHash`: a value of 20 bytes or more is kept as its hash.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct ValueOrHash {
    pub value: String,
    pub hash: u32,
}

/// `MaybeEtcdResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
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
    /// The member that answered; for a time it was a number.
    #[serde(rename = "member-id", alias = "MemberID")]
    pub member_id: Member,
    /// Not judged: the request has the id.
    #[serde(rename = "LeaseGrant")]
    _lease_grant: Option<Lease>,
    /// Not judged, as the next two: that it was answered is in `error`.
    #[serde(rename = "LeaseRevoke")]
    _lease_revoke: Option<Nothing>,
    #[serde(rename = "Defragment")]
    _defragment: Option<Nothing>,
    #[serde(rename = "Compact")]
    _compact: Option<Nothing>,
}

/// `MemberID`: hexadecimal digits in a text. 0 stands for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Member(pub u64);

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "the id of a member in hexadecimal, such as \"8e9e05c52164694d\"")]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Member(number)),
            Written::Text(text) => u64::from_str_radix(&text, 16).map(Member).map_err(|_| {
                D::Error::custom(format!(
                    "`{text}` is no id of a member: expected hexadecimal digits, such as `8e9e05c52164694d`"
                ))
            }),
        }
    }
}

/// `TxnResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct TxnResult {
    pub failure: bool,
    pub results: Option<Vec<Found>>,
}

/// `RangeResponse` and `EtcdOperationResult`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Found {
    #[serde(rename = "KVs")]
    pub kvs: Option<Vec<Kv>>,
    pub count: i64,
    pub deleted: i64,
}

/// `KeyValue` and `ValueRevision`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Kv {
    pub key: String,
    pub value: ValueOrHash,
    pub mod_revision: i64,
    pub version: i64,
}

/// A line of `watch.json`: `WatchOperation`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Watch {
    pub request: WatchRequest,
    pub responses: Option<Vec<WatchResponse>>,
}

/// `WatchRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
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
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct WatchResponse {
    pub events: Option<Vec<Event>>,
    pub is_progress_notify: bool,
    pub revision: i64,
    pub time: i64,
    pub error: String,
}

/// `WatchEvent`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Event {
    pub r#type: String,
    pub key: String,
    #[serde(default)]
    pub value: ValueOrHash,
    pub revision: i64,
    /// Left out where it is false, and by the forms that have none.
    pub is_create: Option<bool>,
    pub prev_value: Option<Kv>,
}
