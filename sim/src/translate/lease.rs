//! Leases.

use super::header;
use revline_checker::history::{LeaseRequest, LeaseResponse};
use revline_store::api as store;

pub(super) fn request(request: &store::LeaseRequest) -> LeaseRequest {
    match request {
        store::LeaseRequest::Grant(grant) => LeaseRequest::Grant { id: grant.id, ttl_s: grant.ttl_s },
        store::LeaseRequest::Revoke(revoke) => LeaseRequest::Revoke { id: revoke.id },
        store::LeaseRequest::KeepAlive(keep_alive) => LeaseRequest::KeepAlive { id: keep_alive.id },
        store::LeaseRequest::TimeToLive(ask) => LeaseRequest::TimeToLive { id: ask.id, keys: ask.keys },
        store::LeaseRequest::Leases(store::LeaseLeasesRequest {}) => LeaseRequest::Leases,
    }
}

pub(super) fn response(response: &store::LeaseResponse) -> LeaseResponse {
    let header = header(response.header());
    match response {
        store::LeaseResponse::Grant(grant) => {
            LeaseResponse::Grant { header, id: grant.id, ttl_s: grant.ttl_s }
        }
        store::LeaseResponse::Revoke(_) => LeaseResponse::Revoke { header },
        store::LeaseResponse::KeepAlive(keep_alive) => {
            LeaseResponse::KeepAlive { header, id: keep_alive.id, ttl_s: keep_alive.ttl_s }
        }
        store::LeaseResponse::TimeToLive(left) => LeaseResponse::TimeToLive {
            header,
            id: left.id,
            ttl_s: left.ttl_s,
            granted_ttl_s: left.granted_ttl_s,
            keys: left.keys.to_vec(),
        },
        store::LeaseResponse::Leases(list) => LeaseResponse::Leases { header, leases: list.leases.clone() },
    }
}
