//! Queries of the applied state.

use crate::api::{
    AuthenticateRequest, LeaseLeasesResponse, LeaseResponse, MaintenanceRequest, MaintenanceResponse,
    Request, Response,
};
use crate::error::Error;
use crate::frame::Reply;
use crate::member::cx::Cx;
use crate::member::state::saved_snapshot;

/// The content of a read.
#[derive(Debug)]
pub(in crate::member) enum Query {
    Kv(Request),
    /// All leases.
    Leases,
    /// All members.
    Members,
    /// A hash, or a snapshot.
    Maintenance(MaintenanceRequest),
    /// Check a password, as the first step to a token.
    Authenticate(AuthenticateRequest),
}

impl Query {
    /// Answers from the applied state.
    pub fn answer(&self, cx: &Cx<'_>) -> Result<Reply, Error> {
        let store = &cx.state.store;
        match self {
            Query::Kv(Request::Range(range)) => {
                store.range(range).map(|response| Reply::Kv(Response::Range(response)))
            }
            Query::Kv(Request::Txn(txn)) => {
                store.read_txn(txn).map(|response| Reply::Kv(Response::Txn(response)))
            }
            Query::Kv(_) => unreachable!("only ranges and read-only txns are reads"),
            Query::Leases => {
                let leases = store.leases().iter().map(|(id, _)| id).collect();
                Ok(Reply::Lease(LeaseResponse::Leases(LeaseLeasesResponse { header: cx.header(), leases })))
            }
            Query::Members => Ok(Reply::Cluster(cx.state.membership.response())),
            Query::Maintenance(request) => maintenance_answer(request, cx).map(Reply::Maintenance),
            Query::Authenticate(_) => unreachable!("the answer to it is a token"),
        }
    }
}

/// Answers a maintenance request (etcd: `server/etcdserver/api/v3rpc/maintenance.go`).
fn maintenance_answer(request: &MaintenanceRequest, cx: &Cx<'_>) -> Result<MaintenanceResponse, Error> {
    let header = cx.header();
    match request {
        MaintenanceRequest::Hash => {
            let state = cx.state.snapshot(cx.raft.store().conf_state());
            Ok(MaintenanceResponse::Hash { header, hash: crc32c::crc32c(&state.data) })
        }
        MaintenanceRequest::HashKv { revision } => {
            let kv = cx.state.store.hash_kv(*revision)?;
            let (compact_revision, hash_revision) = (kv.compact_revision, kv.revision);
            Ok(MaintenanceResponse::HashKv { header, hash: kv.hash, compact_revision, hash_revision })
        }
        MaintenanceRequest::Snapshot => {
            let bytes = saved_snapshot::encode(cx.state, cx.config.cluster_id);
            Ok(MaintenanceResponse::Snapshot { header, bytes: bytes.into() })
        }
        MaintenanceRequest::Alarm(_) | MaintenanceRequest::Defragment => {
            unreachable!("these do more than read")
        }
    }
}
