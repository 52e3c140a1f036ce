//! Keys and values.

use super::header;
use revline_checker::history as judged;
use revline_store::api as store;

pub(super) fn request(request: &store::Request) -> judged::Request {
    match request {
        store::Request::Range(request) => judged::Request::Range(range(request)),
        store::Request::Put(request) => judged::Request::Put(put(request)),
        store::Request::DeleteRange(request) => judged::Request::Delete(delete(request)),
        store::Request::Txn(request) => judged::Request::Txn(txn(request)),
        store::Request::Compaction(request) => judged::Request::Compact(judged::CompactRequest {
            revision: request.revision,
            physical: request.physical,
        }),
    }
}

fn range(request: &store::RangeRequest) -> judged::RangeRequest {
    judged::RangeRequest {
        key: request.key.clone(),
        range_end: request.range_end.clone(),
        limit: request.limit,
        revision: request.revision,
        serializable: request.serializable,
        keys_only: request.keys_only,
        count_only: request.count_only,
        sort_order: match request.sort_order {
            store::SortOrder::Ascend => judged::SortOrder::Ascend,
            store::SortOrder::Descend => judged::SortOrder::Descend,
            // What etcd does not recognise is refused; the judge sees the refusal.
            store::SortOrder::None | store::SortOrder::Unrecognized(_) => judged::SortOrder::None,
        },
        sort_target: match request.sort_target {
            store::SortTarget::Version => judged::SortTarget::Version,
            store::SortTarget::Create => judged::SortTarget::Create,
            store::SortTarget::Mod => judged::SortTarget::Mod,
            store::SortTarget::Value => judged::SortTarget::Value,
            store::SortTarget::Key | store::SortTarget::Unrecognized(_) => judged::SortTarget::Key,
        },
        min_mod_revision: request.min_mod_revision,
        max_mod_revision: request.max_mod_revision,
        min_create_revision: request.min_create_revision,
        max_create_revision: request.max_create_revision,
    }
}

fn put(request: &store::PutRequest) -> judged::PutRequest {
    judged::PutRequest {
        key: request.key.clone(),
        value: request.value.clone(),
        lease: request.lease,
        prev_kv: request.prev_kv,
        ignore_value: request.ignore_value,
        ignore_lease: request.ignore_lease,
    }
}

fn delete(request: &store::DeleteRangeRequest) -> judged::DeleteRequest {
    judged::DeleteRequest {
        key: request.key.clone(),
        range_end: request.range_end.clone(),
        prev_kv: request.prev_kv,
    }
}

fn txn(request: &store::TxnRequest) -> judged::TxnRequest {
    let branch = |ops: &[store::RequestOp]| ops.iter().map(operation).collect();
    judged::TxnRequest {
        compare: request.compare.iter().map(compare).collect(),
        success: branch(&request.success),
        failure: branch(&request.failure),
    }
}

fn operation(op: &store::RequestOp) -> judged::Request {
    match op {
        store::RequestOp::Range(request) => judged::Request::Range(range(request)),
        store::RequestOp::Put(request) => judged::Request::Put(put(request)),
        store::RequestOp::DeleteRange(request) => judged::Request::Delete(delete(request)),
        store::RequestOp::Txn(request) => judged::Request::Txn(txn(request)),
        // An op that holds nothing is refused like a put without a key.
        store::RequestOp::Empty => judged::Request::Put(judged::PutRequest::default()),
    }
}

fn compare(compare: &store::Compare) -> judged::Compare {
    judged::Compare {
        key: compare.key.clone(),
        range_end: compare.range_end.clone(),
        result: match compare.result {
            store::CompareResult::Equal => judged::CompareResult::Equal,
            store::CompareResult::Greater => judged::CompareResult::Greater,
            store::CompareResult::Less => judged::CompareResult::Less,
            store::CompareResult::NotEqual => judged::CompareResult::NotEqual,
        },
        target: match &compare.target {
            store::CompareTarget::Version(version) => judged::CompareTarget::Version(*version),
            store::CompareTarget::CreateRevision(at) => judged::CompareTarget::CreateRevision(*at),
            store::CompareTarget::ModRevision(at) => judged::CompareTarget::ModRevision(*at),
            store::CompareTarget::Value(value) => judged::CompareTarget::Value(value.clone()),
            store::CompareTarget::Lease(lease) => judged::CompareTarget::Lease(*lease),
        },
    }
}

pub(crate) fn key_value(kv: &store::KeyValue) -> judged::KeyValue {
    judged::KeyValue {
        key: kv.key.clone(),
        value: kv.value.clone(),
        create_revision: kv.create_revision,
        mod_revision: kv.mod_revision,
        version: kv.version,
        lease: kv.lease,
    }
}

pub(super) fn response(response: &store::Response) -> judged::Response {
    match response {
        store::Response::Range(response) => judged::Response::Range(range_response(response)),
        store::Response::Put(response) => judged::Response::Put(put_response(response)),
        store::Response::DeleteRange(response) => judged::Response::Delete(delete_response(response)),
        store::Response::Txn(response) => judged::Response::Txn(txn_response(response)),
        store::Response::Compaction(response) => {
            judged::Response::Compact(judged::CompactResponse { header: header(&response.header) })
        }
    }
}

fn range_response(response: &store::RangeResponse) -> judged::RangeResponse {
    judged::RangeResponse {
        header: header(&response.header),
        kvs: response.kvs.iter().map(|kv| key_value(kv)).collect(),
        more: response.more,
        count: response.count,
    }
}

fn put_response(response: &store::PutResponse) -> judged::PutResponse {
    judged::PutResponse {
        header: header(&response.header),
        prev_kv: response.prev_kv.as_ref().map(|kv| key_value(kv)),
    }
}

fn delete_response(response: &store::DeleteRangeResponse) -> judged::DeleteResponse {
    judged::DeleteResponse {
        header: header(&response.header),
        deleted: response.deleted,
        prev_kvs: response.prev_kvs.iter().map(|kv| key_value(kv)).collect(),
    }
}

fn txn_response(response: &store::TxnResponse) -> judged::TxnResponse {
    let op = |op: &store::ResponseOp| match op {
        store::ResponseOp::Range(response) => judged::Response::Range(range_response(response)),
        store::ResponseOp::Put(response) => judged::Response::Put(put_response(response)),
        store::ResponseOp::DeleteRange(response) => judged::Response::Delete(delete_response(response)),
        store::ResponseOp::Txn(response) => judged::Response::Txn(txn_response(response)),
    };
    judged::TxnResponse {
        header: header(&response.header),
        succeeded: response.succeeded,
        responses: response.responses.iter().map(op).collect(),
    }
}
