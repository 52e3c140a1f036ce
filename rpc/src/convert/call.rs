//! Messages as calls and replies of a session: one conversion for every method with one response but those that speak of
//! addresses ([`super::cluster`]).

use revline_store::api::{
    ClusterRequest, ElectionRequest, ElectionResponse, LeaseRequest, LeaseResponse, LockRequest,
    LockResponse, Request, Response,
};
use revline_store::frame::{Call, Reply};

use super::Unconvertible;
use crate::proto::{etcdserverpb, v3electionpb, v3lockpb};

/// Converts each message to a call of its kind, and back.
macro_rules! calls {
    ($($package:ident $Message:ident = $Service:ident $Union:ident $Kind:ident;)*) => {
        $(
            impl TryFrom<$package::$Message> for Call {
                type Error = Unconvertible;

                fn try_from(message: $package::$Message) -> Result<Self, Unconvertible> {
                    Ok(Call::$Service($Union::$Kind(message.try_into()?)))
                }
            }

            impl TryFrom<Call> for $package::$Message {
                type Error = Unconvertible;

                fn try_from(call: Call) -> Result<Self, Unconvertible> {
                    match call {
                        Call::$Service($Union::$Kind(request)) => Ok(request.into()),
                        _ => Err(Unconvertible::OtherKind(stringify!($Message))),
                    }
                }
            }
        )*
    };
}

/// Converts each message to a reply of its kind, and back.
macro_rules! replies {
    ($($package:ident $Message:ident = $Service:ident $Union:ident $Kind:ident;)*) => {
        $(
            impl TryFrom<$package::$Message> for Reply {
                type Error = Unconvertible;

                fn try_from(message: $package::$Message) -> Result<Self, Unconvertible> {
                    Ok(Reply::$Service($Union::$Kind(message.try_into()?)))
                }
            }

            impl TryFrom<Reply> for $package::$Message {
                type Error = Unconvertible;

                fn try_from(reply: Reply) -> Result<Self, Unconvertible> {
                    match reply {
                        Reply::$Service($Union::$Kind(response)) => Ok(response.into()),
                        _ => Err(Unconvertible::OtherKind(stringify!($Message))),
                    }
                }
            }
        )*
    };
}

/// Converts each message of a service whose messages are already those of one type of the store.
macro_rules! service {
    ($Whole:ident $Service:ident { $($Message:ident)* }) => {
        $(
            impl TryFrom<etcdserverpb::$Message> for $Whole {
                type Error = Unconvertible;

                fn try_from(message: etcdserverpb::$Message) -> Result<Self, Unconvertible> {
                    Ok($Whole::$Service(message.try_into()?))
                }
            }

            impl TryFrom<$Whole> for etcdserverpb::$Message {
                type Error = Unconvertible;

                fn try_from(whole: $Whole) -> Result<Self, Unconvertible> {
                    match whole {
                        $Whole::$Service(part) => part.try_into(),
                        _ => Err(Unconvertible::OtherKind(stringify!($Message))),
                    }
                }
            }
        )*
    };
}

calls! {
    etcdserverpb RangeRequest = Kv Request Range;
    etcdserverpb PutRequest = Kv Request Put;
    etcdserverpb DeleteRangeRequest = Kv Request DeleteRange;
    etcdserverpb TxnRequest = Kv Request Txn;
    etcdserverpb CompactionRequest = Kv Request Compaction;
    etcdserverpb LeaseGrantRequest = Lease LeaseRequest Grant;
    etcdserverpb LeaseRevokeRequest = Lease LeaseRequest Revoke;
    etcdserverpb LeaseKeepAliveRequest = Lease LeaseRequest KeepAlive;
    etcdserverpb LeaseTimeToLiveRequest = Lease LeaseRequest TimeToLive;
    etcdserverpb LeaseLeasesRequest = Lease LeaseRequest Leases;
    etcdserverpb MemberPromoteRequest = Cluster ClusterRequest Promote;
    etcdserverpb MemberRemoveRequest = Cluster ClusterRequest Remove;
    etcdserverpb MemberUpdateRequest = Cluster ClusterRequest Update;
    etcdserverpb MemberListRequest = Cluster ClusterRequest List;
    v3lockpb LockRequest = Lock LockRequest Lock;
    v3lockpb UnlockRequest = Lock LockRequest Unlock;
    v3electionpb CampaignRequest = Election ElectionRequest Campaign;
    v3electionpb ProclaimRequest = Election ElectionRequest Proclaim;
    v3electionpb LeaderRequest = Election ElectionRequest Leader;
    v3electionpb ResignRequest = Election ElectionRequest Resign;
}

service! { Call Maintenance { AlarmRequest HashRequest HashKvRequest DefragmentRequest SnapshotRequest } }

service! { Call Auth {
    AuthEnableRequest AuthDisableRequest AuthStatusRequest AuthenticateRequest
    AuthUserAddRequest AuthUserGetRequest AuthUserListRequest AuthUserDeleteRequest
    AuthUserChangePasswordRequest AuthUserGrantRoleRequest AuthUserRevokeRoleRequest
    AuthRoleAddRequest AuthRoleGetRequest AuthRoleListRequest AuthRoleDeleteRequest
    AuthRoleGrantPermissionRequest AuthRoleRevokePermissionRequest
} }

replies! {
    etcdserverpb RangeResponse = Kv Response Range;
    etcdserverpb PutResponse = Kv Response Put;
    etcdserverpb DeleteRangeResponse = Kv Response DeleteRange;
    etcdserverpb TxnResponse = Kv Response Txn;
    etcdserverpb CompactionResponse = Kv Response Compaction;
    etcdserverpb LeaseGrantResponse = Lease LeaseResponse Grant;
    etcdserverpb LeaseRevokeResponse = Lease LeaseResponse Revoke;
    etcdserverpb LeaseKeepAliveResponse = Lease LeaseResponse KeepAlive;
    etcdserverpb LeaseTimeToLiveResponse = Lease LeaseResponse TimeToLive;
    etcdserverpb LeaseLeasesResponse = Lease LeaseResponse Leases;
    v3lockpb LockResponse = Lock LockResponse Lock;
    v3lockpb UnlockResponse = Lock LockResponse Unlock;
    v3electionpb CampaignResponse = Election ElectionResponse Campaign;
    v3electionpb ProclaimResponse = Election ElectionResponse Proclaim;
    v3electionpb LeaderResponse = Election ElectionResponse Leader;
    v3electionpb ResignResponse = Election ElectionResponse Resign;
}

service! { Reply Maintenance { AlarmResponse HashResponse HashKvResponse DefragmentResponse } }

service! { Reply Auth {
    AuthEnableResponse AuthDisableResponse AuthStatusResponse AuthenticateResponse
    AuthUserAddResponse AuthUserGetResponse AuthUserListResponse AuthUserDeleteResponse
    AuthUserChangePasswordResponse AuthUserGrantRoleResponse AuthUserRevokeRoleResponse
    AuthRoleAddResponse AuthRoleGetResponse AuthRoleListResponse AuthRoleDeleteResponse
    AuthRoleGrantPermissionResponse AuthRoleRevokePermissionResponse
} }

impl TryFrom<etcdserverpb::StatusRequest> for Call {
    type Error = Unconvertible;

    fn try_from(_: etcdserverpb::StatusRequest) -> Result<Self, Unconvertible> {
        Ok(Call::Status)
    }
}

impl TryFrom<Call> for etcdserverpb::StatusRequest {
    type Error = Unconvertible;

    fn try_from(call: Call) -> Result<Self, Unconvertible> {
        match call {
            Call::Status => Ok(etcdserverpb::StatusRequest {}),
            _ => Err(Unconvertible::OtherKind("StatusRequest")),
        }
    }
}

impl TryFrom<etcdserverpb::StatusResponse> for Reply {
    type Error = Unconvertible;

    fn try_from(message: etcdserverpb::StatusResponse) -> Result<Self, Unconvertible> {
        Ok(Reply::Status(message.into()))
    }
}

impl TryFrom<Reply> for etcdserverpb::StatusResponse {
    type Error = Unconvertible;

    fn try_from(reply: Reply) -> Result<Self, Unconvertible> {
        match reply {
            Reply::Status(status) => Ok(status.into()),
            _ => Err(Unconvertible::OtherKind("StatusResponse")),
        }
    }
}

impl TryFrom<etcdserverpb::MoveLeaderRequest> for Call {
    type Error = Unconvertible;

    fn try_from(message: etcdserverpb::MoveLeaderRequest) -> Result<Self, Unconvertible> {
        Ok(Call::MoveLeader { target: message.target_id })
    }
}

impl TryFrom<Call> for etcdserverpb::MoveLeaderRequest {
    type Error = Unconvertible;

    fn try_from(call: Call) -> Result<Self, Unconvertible> {
        match call {
            Call::MoveLeader { target } => Ok(etcdserverpb::MoveLeaderRequest { target_id: target }),
            _ => Err(Unconvertible::OtherKind("MoveLeaderRequest")),
        }
    }
}

impl TryFrom<etcdserverpb::MoveLeaderResponse> for Reply {
    type Error = Unconvertible;

    fn try_from(_: etcdserverpb::MoveLeaderResponse) -> Result<Self, Unconvertible> {
        Ok(Reply::MovedLeader)
    }
}

/// Without a header, as in etcd (`api/v3rpc/maintenance.go`, `MoveLeader`).
impl TryFrom<Reply> for etcdserverpb::MoveLeaderResponse {
    type Error = Unconvertible;

    fn try_from(reply: Reply) -> Result<Self, Unconvertible> {
        match reply {
            Reply::MovedLeader => Ok(etcdserverpb::MoveLeaderResponse { header: None }),
            _ => Err(Unconvertible::OtherKind("MoveLeaderResponse")),
        }
    }
}
