//! Requests and answers as etcd's JSON gateway has them: names of fields in snake case, numbers of 64 bits as text,
//! bytes in base64, and nothing that is zero.

use crate::base64::encode;
use revline_store::api::*;
use revline_store::error::{Code, Error};
use revline_store::frame::{Call, Reply};
use serde_json::{Map, Value, json};

/// The path of a call, and its body.
pub fn request(call: &Call) -> (&'static str, Value) {
    match call {
        Call::Kv(Request::Range(range)) => ("/v3/kv/range", of_range(range)),
        Call::Kv(Request::Put(put)) => ("/v3/kv/put", of_put(put)),
        Call::Kv(Request::DeleteRange(delete)) => ("/v3/kv/deleterange", of_delete(delete)),
        Call::Kv(Request::Txn(txn)) => ("/v3/kv/txn", of_txn(txn)),
        Call::Kv(Request::Compaction(compaction)) => {
            let body = json!({ "revision": int(compaction.revision), "physical": compaction.physical });
            ("/v3/kv/compaction", body)
        }
        Call::Lease(request) => of_lease(request),
        Call::Lock(LockRequest::Lock(lock)) => {
            ("/v3/lock/lock", json!({ "name": bytes(&lock.name), "lease": int(lock.lease) }))
        }
        Call::Lock(LockRequest::Unlock(unlock)) => ("/v3/lock/unlock", json!({ "key": bytes(&unlock.key) })),
        Call::Election(request) => of_election(request),
        Call::Maintenance(MaintenanceRequest::HashKv { revision }) => {
            ("/v3/maintenance/hashkv", json!({ "revision": int(*revision) }))
        }
        other => unreachable!("nobody draws {other:?}"),
    }
}

fn of_lease(request: &LeaseRequest) -> (&'static str, Value) {
    match request {
        LeaseRequest::Grant(grant) => {
            ("/v3/lease/grant", json!({ "ID": int(grant.id), "TTL": int(grant.ttl_s) }))
        }
        LeaseRequest::Revoke(revoke) => ("/v3/lease/revoke", json!({ "ID": int(revoke.id) })),
        LeaseRequest::KeepAlive(keep) => ("/v3/lease/keepalive", json!({ "ID": int(keep.id) })),
        LeaseRequest::TimeToLive(asked) => {
            ("/v3/lease/timetolive", json!({ "ID": int(asked.id), "keys": asked.keys }))
        }
        LeaseRequest::Leases(_) => ("/v3/lease/leases", json!({})),
    }
}

fn of_election(request: &ElectionRequest) -> (&'static str, Value) {
    let leader = |leader: &LeaderKey| json!({ "name": bytes(&leader.name), "key": bytes(&leader.key), "rev": int(leader.rev), "lease": int(leader.lease) });
    match request {
        ElectionRequest::Campaign(campaign) => {
            let (name, value) = (bytes(&campaign.name), bytes(&campaign.value));
            ("/v3/election/campaign", json!({ "name": name, "lease": int(campaign.lease), "value": value }))
        }
        ElectionRequest::Proclaim(proclaim) => {
            let value = bytes(&proclaim.value);
            ("/v3/election/proclaim", json!({ "leader": leader(&proclaim.leader), "value": value }))
        }
        ElectionRequest::Leader(asked) => ("/v3/election/leader", json!({ "name": bytes(&asked.name) })),
        ElectionRequest::Resign(resign) => {
            ("/v3/election/resign", json!({ "leader": leader(&resign.leader) }))
        }
    }
}

fn of_range(range: &RangeRequest) -> Value {
    let order = match range.sort_order {
        SortOrder::Ascend => "ASCEND",
        SortOrder::Descend => "DESCEND",
        SortOrder::None | SortOrder::Unrecognized(_) => "NONE",
    };
    let target = match range.sort_target {
        SortTarget::Version => "VERSION",
        SortTarget::Create => "CREATE",
        SortTarget::Mod => "MOD",
        SortTarget::Value => "VALUE",
        SortTarget::Key | SortTarget::Unrecognized(_) => "KEY",
    };
    json!({
        "key": bytes(&range.key),
        "range_end": bytes(&range.range_end),
        "limit": int(range.limit),
        "revision": int(range.revision),
        "sort_order": order,
        "sort_target": target,
        "serializable": range.serializable,
        "keys_only": range.keys_only,
        "count_only": range.count_only,
        "min_mod_revision": int(range.min_mod_revision),
        "max_mod_revision": int(range.max_mod_revision),
        "min_create_revision": int(range.min_create_revision),
        "max_create_revision": int(range.max_create_revision),
    })
}

fn of_put(put: &PutRequest) -> Value {
    json!({
        "key": bytes(&put.key),
        "value": bytes(&put.value),
        "lease": int(put.lease),
        "prev_kv": put.prev_kv,
        "ignore_value": put.ignore_value,
        "ignore_lease": put.ignore_lease,
    })
}

fn of_delete(delete: &DeleteRangeRequest) -> Value {
    json!({ "key": bytes(&delete.key), "range_end": bytes(&delete.range_end), "prev_kv": delete.prev_kv })
}

fn of_txn(txn: &TxnRequest) -> Value {
    let ops = |ops: &[RequestOp]| ops.iter().map(of_op).collect::<Value>();
    let compare = txn.compare.iter().map(of_compare).collect::<Value>();
    json!({ "compare": compare, "success": ops(&txn.success), "failure": ops(&txn.failure) })
}

fn of_op(op: &RequestOp) -> Value {
    match op {
        RequestOp::Range(range) => json!({ "request_range": of_range(range) }),
        RequestOp::Put(put) => json!({ "request_put": of_put(put) }),
        RequestOp::DeleteRange(delete) => json!({ "request_delete_range": of_delete(delete) }),
        RequestOp::Txn(txn) => json!({ "request_txn": of_txn(txn) }),
        RequestOp::Empty => json!({}),
    }
}

fn of_compare(compare: &Compare) -> Value {
    let result = match compare.result {
        CompareResult::Equal => "EQUAL",
        CompareResult::Greater => "GREATER",
        CompareResult::Less => "LESS",
        CompareResult::NotEqual => "NOT_EQUAL",
    };
    let (target, field, with) = match &compare.target {
        CompareTarget::Version(version) => ("VERSION", "version", int(*version)),
        CompareTarget::CreateRevision(revision) => ("CREATE", "create_revision", int(*revision)),
        CompareTarget::ModRevision(revision) => ("MOD", "mod_revision", int(*revision)),
        CompareTarget::Value(value) => ("VALUE", "value", bytes(value)),
        CompareTarget::Lease(lease) => ("LEASE", "lease", int(*lease)),
    };
    let (key, range_end) = (bytes(&compare.key), bytes(&compare.range_end));
    json!({ "result": result, "target": target, "key": key, "range_end": range_end, field: with })
}

/// A watch request.
pub fn watch(request: &WatchRequest) -> Value {
    match request {
        WatchRequest::Create(create) => {
            let filter = |filter: &FilterType| match filter {
                FilterType::NoPut => "NOPUT",
                FilterType::NoDelete => "NODELETE",
            };
            json!({ "create_request": {
                "key": bytes(&create.key),
                "range_end": bytes(&create.range_end),
                "start_revision": int(create.start_revision),
                "prev_kv": create.prev_kv,
                "watch_id": int(create.watch_id),
                "filters": create.filters.iter().map(filter).collect::<Value>(),
            } })
        }
        WatchRequest::Cancel(cancel) => json!({ "cancel_request": { "watch_id": int(cancel.watch_id) } }),
        WatchRequest::Progress => json!({ "progress_request": {} }),
    }
}

/// An answer of etcd without the fields that depend on the member: of headers only the revision is left.
pub fn plain(answer: Value) -> Value {
    match answer {
        Value::Object(fields) => {
            let plain = fields.into_iter().filter_map(|(name, value)| match name.as_str() {
                "header" => Some((name, value.get("revision")?.clone())),
                "error" if value.is_string() => None,
                "details" => None,
                _ => Some((name, plain(value))),
            });
            Value::Object(plain.collect())
        }
        Value::Array(values) => values.into_iter().map(plain).collect(),
        other => other,
    }
}

/// An object of those fields that are not zero.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let is_zero = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(values) => values.is_empty(),
        _ => false,
    };
    let fields = fields.into_iter().filter(|(_, value)| !is_zero(value));
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// An answer of the store, in the same form.
pub fn answer(call: &Call, result: &Result<Reply, Error>) -> Value {
    match result {
        Ok(reply) => reply_of(reply),
        Err(error) => failed(call.error_code()(*error), error),
    }
}

fn failed(code: Code, error: &Error) -> Value {
    json!({ "code": code as u32, "message": error.to_string() })
}

fn reply_of(reply: &Reply) -> Value {
    match reply {
        Reply::Kv(Response::Range(range)) => range_of(range),
        Reply::Kv(Response::Put(put)) => put_of(put),
        Reply::Kv(Response::DeleteRange(delete)) => delete_of(delete),
        Reply::Kv(Response::Txn(txn)) => txn_of(txn),
        Reply::Kv(Response::Compaction(compaction)) => object([header(&compaction.header)]),
        Reply::Lease(response) => lease_of(response),
        Reply::Lock(LockResponse::Lock(lock)) => object([header(&lock.header), ("key", bytes(&lock.key))]),
        Reply::Lock(LockResponse::Unlock(unlock)) => object([header(&unlock.header)]),
        Reply::Election(response) => election_of(response),
        Reply::Maintenance(MaintenanceResponse::HashKv { header: head, hash, compact_revision, .. }) => {
            object([header(head), ("hash", json!(hash)), ("compact_revision", int(*compact_revision))])
        }
        other => unreachable!("nobody asked for {other:?}"),
    }
}

fn lease_of(response: &LeaseResponse) -> Value {
    let head = header(response.header());
    match response {
        LeaseResponse::Grant(grant) => object([head, ("ID", int(grant.id)), ("TTL", int(grant.ttl_s))]),
        LeaseResponse::Revoke(_) => object([head]),
        LeaseResponse::KeepAlive(kept) => {
            json!({ "result": object([head, ("ID", int(kept.id)), ("TTL", int(kept.ttl_s))]) })
        }
        LeaseResponse::TimeToLive(left) => object([
            head,
            ("ID", int(left.id)),
            ("TTL", int(left.ttl_s)),
            ("grantedTTL", int(left.granted_ttl_s)),
            ("keys", left.keys.iter().map(bytes).collect()),
        ]),
        LeaseResponse::Leases(list) => {
            let leases = list.leases.iter().map(|id| json!({ "ID": id.to_string() })).collect();
            object([head, ("leases", leases)])
        }
    }
}

fn election_of(response: &ElectionResponse) -> Value {
    let head = header(response.header());
    match response {
        ElectionResponse::Campaign(campaign) => {
            let leader = &campaign.leader;
            let leader = object([
                ("name", bytes(&leader.name)),
                ("key", bytes(&leader.key)),
                ("rev", int(leader.rev)),
                ("lease", int(leader.lease)),
            ]);
            object([head, ("leader", leader)])
        }
        ElectionResponse::Leader(leader) => object([head, ("kv", kv_of(leader.kv.as_deref()))]),
        ElectionResponse::Proclaim(_) | ElectionResponse::Resign(_) => object([head]),
    }
}

fn range_of(range: &RangeResponse) -> Value {
    object([
        header(&range.header),
        ("kvs", range.kvs.iter().map(|kv| kv_of(Some(kv))).collect()),
        ("more", json!(range.more)),
        ("count", int(range.count)),
    ])
}

fn put_of(put: &PutResponse) -> Value {
    object([header(&put.header), ("prev_kv", kv_of(put.prev_kv.as_deref()))])
}

fn delete_of(delete: &DeleteRangeResponse) -> Value {
    let prev_kvs = delete.prev_kvs.iter().map(|kv| kv_of(Some(kv))).collect();
    object([header(&delete.header), ("deleted", int(delete.deleted)), ("prev_kvs", prev_kvs)])
}

fn txn_of(txn: &TxnResponse) -> Value {
    let part = |part: &ResponseOp| match part {
        ResponseOp::Range(range) => json!({ "response_range": range_of(range) }),
        ResponseOp::Put(put) => json!({ "response_put": put_of(put) }),
        ResponseOp::DeleteRange(delete) => json!({ "response_delete_range": delete_of(delete) }),
        ResponseOp::Txn(txn) => json!({ "response_txn": txn_of(txn) }),
    };
    let responses = txn.responses.iter().map(part).collect();
    object([header(&txn.header), ("succeeded", json!(txn.succeeded)), ("responses", responses)])
}

fn kv_of(kv: Option<&KeyValue>) -> Value {
    kv.map_or(Value::Null, |kv| {
        object([
            ("key", bytes(&kv.key)),
            ("create_revision", int(kv.create_revision)),
            ("mod_revision", int(kv.mod_revision)),
            ("version", int(kv.version)),
            ("value", bytes(&kv.value)),
            ("lease", int(kv.lease)),
        ])
    })
}

/// A response of a watch.
pub fn watched(response: &WatchResponse) -> Value {
    let event = |event: &Event| {
        let is_delete = event.event_type == EventType::Delete;
        object([
            ("type", if is_delete { json!("DELETE") } else { Value::Null }),
            ("kv", kv_of(Some(&event.kv))),
            ("prev_kv", kv_of(event.prev_kv.as_deref())),
        ])
    };
    object([
        header(&response.header),
        ("watch_id", int(response.watch_id)),
        ("created", json!(response.created)),
        ("canceled", json!(response.canceled)),
        ("cancel_reason", json!(response.cancel_reason)),
        ("compact_revision", int(response.compact_revision)),
        ("events", response.events.iter().map(event).collect()),
    ])
}

fn header(header: &ResponseHeader) -> (&'static str, Value) {
    ("header", int(header.revision))
}

fn int(number: i64) -> Value {
    json!(number.to_string())
}

fn bytes(bytes: &revline_store::bytes::Bytes) -> Value {
    json!(encode(bytes.as_slice()))
}
