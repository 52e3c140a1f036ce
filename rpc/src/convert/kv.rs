//! Keys with their values, and the operations on them but txns.

use std::sync::Arc;

use revline_store::api;

use super::{header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::{etcdserverpb, mvccpb};

impl From<&api::KeyValue> for mvccpb::KeyValue {
    fn from(kv: &api::KeyValue) -> Self {
        mvccpb::KeyValue {
            key: to_wire(kv.key.clone()),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            value: to_wire(kv.value.clone()),
            lease: kv.lease,
        }
    }
}

impl From<mvccpb::KeyValue> for api::KeyValue {
    fn from(kv: mvccpb::KeyValue) -> Self {
        api::KeyValue {
            key: to_store(kv.key),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            value: to_store(kv.value),
            lease: kv.lease,
        }
    }
}

/// A key and value as the store shares it.
pub(super) fn shared(kv: mvccpb::KeyValue) -> Arc<api::KeyValue> {
    Arc::new(kv.into())
}

/// A shared key and value as a message.
pub(super) fn unshared(kv: Arc<api::KeyValue>) -> mvccpb::KeyValue {
    (&*kv).into()
}

fn sort_order(number: i32) -> api::SortOrder {
    use etcdserverpb::range_request::SortOrder;
    match SortOrder::try_from(number) {
        Ok(SortOrder::None) => api::SortOrder::None,
        Ok(SortOrder::Ascend) => api::SortOrder::Ascend,
        Ok(SortOrder::Descend) => api::SortOrder::Descend,
        Err(_) => api::SortOrder::Unrecognized(number),
    }
}

fn sort_order_number(order: api::SortOrder) -> i32 {
    use etcdserverpb::range_request::SortOrder;
    match order {
        api::SortOrder::None => SortOrder::None.into(),
        api::SortOrder::Ascend => SortOrder::Ascend.into(),
        api::SortOrder::Descend => SortOrder::Descend.into(),
        api::SortOrder::Unrecognized(number) => number,
    }
}

fn sort_target(number: i32) -> api::SortTarget {
    use etcdserverpb::range_request::SortTarget;
    match SortTarget::try_from(number) {
        Ok(SortTarget::Key) => api::SortTarget::Key,
        Ok(SortTarget::Version) => api::SortTarget::Version,
        Ok(SortTarget::Create) => api::SortTarget::Create,
        Ok(SortTarget::Mod) => api::SortTarget::Mod,
        Ok(SortTarget::Value) => api::SortTarget::Value,
        Err(_) => api::SortTarget::Unrecognized(number),
    }
}

fn sort_target_number(target: api::SortTarget) -> i32 {
    use etcdserverpb::range_request::SortTarget;
    match target {
        api::SortTarget::Key => SortTarget::Key.into(),
        api::SortTarget::Version => SortTarget::Version.into(),
        api::SortTarget::Create => SortTarget::Create.into(),
        api::SortTarget::Mod => SortTarget::Mod.into(),
        api::SortTarget::Value => SortTarget::Value.into(),
        api::SortTarget::Unrecognized(number) => number,
    }
}

impl From<etcdserverpb::RangeRequest> for api::RangeRequest {
    fn from(request: etcdserverpb::RangeRequest) -> Self {
        api::RangeRequest {
            key: to_store(request.key),
            range_end: to_store(request.range_end),
            limit: request.limit,
            revision: request.revision,
            sort_order: sort_order(request.sort_order),
            sort_target: sort_target(request.sort_target),
            serializable: request.serializable,
            keys_only: request.keys_only,
            count_only: request.count_only,
            min_mod_revision: request.min_mod_revision,
            max_mod_revision: request.max_mod_revision,
            min_create_revision: request.min_create_revision,
            max_create_revision: request.max_create_revision,
        }
    }
}

impl From<api::RangeRequest> for etcdserverpb::RangeRequest {
    fn from(request: api::RangeRequest) -> Self {
        etcdserverpb::RangeRequest {
            key: to_wire(request.key),
            range_end: to_wire(request.range_end),
            limit: request.limit,
            revision: request.revision,
            sort_order: sort_order_number(request.sort_order),
            sort_target: sort_target_number(request.sort_target),
            serializable: request.serializable,
            keys_only: request.keys_only,
            count_only: request.count_only,
            min_mod_revision: request.min_mod_revision,
            max_mod_revision: request.max_mod_revision,
            min_create_revision: request.min_create_revision,
            max_create_revision: request.max_create_revision,
        }
    }
}

impl From<etcdserverpb::RangeResponse> for api::RangeResponse {
    fn from(response: etcdserverpb::RangeResponse) -> Self {
        api::RangeResponse {
            header: header_to_store(response.header),
            kvs: response.kvs.into_iter().map(shared).collect(),
            more: response.more,
            count: response.count,
        }
    }
}

impl From<api::RangeResponse> for etcdserverpb::RangeResponse {
    fn from(response: api::RangeResponse) -> Self {
        etcdserverpb::RangeResponse {
            header: header_to_wire(response.header),
            kvs: response.kvs.into_iter().map(unshared).collect(),
            more: response.more,
            count: response.count,
        }
    }
}

impl From<etcdserverpb::PutRequest> for api::PutRequest {
    fn from(request: etcdserverpb::PutRequest) -> Self {
        api::PutRequest {
            key: to_store(request.key),
            value: to_store(request.value),
            lease: request.lease,
            prev_kv: request.prev_kv,
            ignore_value: request.ignore_value,
            ignore_lease: request.ignore_lease,
        }
    }
}

impl From<api::PutRequest> for etcdserverpb::PutRequest {
    fn from(request: api::PutRequest) -> Self {
        etcdserverpb::PutRequest {
            key: to_wire(request.key),
            value: to_wire(request.value),
            lease: request.lease,
            prev_kv: request.prev_kv,
            ignore_value: request.ignore_value,
            ignore_lease: request.ignore_lease,
        }
    }
}

impl From<etcdserverpb::PutResponse> for api::PutResponse {
    fn from(response: etcdserverpb::PutResponse) -> Self {
        api::PutResponse { header: header_to_store(response.header), prev_kv: response.prev_kv.map(shared) }
    }
}

impl From<api::PutResponse> for etcdserverpb::PutResponse {
    fn from(response: api::PutResponse) -> Self {
        etcdserverpb::PutResponse {
            header: header_to_wire(response.header),
            prev_kv: response.prev_kv.map(unshared),
        }
    }
}

impl From<etcdserverpb::DeleteRangeRequest> for api::DeleteRangeRequest {
    fn from(request: etcdserverpb::DeleteRangeRequest) -> Self {
        api::DeleteRangeRequest {
            key: to_store(request.key),
            range_end: to_store(request.range_end),
            prev_kv: request.prev_kv,
        }
    }
}

impl From<api::DeleteRangeRequest> for etcdserverpb::DeleteRangeRequest {
    fn from(request: api::DeleteRangeRequest) -> Self {
        etcdserverpb::DeleteRangeRequest {
            key: to_wire(request.key),
            range_end: to_wire(request.range_end),
            prev_kv: request.prev_kv,
        }
    }
}

impl From<etcdserverpb::DeleteRangeResponse> for api::DeleteRangeResponse {
    fn from(response: etcdserverpb::DeleteRangeResponse) -> Self {
        api::DeleteRangeResponse {
            header: header_to_store(response.header),
            deleted: response.deleted,
            prev_kvs: response.prev_kvs.into_iter().map(shared).collect(),
        }
    }
}

impl From<api::DeleteRangeResponse> for etcdserverpb::DeleteRangeResponse {
    fn from(response: api::DeleteRangeResponse) -> Self {
        etcdserverpb::DeleteRangeResponse {
            header: header_to_wire(response.header),
            deleted: response.deleted,
            prev_kvs: response.prev_kvs.into_iter().map(unshared).collect(),
        }
    }
}

impl From<etcdserverpb::CompactionRequest> for api::CompactionRequest {
    fn from(request: etcdserverpb::CompactionRequest) -> Self {
        let etcdserverpb::CompactionRequest { revision, physical } = request;
        api::CompactionRequest { revision, physical }
    }
}

impl From<api::CompactionRequest> for etcdserverpb::CompactionRequest {
    fn from(request: api::CompactionRequest) -> Self {
        let api::CompactionRequest { revision, physical } = request;
        etcdserverpb::CompactionRequest { revision, physical }
    }
}

impl From<etcdserverpb::CompactionResponse> for api::CompactionResponse {
    fn from(response: etcdserverpb::CompactionResponse) -> Self {
        api::CompactionResponse { header: header_to_store(response.header) }
    }
}

impl From<api::CompactionResponse> for etcdserverpb::CompactionResponse {
    fn from(response: api::CompactionResponse) -> Self {
        etcdserverpb::CompactionResponse { header: header_to_wire(response.header) }
    }
}
