//! `v3electionpb.Election`.

use super::{Messages, refused, unary_methods};
use crate::metadata;
use crate::proto::v3electionpb::election_server::Election;
use crate::proto::v3electionpb::{
    CampaignRequest, CampaignResponse, LeaderRequest, LeaderResponse, ProclaimRequest, ProclaimResponse,
    ResignRequest, ResignResponse,
};
use crate::session::{Carrier, Session};
use revline_store::error::Error;
use tokio_stream::StreamExt as _;
use tonic::{Request, Response, Status};

/// The service of elections. A candidate that goes away gives up its place.
#[derive(Debug)]
pub(crate) struct ElectionService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Election for ElectionService<C> {
    unary_methods! {
        campaign(CampaignRequest) -> CampaignResponse;
        proclaim(ProclaimRequest) -> ProclaimResponse;
        leader(LeaderRequest) -> LeaderResponse;
        resign(ResignRequest) -> ResignResponse;
    }

    type ObserveStream = Messages<LeaderResponse>;

    async fn observe(
        &self,
        request: Request<LeaderRequest>,
    ) -> Result<Response<Self::ObserveStream>, Status> {
        let token = metadata::token(request.metadata());
        let code = Error::code_by_service;
        let leaders = self.0.observe(request.into_inner().into(), token);
        let leaders = leaders.map_err(|failure| refused(failure, code))?;
        let messages =
            leaders.map(move |leader| leader.map(Into::into).map_err(|failure| refused(failure, code)));
        Ok(Response::new(Box::pin(messages)))
    }
}
