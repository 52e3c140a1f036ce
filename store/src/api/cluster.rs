//! Requests and responses of `etcdserverpb.Cluster`: the members of the cluster.

use super::ResponseHeader;
use crate::machine::MemberId;
use serde::{Deserialize, Serialize};

/// A request of the cluster service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ClusterRequest {
    Add(MemberAddRequest),
    Promote(MemberPromoteRequest),
    Remove(MemberRemoveRequest),
    Update(MemberUpdateRequest),
    List(MemberListRequest),
}

/// `etcdserverpb.MemberAddRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberAddRequest {
    /// The new member, never 0. An id is used once: that of a removed member is refused. (etcd derives it
    /// from the peer URLs and the time.)
    pub id: MemberId,
    /// Its human-readable name.
    pub name: String,
    /// It gets the log, but has no vote.
    pub is_learner: bool,
}

/// `etcdserverpb.MemberPromoteRequest`: a learner gets a vote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberPromoteRequest {
    /// The learner.
    pub id: MemberId,
}

/// `etcdserverpb.MemberRemoveRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberRemoveRequest {
    /// The member that goes, for ever.
    pub id: MemberId,
}

/// `etcdserverpb.MemberUpdateRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberUpdateRequest {
    /// The member.
    pub id: MemberId,
    /// Its new name. (etcd: new peer URLs.)
    pub name: String,
}

/// `etcdserverpb.MemberListRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberListRequest {
    /// Every change that was acknowledged before shows.
    pub linearizable: bool,
}

/// The response to every [`ClusterRequest`]: the members after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClusterResponse {
    /// Without a revision.
    pub header: ResponseHeader,
    /// The members, by id.
    pub members: Vec<MemberInfo>,
}

/// `etcdserverpb.Member`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberInfo {
    /// The member.
    pub id: MemberId,
    /// Its human-readable name.
    pub name: String,
    /// It has no vote.
    pub is_learner: bool,
}
