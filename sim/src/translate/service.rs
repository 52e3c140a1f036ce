//! Locks and elections.

use super::{header, key_value};
use revline_checker::history::{ElectionRequest, ElectionResponse, LeaderKey, LockRequest, LockResponse};
use revline_store::api as store;

pub(super) fn lock_request(request: &store::LockRequest) -> LockRequest {
    match request {
        store::LockRequest::Lock(lock) => LockRequest::Lock { name: lock.name.clone(), lease: lock.lease },
        store::LockRequest::Unlock(unlock) => LockRequest::Unlock { key: unlock.key.clone() },
    }
}

pub(super) fn lock_response(response: &store::LockResponse) -> LockResponse {
    let header = header(response.header());
    match response {
        store::LockResponse::Lock(lock) => LockResponse::Lock { header, key: lock.key.clone() },
        store::LockResponse::Unlock(_) => LockResponse::Unlock { header },
    }
}

fn leader_key(leader: &store::LeaderKey) -> LeaderKey {
    LeaderKey { name: leader.name.clone(), key: leader.key.clone(), rev: leader.rev, lease: leader.lease }
}

pub(super) fn election_request(request: &store::ElectionRequest) -> ElectionRequest {
    match request {
        store::ElectionRequest::Campaign(campaign) => ElectionRequest::Campaign {
            name: campaign.name.clone(),
            lease: campaign.lease,
            value: campaign.value.clone(),
        },
        store::ElectionRequest::Proclaim(proclaim) => {
            ElectionRequest::Proclaim { leader: leader_key(&proclaim.leader), value: proclaim.value.clone() }
        }
        store::ElectionRequest::Leader(leader) => ElectionRequest::Leader { name: leader.name.clone() },
        store::ElectionRequest::Resign(resign) => {
            ElectionRequest::Resign { leader: leader_key(&resign.leader) }
        }
    }
}

pub(super) fn election_response(response: &store::ElectionResponse) -> ElectionResponse {
    let header = header(response.header());
    match response {
        store::ElectionResponse::Campaign(campaign) => {
            ElectionResponse::Campaign { header, leader: leader_key(&campaign.leader) }
        }
        store::ElectionResponse::Proclaim(_) => ElectionResponse::Proclaim { header },
        store::ElectionResponse::Leader(leader) => {
            ElectionResponse::Leader { header, kv: leader.kv.as_ref().map(|kv| key_value(kv)) }
        }
        store::ElectionResponse::Resign(_) => ElectionResponse::Resign { header },
    }
}
