//! Servers that are down, answers that are lost, clients that end.

use super::*;

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
