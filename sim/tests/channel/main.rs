//! A gRPC client of etcd in the world: tonic's own, which knows of nothing but a channel.

mod services;
mod trouble;

use prost::Message;
use revline_checker::history::{History, Outcome};
use revline_checker::judge::Judge;
use revline_rpc::proto::etcdserverpb::watch_request::RequestUnion;
use revline_rpc::proto::etcdserverpb::{
    AuthEnableRequest, AuthRoleAddRequest, AuthUserAddRequest, AuthUserGrantRoleRequest, AuthenticateRequest,
    AuthenticateResponse, CompactionRequest, CompactionResponse, LeaseGrantRequest, LeaseGrantResponse,
    LeaseKeepAliveRequest, LeaseKeepAliveResponse, MemberAddRequest, MemberAddResponse, MemberListRequest,
    MemberListResponse, PutRequest, PutResponse, RangeRequest, RangeResponse, SnapshotRequest,
    SnapshotResponse, StatusRequest, StatusResponse, WatchCreateRequest, WatchRequest, WatchResponse,
};
use revline_rpc::proto::{v3electionpb, v3lockpb};
use revline_sim::channel::Channel;
use revline_sim::fault::{Crash, CrashAll, CrashProcess, ProcessTarget, Target};
use revline_sim::{SimulationConfig, World, simulate};
use std::time::Duration;
use tokio_stream::{Stream, StreamExt};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, IntoRequest, Request, Status, Streaming};
use tonic_prost::ProstCodec;

/// Runs a program in a world of three members with a leader, and judges what was seen.
fn in_world<T: Send, F: Future<Output = T>>(program: impl Fn(World) -> F + Send + Sync) -> (T, History) {
    let config = SimulationConfig { seed: 5, ..SimulationConfig::default() };
    let program = &program;
    let run = || {
        let run = simulate(&config, false, |world| async move {
            world.leader().await.expect("an election");
            let value = program(world.clone()).await;
            world.end_processes();
            world.settle(Duration::from_secs(20)).await;
            value
        });
        run.expect("nothing panics")
    };
    let (first, again) = (run(), run());
    assert_eq!(first.trace.hash(), again.trace.hash());
    let verdicts = Judge::new(&first.history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    (first.value, first.history)
}

async fn grpc(channel: &Channel) -> Grpc<Channel> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.expect("a channel is always ready");
    grpc
}

/// Makes a call with one response.
async fn ask<M, R>(channel: &Channel, path: &'static str, request: impl IntoRequest<M>) -> Result<R, Status>
where
    M: Message + 'static,
    R: Message + Default + 'static,
{
    let path = PathAndQuery::from_static(path);
    let response = grpc(channel).await.unary(request.into_request(), path, ProstCodec::default()).await;
    response.map(tonic::Response::into_inner)
}

/// Opens a stream in both directions.
async fn stream<M, R>(
    channel: &Channel,
    path: &'static str,
    requests: impl Stream<Item = M> + Send + 'static,
) -> Result<Streaming<R>, Status>
where
    M: Message + 'static,
    R: Message + Default + 'static,
{
    let path = PathAndQuery::from_static(path);
    let requests = Request::new(requests);
    let response = grpc(channel).await.streaming(requests, path, ProstCodec::<M, R>::default()).await;
    response.map(tonic::Response::into_inner)
}

fn put(key: &'static str, value: &'static str) -> PutRequest {
    PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() }
}

async fn write(channel: &Channel, key: &'static str, value: &'static str) -> Result<PutResponse, Status> {
    ask(channel, "/etcdserverpb.KV/Put", put(key, value)).await
}

async fn read(channel: &Channel, key: &'static str) -> Result<RangeResponse, Status> {
    let range = RangeRequest { key: key.into(), ..RangeRequest::default() };
    ask(channel, "/etcdserverpb.KV/Range", range).await
}

fn watch(key: &'static str) -> WatchRequest {
    let create = WatchCreateRequest { key: key.into(), ..WatchCreateRequest::default() };
    WatchRequest { request_union: Some(RequestUnion::CreateRequest(create)) }
}
