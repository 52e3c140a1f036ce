//! `etcdserverpb.Lease`.

use super::unary::call;
use super::{Messages, unary_methods};
use crate::metadata::CallMetadata;
use crate::proto::etcdserverpb::lease_server::Lease;
use crate::proto::etcdserverpb::{
    LeaseGrantRequest, LeaseGrantResponse, LeaseKeepAliveRequest, LeaseKeepAliveResponse, LeaseLeasesRequest,
    LeaseLeasesResponse, LeaseRevokeRequest, LeaseRevokeResponse, LeaseTimeToLiveRequest,
    LeaseTimeToLiveResponse,
};
use crate::session::{Carrier, Session};
use futures_util::stream::unfold;
use revline_store::frame::Call;
use tonic::{Request, Response, Status, Streaming};

/// The service of leases.
#[derive(Debug)]
pub(crate) struct LeaseService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Lease for LeaseService<C> {
    unary_methods! {
        lease_grant(LeaseGrantRequest) -> LeaseGrantResponse;
        lease_revoke(LeaseRevokeRequest) -> LeaseRevokeResponse;
        lease_time_to_live(LeaseTimeToLiveRequest) -> LeaseTimeToLiveResponse;
        lease_leases(LeaseLeasesRequest) -> LeaseLeasesResponse;
    }

    type LeaseKeepAliveStream = Messages<LeaseKeepAliveResponse>;

    /// Each request is a call, answered before the next is read. An error ends the stream (etcd: `api/v3rpc/lease.go`,
    /// `leaseKeepAlive`).
    async fn lease_keep_alive(
        &self,
        request: Request<Streaming<LeaseKeepAliveRequest>>,
    ) -> Result<Response<Self::LeaseKeepAliveStream>, Status> {
        let metadata = CallMetadata::of(request.metadata());
        let requests = Some(request.into_inner());
        let session = self.0.clone();
        let answers = unfold(requests, move |requests| {
            let (session, metadata) = (session.clone(), metadata.clone());
            async move {
                let mut requests = requests?;
                let request = requests.message().await.transpose()?;
                let answer = match request {
                    Ok(request) => keep_alive(&session, request, metadata).await,
                    Err(status) => Err(status),
                };
                let goes_on = answer.is_ok().then_some(requests);
                Some((answer, goes_on))
            }
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

async fn keep_alive<C: Carrier>(
    session: &Session<C>,
    request: LeaseKeepAliveRequest,
    metadata: CallMetadata,
) -> Result<LeaseKeepAliveResponse, Status> {
    let reply = call(session, Call::try_from(request)?, metadata).await?;
    Ok(LeaseKeepAliveResponse::try_from(reply)?)
}
