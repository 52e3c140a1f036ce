//! A call as a message of gRPC, and its answer.

use prost::Message;
use revline_rpc::metadata::set_token;
use revline_rpc::proto::etcdserverpb as pb;
use revline_rpc::proto::{v3electionpb, v3lockpb};
use revline_sim::channel::Channel;
use revline_store::api::{
    AuthRequest, AuthResponse, ElectionRequest, LeaseRequest, LockRequest, MaintenanceRequest, Request, Token,
};
use revline_store::frame::{Call, Reply};
use std::fmt;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

/// A client of etcd's services, with the token of its last login.
pub struct OverGrpc {
    channel: Channel,
    token: Option<Token>,
}

/// Makes the call of each kind: the method, and the messages to it and from it.
macro_rules! ask {
    ($self:ident, $call:ident; $($pattern:pat => $path:literal $M:ty, $R:ty;)*) => {
        match &$call {
            $($pattern => $self.unary::<$M, $R>($path, $call).await,)*
            Call::Lease(LeaseRequest::KeepAlive(_)) => $self.keep_alive($call).await,
            other => panic!("no such call is made: {other:?}"),
        }
    };
}

impl OverGrpc {
    pub fn new(channel: Channel) -> OverGrpc {
        OverGrpc { channel, token: None }
    }

    pub async fn ask(&mut self, call: Call) -> Result<Reply, Status> {
        let reply = self.made(call).await?;
        if let Reply::Auth(AuthResponse::Authenticate { token, .. }) = &reply {
            self.token = Some(token.clone());
        }
        Ok(reply)
    }

    async fn made(&mut self, call: Call) -> Result<Reply, Status> {
        use AuthRequest as Auth;
        use ElectionRequest as Election;
        use LeaseRequest as Lease;
        use MaintenanceRequest as Maintenance;
        ask! { self, call;
            Call::Kv(Request::Range(_)) => "/etcdserverpb.KV/Range" pb::RangeRequest, pb::RangeResponse;
            Call::Kv(Request::Put(_)) => "/etcdserverpb.KV/Put" pb::PutRequest, pb::PutResponse;
            Call::Kv(Request::DeleteRange(_)) =>
                "/etcdserverpb.KV/DeleteRange" pb::DeleteRangeRequest, pb::DeleteRangeResponse;
            Call::Kv(Request::Txn(_)) => "/etcdserverpb.KV/Txn" pb::TxnRequest, pb::TxnResponse;
            Call::Kv(Request::Compaction(_)) =>
                "/etcdserverpb.KV/Compact" pb::CompactionRequest, pb::CompactionResponse;
            Call::Lease(Lease::Grant(_)) =>
                "/etcdserverpb.Lease/LeaseGrant" pb::LeaseGrantRequest, pb::LeaseGrantResponse;
            Call::Lease(Lease::Revoke(_)) =>
                "/etcdserverpb.Lease/LeaseRevoke" pb::LeaseRevokeRequest, pb::LeaseRevokeResponse;
            Call::Lease(Lease::TimeToLive(_)) =>
                "/etcdserverpb.Lease/LeaseTimeToLive" pb::LeaseTimeToLiveRequest, pb::LeaseTimeToLiveResponse;
            Call::Lease(Lease::Leases(_)) =>
                "/etcdserverpb.Lease/LeaseLeases" pb::LeaseLeasesRequest, pb::LeaseLeasesResponse;
            Call::Lock(LockRequest::Lock(_)) =>
                "/v3lockpb.Lock/Lock" v3lockpb::LockRequest, v3lockpb::LockResponse;
            Call::Lock(LockRequest::Unlock(_)) =>
                "/v3lockpb.Lock/Unlock" v3lockpb::UnlockRequest, v3lockpb::UnlockResponse;
            Call::Election(Election::Campaign(_)) =>
                "/v3electionpb.Election/Campaign" v3electionpb::CampaignRequest, v3electionpb::CampaignResponse;
            Call::Election(Election::Proclaim(_)) =>
                "/v3electionpb.Election/Proclaim" v3electionpb::ProclaimRequest, v3electionpb::ProclaimResponse;
            Call::Election(Election::Leader(_)) =>
                "/v3electionpb.Election/Leader" v3electionpb::LeaderRequest, v3electionpb::LeaderResponse;
            Call::Election(Election::Resign(_)) =>
                "/v3electionpb.Election/Resign" v3electionpb::ResignRequest, v3electionpb::ResignResponse;
            Call::Status => "/etcdserverpb.Maintenance/Status" pb::StatusRequest, pb::StatusResponse;
            Call::Maintenance(Maintenance::Alarm(_)) =>
                "/etcdserverpb.Maintenance/Alarm" pb::AlarmRequest, pb::AlarmResponse;
            Call::Maintenance(Maintenance::Hash) =>
                "/etcdserverpb.Maintenance/Hash" pb::HashRequest, pb::HashResponse;
            Call::Maintenance(Maintenance::HashKv { .. }) =>
                "/etcdserverpb.Maintenance/HashKV" pb::HashKvRequest, pb::HashKvResponse;
            Call::Maintenance(Maintenance::Defragment) =>
                "/etcdserverpb.Maintenance/Defragment" pb::DefragmentRequest, pb::DefragmentResponse;
            Call::Auth(Auth::Enable) =>
                "/etcdserverpb.Auth/AuthEnable" pb::AuthEnableRequest, pb::AuthEnableResponse;
            Call::Auth(Auth::Disable) =>
                "/etcdserverpb.Auth/AuthDisable" pb::AuthDisableRequest, pb::AuthDisableResponse;
            Call::Auth(Auth::Status) =>
                "/etcdserverpb.Auth/AuthStatus" pb::AuthStatusRequest, pb::AuthStatusResponse;
            Call::Auth(Auth::Authenticate(_)) =>
                "/etcdserverpb.Auth/Authenticate" pb::AuthenticateRequest, pb::AuthenticateResponse;
            Call::Auth(Auth::UserAdd(_)) =>
                "/etcdserverpb.Auth/UserAdd" pb::AuthUserAddRequest, pb::AuthUserAddResponse;
            Call::Auth(Auth::UserGet { .. }) =>
                "/etcdserverpb.Auth/UserGet" pb::AuthUserGetRequest, pb::AuthUserGetResponse;
            Call::Auth(Auth::UserList) =>
                "/etcdserverpb.Auth/UserList" pb::AuthUserListRequest, pb::AuthUserListResponse;
            Call::Auth(Auth::UserDelete { .. }) =>
                "/etcdserverpb.Auth/UserDelete" pb::AuthUserDeleteRequest, pb::AuthUserDeleteResponse;
            Call::Auth(Auth::UserChangePassword { .. }) => "/etcdserverpb.Auth/UserChangePassword"
                pb::AuthUserChangePasswordRequest, pb::AuthUserChangePasswordResponse;
            Call::Auth(Auth::UserGrantRole { .. }) =>
                "/etcdserverpb.Auth/UserGrantRole" pb::AuthUserGrantRoleRequest, pb::AuthUserGrantRoleResponse;
            Call::Auth(Auth::UserRevokeRole { .. }) =>
                "/etcdserverpb.Auth/UserRevokeRole" pb::AuthUserRevokeRoleRequest, pb::AuthUserRevokeRoleResponse;
            Call::Auth(Auth::RoleAdd { .. }) =>
                "/etcdserverpb.Auth/RoleAdd" pb::AuthRoleAddRequest, pb::AuthRoleAddResponse;
            Call::Auth(Auth::RoleGet { .. }) =>
                "/etcdserverpb.Auth/RoleGet" pb::AuthRoleGetRequest, pb::AuthRoleGetResponse;
            Call::Auth(Auth::RoleList) =>
                "/etcdserverpb.Auth/RoleList" pb::AuthRoleListRequest, pb::AuthRoleListResponse;
            Call::Auth(Auth::RoleDelete { .. }) =>
                "/etcdserverpb.Auth/RoleDelete" pb::AuthRoleDeleteRequest, pb::AuthRoleDeleteResponse;
            Call::Auth(Auth::RoleGrantPermission { .. }) => "/etcdserverpb.Auth/RoleGrantPermission"
                pb::AuthRoleGrantPermissionRequest, pb::AuthRoleGrantPermissionResponse;
            Call::Auth(Auth::RoleRevokePermission { .. }) => "/etcdserverpb.Auth/RoleRevokePermission"
                pb::AuthRoleRevokePermissionRequest, pb::AuthRoleRevokePermissionResponse;
        }
    }

    fn with_token<M>(&self, message: M) -> tonic::Request<M> {
        let mut request = tonic::Request::new(message);
        if let Some(token) = &self.token {
            set_token(request.metadata_mut(), token).expect("a token is text");
        }
        request
    }

    async fn grpc(&self) -> Grpc<Channel> {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.expect("a channel is always ready");
        grpc
    }

    async fn unary<M, R>(&self, path: &'static str, call: Call) -> Result<Reply, Status>
    where
        M: Message + TryFrom<Call, Error: fmt::Debug> + 'static,
        R: Message + Default + 'static,
        Reply: TryFrom<R, Error: fmt::Debug>,
    {
        let message = self.with_token(M::try_from(call).expect("it is the message of the call"));
        let (path, codec) = (PathAndQuery::from_static(path), ProstCodec::<M, R>::default());
        let response = self.grpc().await.unary(message, path, codec).await?;
        Ok(Reply::try_from(response.into_inner()).expect("it is the message of a reply"))
    }

    /// A keepalive goes over a stream of its own.
    async fn keep_alive(&self, call: Call) -> Result<Reply, Status> {
        let message = pb::LeaseKeepAliveRequest::try_from(call).expect("it is the message of the call");
        let messages = self.with_token(tokio_stream::once(message));
        let path = PathAndQuery::from_static("/etcdserverpb.Lease/LeaseKeepAlive");
        let codec = ProstCodec::<pb::LeaseKeepAliveRequest, pb::LeaseKeepAliveResponse>::default();
        let mut answers: Streaming<_> =
            self.grpc().await.streaming(messages, path, codec).await?.into_inner();
        let answer = answers.message().await?.expect("each keepalive is answered");
        Ok(Reply::try_from(answer).expect("it is the message of a reply"))
    }
}
