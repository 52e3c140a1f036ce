//! `etcdserverpb.KV`.

use super::unary::call;
use super::{Messages, unary_methods};
use crate::metadata;
use crate::proto::etcdserverpb::kv_server::Kv;
use crate::proto::etcdserverpb::{
    CompactionRequest, CompactionResponse, DeleteRangeRequest, DeleteRangeResponse, PutRequest, PutResponse,
    RangeRequest, RangeResponse, RangeStreamResponse, TxnRequest, TxnResponse,
};
use crate::session::{Carrier, Session};
use revline_store::frame::Call;
use tonic::{Request, Response, Status};

/// The service of keys and values.
#[derive(Debug)]
pub struct KvService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Kv for KvService<C> {
    unary_methods! {
        range(RangeRequest) -> RangeResponse;
        put(PutRequest) -> PutResponse;
        delete_range(DeleteRangeRequest) -> DeleteRangeResponse;
        txn(TxnRequest) -> TxnResponse;
        compact(CompactionRequest) -> CompactionResponse;
    }

    type RangeStreamStream = Messages<RangeStreamResponse>;

    /// The keys of a range in one piece: a member of the store reads them at once.
    async fn range_stream(
        &self,
        request: Request<RangeRequest>,
    ) -> Result<Response<Self::RangeStreamStream>, Status> {
        let token = metadata::token(request.metadata());
        let reply = call(&self.0, Call::try_from(request.into_inner())?, token).await?;
        let range_response = Some(RangeResponse::try_from(reply)?);
        let whole = RangeStreamResponse { range_response };
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(whole)))))
    }
}
