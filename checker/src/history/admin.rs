//! The cluster and maintenance APIs as a client sees them (`api/etcdserverpb/rpc.proto`, services `Cluster` and
//! `Maintenance`): calls that say nothing of keys.

use super::kv::{Header, Revision};
use super::observation::AlarmKind;
use super::operation::{ClientId, MemberId, Outcome};
use serde::{Deserialize, Serialize};

/// A call of the cluster or the maintenance API and its outcome.
///
/// A client may have several open, beside its operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminCall {
    /// The client.
    pub client: ClientId,
    /// The endpoint the request was sent to, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The user whose token came with it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// It asks to be refused by a member that knows no leader (gRPC metadata `hasleader`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_leader: bool,
    /// The time of the invocation, in nanoseconds.
    pub invoke_ns: u64,
    /// The time at which the client had its answer or gave up, in nanoseconds. `None` if the recording ended first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_ns: Option<u64>,
    /// The request.
    pub request: AdminRequest,
    /// The outcome that the client learned.
    pub outcome: Outcome<AdminResponse>,
}

impl AdminCall {
    /// The response, if the call was answered.
    pub fn response(&self) -> Option<&AdminResponse> {
        match &self.outcome {
            Outcome::Ok(response) => Some(response),
            Outcome::Failed(_) | Outcome::Unknown(_) => None,
        }
    }

    /// The alarms in its response, if it was answered and is about alarms.
    pub(crate) fn alarms(&self) -> Option<(&AlarmRequest, &[Alarm])> {
        match (&self.request, self.response()?) {
            (AdminRequest::Alarm(request), AdminResponse::Alarm { alarms, .. }) => Some((request, alarms)),
            _ => None,
        }
    }

    /// The revision in its header, if it was answered and the header carries one.
    pub(crate) fn revision(&self) -> Option<Revision> {
        self.response().map(|response| response.header().revision).filter(|revision| *revision > 0)
    }
}

/// A request of the cluster or the maintenance API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum AdminRequest {
    /// Ask for alarms, raise one, or disarm one.
    Alarm(AlarmRequest),
    /// Add a member.
    MemberAdd {
        /// Its id; 0 where the cluster chooses it.
        #[serde(default)]
        id: MemberId,
        /// It gets no vote yet.
        #[serde(default)]
        is_learner: bool,
    },
    /// Give a learner a vote.
    MemberPromote {
        /// The learner.
        id: MemberId,
    },
    /// Remove a member, for ever.
    MemberRemove {
        /// The member.
        id: MemberId,
    },
    /// Change a member's name or URLs.
    MemberUpdate {
        /// The member.
        id: MemberId,
    },
    /// Ask for the members.
    MemberList {
        /// Every change that was answered before shows.
        #[serde(default)]
        linearizable: bool,
    },
    /// Ask a member for its state.
    Status,
    /// Ask for a hash of everything a member holds.
    Hash,
    /// Ask for a hash of a member's keys up to a revision.
    HashKv {
        /// The revision; 0 for the current one.
        #[serde(default)]
        revision: Revision,
    },
    /// Let a member write its state anew.
    Defragment,
    /// Ask for a member's state as bytes.
    Snapshot,
    /// Hand leadership to another member.
    MoveLeader {
        /// The member that is to lead.
        target: MemberId,
    },
}

/// A request about alarms (etcd: `etcdserverpb.AlarmRequest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRequest {
    /// The action.
    pub action: AlarmAction,
    /// The member that the alarm is about; [`AlarmAction::Get`] does not look at it.
    #[serde(default)]
    pub member: MemberId,
    /// The cause of the alarm; `None` stands for all for [`AlarmAction::Get`], and for no alarm otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<AlarmKind>,
}

/// An action on alarms (etcd: `etcdserverpb.AlarmRequest.AlarmAction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmAction {
    /// Ask which alarms stand.
    Get,
    /// Raise an alarm.
    Activate,
    /// Disarm an alarm.
    Deactivate,
}

/// An alarm (etcd: `etcdserverpb.AlarmMember`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// The member that it is about.
    pub member: MemberId,
    /// Its cause.
    pub alarm: AlarmKind,
}

/// A member of the cluster as a response lists it (etcd: `etcdserverpb.Member`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedMember {
    /// Its id.
    pub id: MemberId,
    /// It has no vote.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_learner: bool,
}

/// The answer to an [`AdminRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum AdminResponse {
    /// To a request about alarms.
    Alarm {
        /// See [`Header`]. The request was applied at its revision or before it.
        header: Header,
        /// The alarms that stand; or the one that was raised; or the one that was disarmed, none if it did not stand.
        #[serde(default)]
        alarms: Vec<Alarm>,
    },
    /// To a request about members.
    Members {
        /// See [`Header`]. Without a revision.
        header: Header,
        /// The members, after a change.
        members: Vec<ListedMember>,
    },
    /// To a request for the hash of keys (etcd: `HashKVResponse`).
    Hash {
        /// See [`Header`].
        header: Header,
        /// The revision up to which it was hashed.
        hash_revision: Revision,
        /// The member's compacted revision.
        compact_revision: Revision,
        /// The hash.
        hash: u32,
    },
    /// To a request for the state of a member (etcd: `StatusResponse`).
    Status {
        /// See [`Header`].
        header: Header,
        /// The leader that the member knows; 0 for none.
        #[serde(default)]
        leader: MemberId,
    },
    /// To any other request; to one for the hash of keys or for the state of a member where that was not recorded.
    Done {
        /// See [`Header`]. Without a revision where the API gives none.
        header: Header,
    },
}

impl AdminResponse {
    /// The header of the response.
    pub fn header(&self) -> &Header {
        match self {
            AdminResponse::Alarm { header, .. }
            | AdminResponse::Members { header, .. }
            | AdminResponse::Hash { header, .. }
            | AdminResponse::Status { header, .. }
            | AdminResponse::Done { header } => header,
        }
    }
}

impl AdminRequest {
    /// True if a response answers a request of this kind.
    pub(crate) fn is_answered_by(&self, response: &AdminResponse) -> bool {
        match self {
            AdminRequest::Alarm(_) => matches!(response, AdminResponse::Alarm { .. }),
            AdminRequest::MemberAdd { .. }
            | AdminRequest::MemberPromote { .. }
            | AdminRequest::MemberRemove { .. }
            | AdminRequest::MemberUpdate { .. }
            | AdminRequest::MemberList { .. } => matches!(response, AdminResponse::Members { .. }),
            AdminRequest::HashKv { .. } => {
                matches!(response, AdminResponse::Hash { .. } | AdminResponse::Done { .. })
            }
            AdminRequest::Status => {
                matches!(response, AdminResponse::Status { .. } | AdminResponse::Done { .. })
            }
            AdminRequest::Hash
            | AdminRequest::Defragment
            | AdminRequest::Snapshot
            | AdminRequest::MoveLeader { .. } => matches!(response, AdminResponse::Done { .. }),
        }
    }
}
