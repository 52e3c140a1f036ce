//! Locks.

use revline_store::api;

use super::{header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::v3lockpb;

impl From<v3lockpb::LockRequest> for api::AcquireRequest {
    fn from(request: v3lockpb::LockRequest) -> Self {
        api::AcquireRequest { name: to_store(request.name), lease: request.lease }
    }
}

impl From<api::AcquireRequest> for v3lockpb::LockRequest {
    fn from(request: api::AcquireRequest) -> Self {
        v3lockpb::LockRequest { name: to_wire(request.name), lease: request.lease }
    }
}

impl From<v3lockpb::LockResponse> for api::AcquireResponse {
    fn from(response: v3lockpb::LockResponse) -> Self {
        api::AcquireResponse { header: header_to_store(response.header), key: to_store(response.key) }
    }
}

impl From<api::AcquireResponse> for v3lockpb::LockResponse {
    fn from(response: api::AcquireResponse) -> Self {
        v3lockpb::LockResponse { header: header_to_wire(response.header), key: to_wire(response.key) }
    }
}

impl From<v3lockpb::UnlockRequest> for api::UnlockRequest {
    fn from(request: v3lockpb::UnlockRequest) -> Self {
        api::UnlockRequest { key: to_store(request.key) }
    }
}

impl From<api::UnlockRequest> for v3lockpb::UnlockRequest {
    fn from(request: api::UnlockRequest) -> Self {
        v3lockpb::UnlockRequest { key: to_wire(request.key) }
    }
}

impl From<v3lockpb::UnlockResponse> for api::UnlockResponse {
    fn from(response: v3lockpb::UnlockResponse) -> Self {
        api::UnlockResponse { header: header_to_store(response.header) }
    }
}

impl From<api::UnlockResponse> for v3lockpb::UnlockResponse {
    fn from(response: api::UnlockResponse) -> Self {
        v3lockpb::UnlockResponse { header: header_to_wire(response.header) }
    }
}
