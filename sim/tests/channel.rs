//! A gRPC client of etcd in the world: tonic's own, which knows of nothing but a channel.

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

#[test]
fn a_key_is_written_and_read_and_watched() {
    let (_, history) = in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        // The client sends no more after that, and still reads.
        let requests = tokio_stream::once(watch("k"));
        let mut watched: Streaming<WatchResponse> =
            stream(&channel, "/etcdserverpb.Watch/Watch", requests).await.unwrap();
        assert!(watched.next().await.unwrap().unwrap().created);
        let revision = write(&channel, "k", "1").await.unwrap().header.unwrap().revision;
        assert_eq!(read(&channel, "k").await.unwrap().kvs[0].value, "1");
        let response = watched.next().await.unwrap().unwrap();
        let event = response.events[0].kv.clone().unwrap();
        assert_eq!((event.value, event.mod_revision), ("1".into(), revision));
    });
    assert_eq!(history.watches[0].frames.len(), 2);
}

#[test]
fn an_error_has_etcds_text_and_code() {
    in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        let empty = write(&channel, "", "1").await.unwrap_err();
        assert_eq!(
            (empty.code(), empty.message()),
            (Code::InvalidArgument, "etcdserver: key is not provided")
        );
        let compaction = CompactionRequest { revision: 100, ..CompactionRequest::default() };
        let future =
            ask::<_, CompactionResponse>(&channel, "/etcdserverpb.KV/Compact", compaction).await.unwrap_err();
        assert_eq!(
            (future.code(), future.message()),
            (Code::OutOfRange, "etcdserver: mvcc: required revision is a future revision")
        );
        let unknown = ask::<_, PutResponse>(&channel, "/etcdserverpb.Other/Put", put("k", "1")).await;
        assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
        let unknown = ask::<_, PutResponse>(&channel, "/etcdserverpb.KV/Other", put("k", "1")).await;
        assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
    });
}

#[test]
fn a_lease_is_kept_alive_on_a_stream() {
    in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        let grant = LeaseGrantRequest { ttl: 5, id: 0 };
        let granted: LeaseGrantResponse =
            ask(&channel, "/etcdserverpb.Lease/LeaseGrant", grant).await.unwrap();
        let ids = [granted.id, granted.id, 404];
        let requests = tokio_stream::iter(ids.map(|id| LeaseKeepAliveRequest { id }));
        let kept: Streaming<LeaseKeepAliveResponse> =
            stream(&channel, "/etcdserverpb.Lease/LeaseKeepAlive", requests).await.unwrap();
        let ttls: Vec<i64> = kept.map(|answer| answer.unwrap().ttl).collect().await;
        assert_eq!(ttls, [5, 5, 0], "of a lease that is none it says 0");
    });
}

#[test]
fn a_lock_goes_to_the_next_when_a_waiter_gives_up() {
    let (_, history) = in_world(|world| async move {
        let (a, b) = (world.channel("a", &world.members()), world.channel("b", &world.members()));
        let lock = || v3lockpb::LockRequest { name: "l".into(), lease: 0 };
        let path = "/v3lockpb.Lock/Lock";
        let held: v3lockpb::LockResponse = ask(&a, path, lock()).await.unwrap();
        let waits = ask::<_, v3lockpb::LockResponse>(&b, path, lock());
        world.timeout(Duration::from_secs(1), waits).await.unwrap_err();
        let unlock = v3lockpb::UnlockRequest { key: held.key };
        let _: v3lockpb::UnlockResponse = ask(&a, "/v3lockpb.Lock/Unlock", unlock).await.unwrap();
        let _: v3lockpb::LockResponse = ask(&a, path, lock()).await.unwrap();
    });
    let given_up = |outcome: &Outcome| matches!(outcome, Outcome::Unknown(why) if why == "given up");
    assert!(history.operations.iter().any(|operation| given_up(&operation.outcome)));
}

#[test]
fn an_election_is_observed() {
    in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        let grant = LeaseGrantRequest { ttl: 60, id: 0 };
        let LeaseGrantResponse { id: lease, .. } =
            ask(&channel, "/etcdserverpb.Lease/LeaseGrant", grant).await.unwrap();
        let campaign = v3electionpb::CampaignRequest { name: "e".into(), lease, value: "me".into() };
        let won: v3electionpb::CampaignResponse =
            ask(&channel, "/v3electionpb.Election/Campaign", campaign).await.unwrap();
        let request = Request::new(v3electionpb::LeaderRequest { name: "e".into() });
        let path = PathAndQuery::from_static("/v3electionpb.Election/Observe");
        let codec = ProstCodec::<_, v3electionpb::LeaderResponse>::default();
        let mut leaders =
            grpc(&channel).await.server_streaming(request, path, codec).await.unwrap().into_inner();
        let leader = leaders.next().await.unwrap().unwrap().kv.unwrap();
        assert_eq!((leader.value, leader.key), ("me".into(), won.leader.unwrap().key));
        let missing = v3electionpb::ResignRequest { leader: None };
        let refused =
            ask::<_, v3electionpb::ResignResponse>(&channel, "/v3electionpb.Election/Resign", missing).await;
        assert_eq!(refused.unwrap_err().message(), "\"leader\" field must be provided");
    });
}

#[test]
fn members_have_addresses_and_a_state() {
    in_world(|world| async move {
        let channel = world.channel("a", &[2]);
        let list: MemberListResponse =
            ask(&channel, "/etcdserverpb.Cluster/MemberList", MemberListRequest::default()).await.unwrap();
        assert_eq!(list.members[2].client_ur_ls, ["http://m3:2379"]);
        let status: StatusResponse =
            ask(&channel, "/etcdserverpb.Maintenance/Status", StatusRequest {}).await.unwrap();
        assert_eq!(status.header.unwrap().member_id, 2);
        let wrong =
            MemberAddRequest { peer_ur_ls: vec!["http://example.com:2380".to_owned()], ..Default::default() };
        let refused = ask::<_, MemberAddResponse>(&channel, "/etcdserverpb.Cluster/MemberAdd", wrong).await;
        assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
        let request = Request::new(SnapshotRequest {});
        let path = PathAndQuery::from_static("/etcdserverpb.Maintenance/Snapshot");
        let codec = ProstCodec::<_, SnapshotResponse>::default();
        let pieces = grpc(&channel).await.server_streaming(request, path, codec).await.unwrap().into_inner();
        let last = pieces.map(|piece| piece.unwrap()).fold(None, |_, piece| Some(piece)).await.unwrap();
        assert_eq!(last.remaining_bytes, 0);
    });
}

#[test]
fn a_token_says_who_asks() {
    let (_, history) = in_world(|world| async move {
        world.set_administrator("root", "secret");
        let channel = world.channel("a", &world.members());
        let user =
            AuthUserAddRequest { name: "root".into(), password: "secret".into(), ..Default::default() };
        ask::<_, revline_rpc::proto::etcdserverpb::AuthUserAddResponse>(
            &channel,
            "/etcdserverpb.Auth/UserAdd",
            user,
        )
        .await
        .unwrap();
        let role = AuthRoleAddRequest { name: "root".into() };
        ask::<_, revline_rpc::proto::etcdserverpb::AuthRoleAddResponse>(
            &channel,
            "/etcdserverpb.Auth/RoleAdd",
            role,
        )
        .await
        .unwrap();
        let grant = AuthUserGrantRoleRequest { user: "root".into(), role: "root".into() };
        ask::<_, revline_rpc::proto::etcdserverpb::AuthUserGrantRoleResponse>(
            &channel,
            "/etcdserverpb.Auth/UserGrantRole",
            grant,
        )
        .await
        .unwrap();
        ask::<_, revline_rpc::proto::etcdserverpb::AuthEnableResponse>(
            &channel,
            "/etcdserverpb.Auth/AuthEnable",
            AuthEnableRequest {},
        )
        .await
        .unwrap();
        let refused = write(&channel, "k", "1").await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.message()),
            (Code::InvalidArgument, "etcdserver: user name is empty")
        );
        let login = AuthenticateRequest { name: "root".into(), password: "secret".into() };
        let AuthenticateResponse { token, .. } =
            ask(&channel, "/etcdserverpb.Auth/Authenticate", login).await.unwrap();
        let mut request = Request::new(put("k", "2"));
        request.metadata_mut().insert("token", token.parse().unwrap());
        // A member that lags may not know the token yet.
        loop {
            let mut again = Request::new(request.get_ref().clone());
            *again.metadata_mut() = request.metadata().clone();
            let written = ask::<PutRequest, PutResponse>(&channel, "/etcdserverpb.KV/Put", again).await;
            match written {
                Ok(_) => break,
                Err(status) => assert_eq!(status.code(), Code::Unauthenticated, "{status}"),
            }
            world.sleep(Duration::from_millis(100)).await;
        }
    });
    let last = history
        .operations
        .iter()
        .rfind(|operation| matches!(operation.outcome, Outcome::Ok(_)) && operation.user.is_some());
    assert_eq!(last.and_then(|operation| operation.user.as_deref()), Some("root"));
}

#[test]
fn a_server_that_is_down_refuses_and_nothing_was_sent() {
    let (_, history) = in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        let down = world.fault(CrashAll {}).await;
        let refused = write(&channel, "k", "1").await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused}");
        world.heal_one(down);
        while write(&channel, "k", "2").await.is_err() {
            world.sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(read(&channel, "k").await.unwrap().kvs[0].value, "2");
    });
    assert!(matches!(&history.operations[0].outcome, Outcome::Failed(error) if error.code == "Unavailable"));
}

#[test]
fn a_lost_answer_leaves_the_outcome_open_and_a_retry_is_another_operation() {
    let (_, history) = in_world(|world| async move {
        let leader = world.leader().await.unwrap();
        let channel = world.channel("a", &[leader]);
        write(&channel, "k", "0").await.unwrap();
        let (own, of_task) = (world.clone(), channel.clone());
        let write_once = world.spawn(async move { write(&of_task, "k", "1").await });
        own.sleep(Duration::from_micros(100)).await;
        let crash = world.fault(Crash { target: Target::Member(leader) }).await;
        let broke = write_once.await.unwrap().unwrap_err();
        assert_eq!(broke.code(), Code::Unknown, "{broke}");
        world.heal_one(crash);
        while write(&channel, "k", "1").await.is_err() {
            world.sleep(Duration::from_millis(100)).await;
        }
    });
    let unknown = |outcome: &Outcome| matches!(outcome, Outcome::Unknown(_));
    let of_writes: Vec<bool> = history.operations.iter().map(|op| unknown(&op.outcome)).collect();
    assert!(of_writes.len() > 2 && !of_writes[0] && of_writes[1], "{of_writes:?}");
}

#[test]
fn a_request_may_take_so_long_in_simulated_time() {
    in_world(|world| async move {
        let channel = world.channel("a", &[1]);
        write(&channel, "k", "0").await.unwrap();
        let cut = world.fault(revline_sim::fault::Pause { target: Target::Member(1) }).await;
        let began = world.elapsed();
        let mut request = Request::new(put("k", "1"));
        request.set_timeout(Duration::from_millis(700));
        let late =
            ask::<PutRequest, PutResponse>(&channel, "/etcdserverpb.KV/Put", request).await.unwrap_err();
        assert_eq!((late.code(), late.message()), (Code::Cancelled, "Timeout expired"));
        assert_eq!(world.elapsed() - began, Duration::from_millis(700));
        let channel = channel.timeout(Duration::from_millis(300));
        let began = world.elapsed();
        write(&channel, "k", "2").await.unwrap_err();
        assert_eq!(world.elapsed() - began, Duration::from_millis(300));
        world.heal_one(cut);
    });
}

#[test]
fn endpoints_come_and_go_and_none_but_servers_answer() {
    in_world(|world| async move {
        let channel = world.channel("a", &[]);
        assert_eq!(write(&channel, "k", "1").await.unwrap_err().code(), Code::Unavailable);
        channel.insert("http://etcd.example.com:2379/");
        let nobody = write(&channel, "k", "1").await.unwrap_err();
        assert!(nobody.message().contains("no server of the world"), "{nobody}");
        channel.remove("http://etcd.example.com:2379");
        channel.insert("http://m2:2379/");
        write(&channel, "k", "2").await.unwrap();
    });
}

#[test]
fn the_connections_of_a_process_end_with_it() {
    let (_, history) = in_world(|world| async move {
        let process = world.process("service", |cx| async move {
            let channel = cx.channel(&cx.world().members());
            let requests = tokio_stream::once(watch("k")).chain(tokio_stream::pending());
            let mut watched: Streaming<WatchResponse> =
                stream(&channel, "/etcdserverpb.Watch/Watch", requests).await?;
            loop {
                write(&channel, "k", "1").await?;
                if watched.next().await.is_none() {
                    return Ok::<(), Status>(());
                }
            }
        });
        world.sleep(Duration::from_secs(1)).await;
        let crash = world.fault(CrashProcess { target: ProcessTarget::Process(0) }).await;
        world.sleep(Duration::from_secs(1)).await;
        world.heal_one(crash);
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!(process.starts(), 2);
    });
    let service = history.operations[0].client;
    assert_eq!(history.watches.iter().filter(|watch| watch.client == service).count(), 2);
    assert!(history.operations.len() > 100, "{}", history.operations.len());
    let open = history.operations.iter().filter(|operation| operation.return_ns.is_none()).count();
    assert_eq!(open, 0, "the process went, and so did what it waited for");
}

#[test]
fn an_endpoint_that_is_far_away_is_as_far_for_this_client() {
    let rtt = |one_way_ms: u64| {
        let mut config = SimulationConfig { members: 1, ..SimulationConfig::default() };
        config.network.clients.latency_us = (one_way_ms * 1_000, one_way_ms * 1_000);
        let run = simulate(&config, false, |world| async move {
            world.leader().await.unwrap();
            let channel = world.channel("a", &[1]);
            write(&channel, "k", "0").await.unwrap();
            let began = world.elapsed();
            read(&channel, "k").await.unwrap();
            world.elapsed() - began
        });
        run.unwrap().value
    };
    assert!(rtt(50) >= rtt(1) + Duration::from_millis(90));
}

#[test]
fn bytes_are_no_text() {
    in_world(|world| async move {
        let channel = world.channel("a", &world.members());
        let key = bytes::Bytes::from_static(b"\xff\x00");
        let put = PutRequest { key: key.clone(), value: vec![0; 1_000_000].into(), ..Default::default() };
        let _: PutResponse = ask(&channel, "/etcdserverpb.KV/Put", put).await.unwrap();
        let range = RangeRequest { key, ..RangeRequest::default() };
        let found: RangeResponse = ask(&channel, "/etcdserverpb.KV/Range", range).await.unwrap();
        assert_eq!(found.kvs[0].value.len(), 1_000_000);
        let huge = PutRequest { key: "k".into(), value: vec![0; 3_000_000].into(), ..Default::default() };
        let refused = ask::<_, PutResponse>(&channel, "/etcdserverpb.KV/Put", huge).await.unwrap_err();
        assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    });
}
