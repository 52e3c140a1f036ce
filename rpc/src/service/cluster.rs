//! `etcdserverpb.Cluster`.

use super::unary::call;
use crate::addresses::Addresses;
use crate::convert::Unconvertible;
use crate::convert::cluster::{
    member_add, member_add_response, member_list_response, member_promote_response, member_remove_response,
    member_update_response,
};
use crate::metadata::CallMetadata;
use crate::proto::etcdserverpb::cluster_server::Cluster;
use crate::proto::etcdserverpb::{
    MemberAddRequest, MemberAddResponse, MemberListRequest, MemberListResponse, MemberPromoteRequest,
    MemberPromoteResponse, MemberRemoveRequest, MemberRemoveResponse, MemberUpdateRequest,
    MemberUpdateResponse,
};
use crate::session::{Carrier, Session};
use revline_store::api::{ClusterRequest, ClusterResponse};
use revline_store::frame::{Call, Reply};
use tonic::{Request, Response, Status};

/// The service of members, with their addresses.
#[derive(Debug)]
pub(crate) struct ClusterService<C: Carrier, A> {
    /// The session.
    pub session: Session<C>,
    /// The addresses of members.
    pub addresses: A,
}

impl<C: Carrier, A> ClusterService<C, A> {
    async fn ask<M>(&self, request: Request<M>) -> Result<ClusterResponse, Status>
    where
        Call: TryFrom<M, Error = Unconvertible>,
    {
        let metadata = CallMetadata::of(request.metadata());
        self.call(Call::try_from(request.into_inner())?, metadata).await
    }

    async fn call(&self, request: Call, metadata: CallMetadata) -> Result<ClusterResponse, Status> {
        match call(&self.session, request, metadata).await? {
            Reply::Cluster(response) => Ok(response),
            _ => Err(Status::internal("the answer to a change of members is none")),
        }
    }
}

#[tonic::async_trait]
impl<C: Carrier, A: Addresses + Send + Sync + 'static> Cluster for ClusterService<C, A> {
    /// The addresses say which member it is to be: etcd makes an id of them and of the time.
    async fn member_add(
        &self,
        request: Request<MemberAddRequest>,
    ) -> Result<Response<MemberAddResponse>, Status> {
        let metadata = CallMetadata::of(request.metadata());
        let message = request.into_inner();
        let Some(id) = self.addresses.member_of(&message.peer_ur_ls) else {
            let wrong = format!("no member can have the peer URLs {:?}", message.peer_ur_ls);
            return Err(Status::invalid_argument(wrong));
        };
        let add = Call::Cluster(ClusterRequest::Add(member_add(message, id)));
        let response = self.call(add, metadata).await?;
        Ok(Response::new(member_add_response(response, id, &self.addresses)))
    }

    async fn member_remove(
        &self,
        request: Request<MemberRemoveRequest>,
    ) -> Result<Response<MemberRemoveResponse>, Status> {
        Ok(Response::new(member_remove_response(self.ask(request).await?, &self.addresses)))
    }

    async fn member_update(
        &self,
        request: Request<MemberUpdateRequest>,
    ) -> Result<Response<MemberUpdateResponse>, Status> {
        Ok(Response::new(member_update_response(self.ask(request).await?, &self.addresses)))
    }

    async fn member_list(
        &self,
        request: Request<MemberListRequest>,
    ) -> Result<Response<MemberListResponse>, Status> {
        Ok(Response::new(member_list_response(self.ask(request).await?, &self.addresses)))
    }

    async fn member_promote(
        &self,
        request: Request<MemberPromoteRequest>,
    ) -> Result<Response<MemberPromoteResponse>, Status> {
        Ok(Response::new(member_promote_response(self.ask(request).await?, &self.addresses)))
    }
}
