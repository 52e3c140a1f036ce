//! Elections.

use revline_store::api;

use super::kv::{shared, unshared};
use super::{Unconvertible, header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::v3electionpb;

impl From<v3electionpb::LeaderKey> for api::LeaderKey {
    fn from(leader: v3electionpb::LeaderKey) -> Self {
        api::LeaderKey {
            name: to_store(leader.name),
            key: to_store(leader.key),
            rev: leader.rev,
            lease: leader.lease,
        }
    }
}

impl From<api::LeaderKey> for v3electionpb::LeaderKey {
    fn from(leader: api::LeaderKey) -> Self {
        v3electionpb::LeaderKey {
            name: to_wire(leader.name),
            key: to_wire(leader.key),
            rev: leader.rev,
            lease: leader.lease,
        }
    }
}

impl From<v3electionpb::CampaignRequest> for api::CampaignRequest {
    fn from(request: v3electionpb::CampaignRequest) -> Self {
        api::CampaignRequest {
            name: to_store(request.name),
            lease: request.lease,
            value: to_store(request.value),
        }
    }
}

impl From<api::CampaignRequest> for v3electionpb::CampaignRequest {
    fn from(request: api::CampaignRequest) -> Self {
        v3electionpb::CampaignRequest {
            name: to_wire(request.name),
            lease: request.lease,
            value: to_wire(request.value),
        }
    }
}

impl From<v3electionpb::CampaignResponse> for api::CampaignResponse {
    fn from(response: v3electionpb::CampaignResponse) -> Self {
        api::CampaignResponse {
            header: header_to_store(response.header),
            leader: response.leader.unwrap_or_default().into(),
        }
    }
}

impl From<api::CampaignResponse> for v3electionpb::CampaignResponse {
    fn from(response: api::CampaignResponse) -> Self {
        v3electionpb::CampaignResponse {
            header: header_to_wire(response.header),
            leader: Some(response.leader.into()),
        }
    }
}

impl TryFrom<v3electionpb::ProclaimRequest> for api::ProclaimRequest {
    type Error = Unconvertible;

    fn try_from(request: v3electionpb::ProclaimRequest) -> Result<Self, Unconvertible> {
        let leader = request.leader.ok_or(Unconvertible::MissingLeaderKey)?;
        Ok(api::ProclaimRequest { leader: leader.into(), value: to_store(request.value) })
    }
}

impl From<api::ProclaimRequest> for v3electionpb::ProclaimRequest {
    fn from(request: api::ProclaimRequest) -> Self {
        v3electionpb::ProclaimRequest { leader: Some(request.leader.into()), value: to_wire(request.value) }
    }
}

impl From<v3electionpb::ProclaimResponse> for api::ProclaimResponse {
    fn from(response: v3electionpb::ProclaimResponse) -> Self {
        api::ProclaimResponse { header: header_to_store(response.header) }
    }
}

impl From<api::ProclaimResponse> for v3electionpb::ProclaimResponse {
    fn from(response: api::ProclaimResponse) -> Self {
        v3electionpb::ProclaimResponse { header: header_to_wire(response.header) }
    }
}

impl From<v3electionpb::LeaderRequest> for api::LeaderRequest {
    fn from(request: v3electionpb::LeaderRequest) -> Self {
        api::LeaderRequest { name: to_store(request.name) }
    }
}

impl From<api::LeaderRequest> for v3electionpb::LeaderRequest {
    fn from(request: api::LeaderRequest) -> Self {
        v3electionpb::LeaderRequest { name: to_wire(request.name) }
    }
}

impl From<v3electionpb::LeaderResponse> for api::LeaderResponse {
    fn from(response: v3electionpb::LeaderResponse) -> Self {
        api::LeaderResponse { header: header_to_store(response.header), kv: response.kv.map(shared) }
    }
}

impl From<api::LeaderResponse> for v3electionpb::LeaderResponse {
    fn from(response: api::LeaderResponse) -> Self {
        v3electionpb::LeaderResponse {
            header: header_to_wire(response.header),
            kv: response.kv.map(unshared),
        }
    }
}

impl TryFrom<v3electionpb::ResignRequest> for api::ResignRequest {
    type Error = Unconvertible;

    fn try_from(request: v3electionpb::ResignRequest) -> Result<Self, Unconvertible> {
        let leader = request.leader.ok_or(Unconvertible::MissingLeaderKey)?;
        Ok(api::ResignRequest { leader: leader.into() })
    }
}

impl From<api::ResignRequest> for v3electionpb::ResignRequest {
    fn from(request: api::ResignRequest) -> Self {
        v3electionpb::ResignRequest { leader: Some(request.leader.into()) }
    }
}

impl From<v3electionpb::ResignResponse> for api::ResignResponse {
    fn from(response: v3electionpb::ResignResponse) -> Self {
        api::ResignResponse { header: header_to_store(response.header) }
    }
}

impl From<api::ResignResponse> for v3electionpb::ResignResponse {
    fn from(response: api::ResignResponse) -> Self {
        v3electionpb::ResignResponse { header: header_to_wire(response.header) }
    }
}
