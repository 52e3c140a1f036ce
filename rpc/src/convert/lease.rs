//! Leases.

use revline_store::api;

use super::{header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::etcdserverpb;

impl From<etcdserverpb::LeaseGrantRequest> for api::LeaseGrantRequest {
    fn from(request: etcdserverpb::LeaseGrantRequest) -> Self {
        let etcdserverpb::LeaseGrantRequest { ttl, id } = request;
        api::LeaseGrantRequest { ttl_s: ttl, id }
    }
}

impl From<api::LeaseGrantRequest> for etcdserverpb::LeaseGrantRequest {
    fn from(request: api::LeaseGrantRequest) -> Self {
        let api::LeaseGrantRequest { ttl_s, id } = request;
        etcdserverpb::LeaseGrantRequest { ttl: ttl_s, id }
    }
}

/// The field `error` is not read: etcd never fills it.
impl From<etcdserverpb::LeaseGrantResponse> for api::LeaseGrantResponse {
    fn from(response: etcdserverpb::LeaseGrantResponse) -> Self {
        api::LeaseGrantResponse {
            header: header_to_store(response.header),
            id: response.id,
            ttl_s: response.ttl,
        }
    }
}

impl From<api::LeaseGrantResponse> for etcdserverpb::LeaseGrantResponse {
    fn from(response: api::LeaseGrantResponse) -> Self {
        etcdserverpb::LeaseGrantResponse {
            header: header_to_wire(response.header),
            id: response.id,
            ttl: response.ttl_s,
            error: String::new(),
        }
    }
}

impl From<etcdserverpb::LeaseRevokeRequest> for api::LeaseRevokeRequest {
    fn from(request: etcdserverpb::LeaseRevokeRequest) -> Self {
        api::LeaseRevokeRequest { id: request.id }
    }
}

impl From<api::LeaseRevokeRequest> for etcdserverpb::LeaseRevokeRequest {
    fn from(request: api::LeaseRevokeRequest) -> Self {
        etcdserverpb::LeaseRevokeRequest { id: request.id }
    }
}

impl From<etcdserverpb::LeaseRevokeResponse> for api::LeaseRevokeResponse {
    fn from(response: etcdserverpb::LeaseRevokeResponse) -> Self {
        api::LeaseRevokeResponse { header: header_to_store(response.header) }
    }
}

impl From<api::LeaseRevokeResponse> for etcdserverpb::LeaseRevokeResponse {
    fn from(response: api::LeaseRevokeResponse) -> Self {
        etcdserverpb::LeaseRevokeResponse { header: header_to_wire(response.header) }
    }
}

impl From<etcdserverpb::LeaseKeepAliveRequest> for api::LeaseKeepAliveRequest {
    fn from(request: etcdserverpb::LeaseKeepAliveRequest) -> Self {
        api::LeaseKeepAliveRequest { id: request.id }
    }
}

impl From<api::LeaseKeepAliveRequest> for etcdserverpb::LeaseKeepAliveRequest {
    fn from(request: api::LeaseKeepAliveRequest) -> Self {
        etcdserverpb::LeaseKeepAliveRequest { id: request.id }
    }
}

impl From<etcdserverpb::LeaseKeepAliveResponse> for api::LeaseKeepAliveResponse {
    fn from(response: etcdserverpb::LeaseKeepAliveResponse) -> Self {
        api::LeaseKeepAliveResponse {
            header: header_to_store(response.header),
            id: response.id,
            ttl_s: response.ttl,
        }
    }
}

impl From<api::LeaseKeepAliveResponse> for etcdserverpb::LeaseKeepAliveResponse {
    fn from(response: api::LeaseKeepAliveResponse) -> Self {
        etcdserverpb::LeaseKeepAliveResponse {
            header: header_to_wire(response.header),
            id: response.id,
            ttl: response.ttl_s,
        }
    }
}

impl From<etcdserverpb::LeaseTimeToLiveRequest> for api::LeaseTimeToLiveRequest {
    fn from(request: etcdserverpb::LeaseTimeToLiveRequest) -> Self {
        let etcdserverpb::LeaseTimeToLiveRequest { id, keys } = request;
        api::LeaseTimeToLiveRequest { id, keys }
    }
}

impl From<api::LeaseTimeToLiveRequest> for etcdserverpb::LeaseTimeToLiveRequest {
    fn from(request: api::LeaseTimeToLiveRequest) -> Self {
        let api::LeaseTimeToLiveRequest { id, keys } = request;
        etcdserverpb::LeaseTimeToLiveRequest { id, keys }
    }
}

impl From<etcdserverpb::LeaseTimeToLiveResponse> for api::LeaseTimeToLiveResponse {
    fn from(response: etcdserverpb::LeaseTimeToLiveResponse) -> Self {
        api::LeaseTimeToLiveResponse {
            header: header_to_store(response.header),
            id: response.id,
            ttl_s: response.ttl,
            granted_ttl_s: response.granted_ttl,
            keys: response.keys.into_iter().map(to_store).collect(),
        }
    }
}

impl From<api::LeaseTimeToLiveResponse> for etcdserverpb::LeaseTimeToLiveResponse {
    fn from(response: api::LeaseTimeToLiveResponse) -> Self {
        etcdserverpb::LeaseTimeToLiveResponse {
            header: header_to_wire(response.header),
            id: response.id,
            ttl: response.ttl_s,
            granted_ttl: response.granted_ttl_s,
            keys: response.keys.into_iter().map(to_wire).collect(),
        }
    }
}

impl From<etcdserverpb::LeaseLeasesRequest> for api::LeaseLeasesRequest {
    fn from(_: etcdserverpb::LeaseLeasesRequest) -> Self {
        api::LeaseLeasesRequest {}
    }
}

impl From<api::LeaseLeasesRequest> for etcdserverpb::LeaseLeasesRequest {
    fn from(_: api::LeaseLeasesRequest) -> Self {
        etcdserverpb::LeaseLeasesRequest {}
    }
}

impl From<etcdserverpb::LeaseLeasesResponse> for api::LeaseLeasesResponse {
    fn from(response: etcdserverpb::LeaseLeasesResponse) -> Self {
        api::LeaseLeasesResponse {
            header: header_to_store(response.header),
            leases: response.leases.into_iter().map(|lease| lease.id).collect(),
        }
    }
}

impl From<api::LeaseLeasesResponse> for etcdserverpb::LeaseLeasesResponse {
    fn from(response: api::LeaseLeasesResponse) -> Self {
        etcdserverpb::LeaseLeasesResponse {
            header: header_to_wire(response.header),
            leases: response.leases.into_iter().map(|id| etcdserverpb::LeaseStatus { id }).collect(),
        }
    }
}
