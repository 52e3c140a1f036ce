//! The KV API of etcd as a client sees it (`api/etcdserverpb/rpc.proto`).

use super::auth::{AuthRequest, AuthResponse};
use super::election::{ElectionRequest, ElectionResponse};
use super::lease::{LeaseRequest, LeaseResponse};
use super::lock::{LockRequest, LockResponse};
use super::operation::MemberId;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A revision of the store. The first write of a new store makes revision 2.
pub type Revision = i64;

/// A request of the KV API, or of one of the APIs that act on its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Read keys.
    Range(RangeRequest),
    /// Write one key.
    Put(PutRequest),
    /// Delete a range of keys.
    Delete(DeleteRequest),
    /// Compare, then act: all in one revision.
    Txn(TxnRequest),
    /// Forget history before a revision.
    Compact(CompactRequest),
    /// Something about a lease.
    Lease(LeaseRequest),
    /// Something about a lock.
    Lock(LockRequest),
    /// Something about an election.
    Election(ElectionRequest),
    /// Something about who may do what.
    Auth(AuthRequest),
}

/// Read the keys in `[key, range_end)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct RangeRequest {
    /// The first key.
    pub key: Bytes,
    /// Empty: `key` alone. `"\0"`: every key from `key` on. Otherwise the first key not included.
    pub range_end: Bytes,
    /// The most keys to return; 0 means all.
    pub limit: i64,
    /// The revision to read at; 0 or less means the current one.
    pub revision: Revision,
    /// Answer from the member's own state, which may be old.
    pub serializable: bool,
    /// Return keys without values.
    pub keys_only: bool,
    /// Return the count alone.
    pub count_only: bool,
    /// The order of the result.
    pub sort_order: SortOrder,
    /// The order of the result.
    pub sort_target: SortTarget,
    /// Leave out keys with a lower `mod_revision`; 0 means no bound.
    pub min_mod_revision: Revision,
    /// Leave out keys with a higher `mod_revision`; 0 means no bound.
    pub max_mod_revision: Revision,
    /// Leave out keys with a lower `create_revision`; 0 means no bound.
    pub min_create_revision: Revision,
    /// Leave out keys with a higher `create_revision`; 0 means no bound.
    pub max_create_revision: Revision,
}

/// The order of a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortOrder {
    /// Unordered; ascending for every target but the key.
    #[default]
    None,
    /// Lowest first.
    Ascend,
    /// Highest first.
    Descend,
}

/// The field by which a range is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
}

/// Write one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct PutRequest {
    /// The key.
    pub key: Bytes,
    /// The new value.
    pub value: Bytes,
    /// The lease to attach the key to; 0 means none.
    pub lease: i64,
    /// Return the value before the put.
    pub prev_kv: bool,
    /// Keep the value, change the rest.
    pub ignore_value: bool,
    /// Keep the lease.
    pub ignore_lease: bool,
}

/// Delete the keys in `[key, range_end)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct DeleteRequest {
    /// The first key.
    pub key: Bytes,
    /// As in [`RangeRequest::range_end`].
    pub range_end: Bytes,
    /// Return what was deleted.
    pub prev_kv: bool,
}

/// Evaluate `compare`; run `success` if all of it holds, `failure` otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct TxnRequest {
    /// The conditions.
    pub compare: Vec<Compare>,
    /// Run when every condition holds. Ranges, puts, deletes and nested txns.
    pub success: Vec<Request>,
    /// Run otherwise.
    pub failure: Vec<Request>,
}

/// One condition of a txn.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// The key.
    pub key: Bytes,
    /// As in [`RangeRequest::range_end`]: every key in the range must pass.
    #[serde(default)]
    pub range_end: Bytes,
    /// The relation required of the key's field (left) and `target` (right).
    pub result: CompareResult,
    /// The field and what it is compared with.
    pub target: CompareTarget,
}

/// The relation a [`Compare`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareResult {
    /// `==`
    Equal,
    /// `>`
    Greater,
    /// `<`
    Less,
    /// `!=`
    NotEqual,
}

/// The field a [`Compare`] looks at, and the value to compare it with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareTarget {
    /// The number of puts since the key was created.
    Version(i64),
    /// The revision of the key's first put since it was last deleted.
    CreateRevision(Revision),
    /// The revision of the key's last put.
    ModRevision(Revision),
    /// The value.
    Value(Bytes),
    /// The lease id.
    Lease(i64),
}

/// Forget what only revisions before `revision` can see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct CompactRequest {
    /// The oldest revision that stays readable.
    pub revision: Revision,
    /// Wait until the compaction is physically done.
    pub physical: bool,
}

/// The header of every response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The member that answered; 0 inside a txn's responses.
    pub member: MemberId,
    /// The store's revision when the request was answered.
    pub revision: Revision,
    /// The member's Raft term; 0 where it is not known.
    #[serde(default)]
    pub term: u64,
}

/// A key and its value at some revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct KeyValue {
    /// The key.
    pub key: Bytes,
    /// The value; empty where only keys were asked for.
    pub value: Bytes,
    /// The revision of the first put since the key was last deleted.
    pub create_revision: Revision,
    /// The revision of the last put.
    pub mod_revision: Revision,
    /// The number of puts since the key was created.
    pub version: i64,
    /// The lease it is attached to; 0 means none.
    #[serde(skip_serializing_if = "is_zero")]
    pub lease: i64,
}

impl KeyValue {
    /// Stands for a create revision, version or lease that the recorder left out. etcd has no negative ones.
    pub const NOT_RECORDED: i64 = -1;

    /// True if both can be the same key at the same revision: what was recorded of both is equal.
    pub fn agrees(&self, other: &KeyValue) -> bool {
        let agree = |one: i64, other: i64| one == other || [one, other].contains(&KeyValue::NOT_RECORDED);
        self.mod_revision == other.mod_revision
            && agree(self.create_revision, other.create_revision)
            && agree(self.version, other.version)
            && agree(self.lease, other.lease)
            && self.key == other.key
            && self.value == other.value
    }

    /// True if two lists show the same keys in the same order, as far as was recorded.
    pub(crate) fn all_agree<'a>(
        some: impl IntoIterator<Item = &'a KeyValue, IntoIter: ExactSizeIterator>,
        others: impl IntoIterator<Item = &'a KeyValue, IntoIter: ExactSizeIterator>,
    ) -> bool {
        let (some, others) = (some.into_iter(), others.into_iter());
        some.len() == others.len() && some.zip(others).all(|(one, other)| one.agrees(other))
    }
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// To a range.
    Range(RangeResponse),
    /// To a put.
    Put(PutResponse),
    /// To a delete.
    Delete(DeleteResponse),
    /// To a txn.
    Txn(TxnResponse),
    /// To a compaction.
    Compact(CompactResponse),
    /// To a request about a lease.
    Lease(LeaseResponse),
    /// To a request about a lock.
    Lock(LockResponse),
    /// To a request about an election.
    Election(ElectionResponse),
    /// To a request about who may do what.
    Auth(AuthResponse),
}

/// The answer to a [`RangeRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeResponse {
    /// See [`Header`].
    pub header: Header,
    /// The keys, in the order asked for.
    #[serde(default)]
    pub kvs: Vec<KeyValue>,
    /// True if the limit left some out.
    #[serde(default)]
    pub more: bool,
    /// The number of keys in the range, whatever the limit.
    #[serde(default)]
    pub count: i64,
}

/// The answer to a [`PutRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutResponse {
    /// See [`Header`]: its revision is the put's.
    pub header: Header,
    /// The value before, if asked for and there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_kv: Option<KeyValue>,
}

/// The answer to a [`DeleteRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteResponse {
    /// See [`Header`]: its revision is the delete's, or the current one if nothing was deleted.
    pub header: Header,
    /// The number of keys deleted.
    #[serde(default)]
    pub deleted: i64,
    /// The deleted keys, if asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prev_kvs: Vec<KeyValue>,
}

/// The answer to a [`TxnRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TxnResponse {
    /// See [`Header`].
    pub header: Header,
    /// True if the conditions held.
    #[serde(default)]
    pub succeeded: bool,
    /// The responses of the branch that ran, in order. Their headers carry a revision only.
    #[serde(default)]
    pub responses: Vec<Response>,
}

/// The answer to a [`CompactRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompactResponse {
    /// See [`Header`].
    pub header: Header,
}

impl Response {
    /// The header of the response.
    pub fn header(&self) -> &Header {
        match self {
            Response::Range(response) => &response.header,
            Response::Put(response) => &response.header,
            Response::Delete(response) => &response.header,
            Response::Txn(response) => &response.header,
            Response::Compact(response) => &response.header,
            Response::Lease(response) => response.header(),
            Response::Lock(response) => response.header(),
            Response::Election(response) => response.header(),
            Response::Auth(response) => response.header(),
        }
    }
}
