//! `etcdserverpb.Maintenance`.

use super::unary::{call, unary};
use super::{Messages, unary_methods};
use crate::convert::maintenance::snapshot_chunks;
use crate::metadata::CallMetadata;
use crate::proto::etcdserverpb::maintenance_server::Maintenance;
use crate::proto::etcdserverpb::{
    AlarmRequest, AlarmResponse, DefragmentRequest, DefragmentResponse, DowngradeRequest, DowngradeResponse,
    HashKvRequest, HashKvResponse, HashRequest, HashResponse, MoveLeaderRequest, MoveLeaderResponse,
    SnapshotRequest, SnapshotResponse, StatusRequest, StatusResponse,
};
use crate::session::{Carrier, Session};
use revline_store::api::MaintenanceResponse;
use revline_store::frame::{Call, Reply};
use tonic::{Request, Response, Status};

/// The service of alarms, hashes, and the storage of a member.
#[derive(Debug)]
pub(crate) struct MaintenanceService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Maintenance for MaintenanceService<C> {
    unary_methods! {
        alarm(AlarmRequest) -> AlarmResponse;
        status(StatusRequest) -> StatusResponse;
        hash(HashRequest) -> HashResponse;
        hash_kv(HashKvRequest) -> HashKvResponse;
        move_leader(MoveLeaderRequest) -> MoveLeaderResponse;
    }

    /// Without a header, as in etcd (`api/v3rpc/maintenance.go`, `Defragment`).
    async fn defragment(
        &self,
        request: Request<DefragmentRequest>,
    ) -> Result<Response<DefragmentResponse>, Status> {
        unary::<_, _, DefragmentResponse>(&self.0, request).await?;
        Ok(Response::new(DefragmentResponse { header: None }))
    }

    type SnapshotStream = Messages<SnapshotResponse>;

    async fn snapshot(
        &self,
        request: Request<SnapshotRequest>,
    ) -> Result<Response<Self::SnapshotStream>, Status> {
        let metadata = CallMetadata::of(request.metadata());
        match call(&self.0, Call::try_from(request.into_inner())?, metadata).await? {
            Reply::Maintenance(MaintenanceResponse::Snapshot { header, bytes }) => {
                let pieces = snapshot_chunks(header, bytes).map(Ok);
                Ok(Response::new(Box::pin(tokio_stream::iter(pieces))))
            }
            _ => Err(Status::internal("the answer to a snapshot is none")),
        }
    }

    /// A cluster of one version has none to go back to.
    async fn downgrade(&self, _: Request<DowngradeRequest>) -> Result<Response<DowngradeResponse>, Status> {
        Err(Status::unimplemented("the store has one version: there is no downgrade"))
    }
}
