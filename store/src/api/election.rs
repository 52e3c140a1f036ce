//! The election service: one of many candidates leads, and proclaims a value to its observers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::header::response_header;
use super::{KeyValue, ResponseHeader};
use crate::bytes::Bytes;

/// A request of `v3electionpb.Election` with one response. `Observe` is a stream:
/// [`ClientFrame::Observe`](crate::frame::ClientFrame::Observe).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ElectionRequest {
    Campaign(CampaignRequest),
    Proclaim(ProclaimRequest),
    Leader(LeaderRequest),
    Resign(ResignRequest),
}

/// The response to an [`ElectionRequest`], of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ElectionResponse {
    Campaign(CampaignResponse),
    Proclaim(ProclaimResponse),
    Leader(LeaderResponse),
    Resign(ResignResponse),
}

response_header! { ElectionResponse { Campaign, Proclaim, Leader, Resign, } }

/// `v3electionpb.LeaderKey`: by which a leader is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaderKey {
    /// The election.
    pub name: Bytes,
    /// The key that exists as long as it leads.
    pub key: Bytes,
    /// The create revision of that key. One that is created anew is another leadership.
    pub rev: i64,
    /// The lease of the key.
    pub lease: i64,
}

/// `v3electionpb.CampaignRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CampaignRequest {
    /// The election. Its keys lie under this name and a slash.
    pub name: Bytes,
    /// The lease that the candidate keeps alive: candidacy and leadership end with it. 0 lets the member grant
    /// one of 60 seconds, which it keeps alive until it answers.
    pub lease: i64,
    /// The value to proclaim as the leader.
    pub value: Bytes,
}

/// `v3electionpb.CampaignResponse`: it was elected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CampaignResponse {
    /// A revision at which it led.
    pub header: ResponseHeader,
    /// The key with which the leader proclaims and resigns.
    pub leader: LeaderKey,
}

/// `v3electionpb.ProclaimRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProclaimRequest {
    /// The key of the leader that proclaims.
    pub leader: LeaderKey,
    /// The value from now on.
    pub value: Bytes,
}

/// `v3electionpb.ProclaimResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProclaimResponse {
    /// The revision of the new value.
    pub header: ResponseHeader,
}

/// `v3electionpb.LeaderRequest`, also of `Observe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaderRequest {
    /// The election.
    pub name: Bytes,
}

/// `v3electionpb.LeaderResponse`, also of `Observe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaderResponse {
    /// A revision at which it led.
    pub header: ResponseHeader,
    /// The leader's key, with the proclaimed value as its value.
    pub kv: Option<Arc<KeyValue>>,
}

/// `v3electionpb.ResignRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResignRequest {
    /// The key of the leader that resigns. That it does not lead any more is no error.
    pub leader: LeaderKey,
}

/// `v3electionpb.ResignResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResignResponse {
    /// The revision that deleted the key, or the current one if it was gone.
    pub header: ResponseHeader,
}
