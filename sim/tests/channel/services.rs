//! Every service, when nothing is wrong.

use super::*;

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
