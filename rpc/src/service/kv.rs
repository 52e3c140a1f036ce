//! `etcdserverpb.KV`.

use super::unary::call;
use super::{Messages, unary_methods};
use crate::convert::range_stream::range_stream_chunks;
use crate::metadata::CallMetadata;
use crate::proto::etcdserverpb::kv_server::Kv;
use crate::proto::etcdserverpb::{
    CompactionRequest, CompactionResponse, DeleteRangeRequest, DeleteRangeResponse, PutRequest, PutResponse,
    RangeRequest, RangeResponse, RangeStreamResponse, TxnRequest, TxnResponse,
};
use crate::session::{Carrier, Session};
use crate::status::status;
use revline_store::api::{self, SortOrder, SortTarget};
use revline_store::frame::{Call, Reply};
use tonic::{Request, Response, Status};

/// The service of keys and values.
#[derive(Debug)]
pub(crate) struct KvService<C: Carrier>(pub Session<C>);

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

    /// The answer to a range, piece by piece. What etcd does not stream is refused (etcd: `api/v3rpc/key.go`,
    /// `RangeStream`).
    async fn range_stream(
        &self,
        request: Request<RangeRequest>,
    ) -> Result<Response<Self::RangeStreamStream>, Status> {
        let metadata = CallMetadata::of(request.metadata());
        let range = api::RangeRequest::from(request.into_inner());
        refuse_unstreamed(&range)?;
        match call(&self.0, Call::Kv(api::Request::Range(range)), metadata).await? {
            Reply::Kv(api::Response::Range(response)) => {
                Ok(Response::new(Box::pin(tokio_stream::iter(range_stream_chunks(response).map(Ok)))))
            }
            _ => Err(Status::internal("the answer to a range is none")),
        }
    }
}

/// Refuses a range that is not in the order of its keys, or filtered by revisions. One that is malformed is refused as any
/// other.
fn refuse_unstreamed(range: &api::RangeRequest) -> Result<(), Status> {
    api::validate(&api::Request::Range(range.clone())).map_err(|error| status(error, error.code()))?;
    let by_key = matches!(
        (range.sort_order, range.sort_target),
        (SortOrder::None, _) | (SortOrder::Ascend, SortTarget::Key)
    );
    if !by_key {
        return Err(Status::unimplemented("RangeStream does not support custom sort orders"));
    }
    let filters = [
        range.min_mod_revision,
        range.max_mod_revision,
        range.min_create_revision,
        range.max_create_revision,
    ];
    if filters != [0; 4] {
        return Err(Status::unimplemented("RangeStream does not support revision filters"));
    }
    Ok(())
}
