//! Tests that `revline shrink` wrote, one of each sort: they show the violation that they were written for.

use revline::prelude::*;

#[test]
#[should_panic(expected = "linearizable: violated")]
fn stale_read() {
    revline::test("leader-isolated")
        .members(5)
        .seeds(0..1)
        .defect(Defect::LocalReadByLeader)
        .configure(|config| {
            config.digest_every_entries = 1;
            config.hash_every_revisions = 1;
        })
        .run(|world| async move {
            let a = world.client_in_place(ClientPlace {
                name: "writer 0".to_owned(),
                endpoints: vec![1],
                first: Some(0),
                ..ClientPlace::default()
            });
            let b = world.client_in_place(ClientPlace {
                name: "reader 0 of member 5".to_owned(),
                endpoints: vec![5],
                first: Some(0),
                ..ClientPlace::default()
            });
            world.sleep_until(Duration::from_millis(1_154)).await;
            let fault_0 = world.strike_as(
                "faults 0 #0",
                &parse_fault(r#"{"kind":"isolate","target":"leader","clients":false}"#)?,
            );
            world.sleep_until(Duration::from_micros(2_155_024)).await;
            let _ = a
                .txn(TxnRequest {
                    success: vec![
                        RequestOp::DeleteRange(DeleteRangeRequest {
                            key: "key/0".into(),
                            ..DeleteRangeRequest::default()
                        }),
                        RequestOp::Put(PutRequest {
                            key: "key/4".into(),
                            value: "0-137".into(),
                            ..PutRequest::default()
                        }),
                        RequestOp::Range(RangeRequest {
                            key: "key/".into(),
                            range_end: "key0".into(),
                            ..RangeRequest::default()
                        }),
                    ],
                    ..TxnRequest::default()
                })
                .await;
            world.sleep_until(Duration::from_micros(2_211_350)).await;
            let _ = b.get("key/2").await;
            world.sleep_until(Duration::from_millis(2_607)).await;
            world.heal_one(fault_0);
            Ok(())
        });
}

#[test]
#[should_panic(expected = "watch-atomic: violated")]
fn split_revision() {
    revline::test("steady")
        .members(1)
        .seeds(0..1)
        .defect(Defect::WatchBatchSplit)
        .configure(|config| {
            config.digest_every_entries = 1;
            config.hash_every_revisions = 1;
        })
        .run(|world| async move {
            let a = world.client_in_place(ClientPlace {
                name: "writer 1".to_owned(),
                endpoints: vec![1],
                first: Some(2),
                ..ClientPlace::default()
            });
            let b = world.client_in_place(ClientPlace {
                name: "watcher 1".to_owned(),
                endpoints: vec![1],
                first: Some(1),
                ..ClientPlace::default()
            });
            world.spawn({
                let b = b.clone();
                async move {
                    let mut watcher = b
                        .watch("key/", "key0", WatchOptions { start_revision: 1, ..WatchOptions::default() })
                        .await;
                    while watcher.next().await.is_some() {}
                }
            });
            world.sleep_until(Duration::from_micros(357)).await;
            let _ = a
                .txn(TxnRequest {
                    success: vec![
                        RequestOp::Put(PutRequest {
                            key: "key/2".into(),
                            value: "1-43".into(),
                            ..PutRequest::default()
                        }),
                        RequestOp::Put(PutRequest {
                            key: "key/4".into(),
                            value: "1-43".into(),
                            ..PutRequest::default()
                        }),
                        RequestOp::Put(PutRequest {
                            key: "key/5".into(),
                            value: "1-43".into(),
                            ..PutRequest::default()
                        }),
                        RequestOp::Range(RangeRequest {
                            key: "key/".into(),
                            range_end: "key0".into(),
                            ..RangeRequest::default()
                        }),
                    ],
                    ..TxnRequest::default()
                })
                .await;
            Ok(())
        });
}

#[test]
#[should_panic(expected = "lease-expires: violated")]
fn outlived() {
    revline::test("long-lease-under-elections")
        .members(3)
        .seeds(4..5)
        .defect(Defect::CheckpointLost)
        .configure(|config| {
            config.digest_every_entries = 1;
            config.hash_every_revisions = 1;
            config.tuning.lease_checkpoint_every_ms = 500;
        })
        .run(|world| async move {
            let a = world.client_in_place(ClientPlace {
                name: "reader 0 of member 3".to_owned(),
                endpoints: vec![3],
                first: Some(0),
                ..ClientPlace::default()
            });
            let b = world.client_in_place(ClientPlace {
                name: "lease user 1".to_owned(),
                endpoints: vec![2],
                first: Some(0),
                ..ClientPlace::default()
            });
            let c = world.client_in_place(ClientPlace {
                name: "lease keeper 1".to_owned(),
                endpoints: vec![2],
                first: Some(0),
                ..ClientPlace::default()
            });
            world.sleep_until(Duration::from_micros(663_158)).await;
            let _ = b.grant_with_id(2000000, 7).await;
            world.sleep_until(Duration::from_nanos(1_007_124_072)).await;
            world.spawn({
                let b = b.clone();
                async move {
                    let _ = b.put_with_lease("key/1", "l2000000-0", 2000000).await;
                }
            });
            world.sleep_until(Duration::from_micros(1_009_158)).await;
            let _ = c.keep_alive_once(2000000).await;
            world.sleep_until(Duration::from_micros(6_700_687)).await;
            let _ = a.get("key/1").await;
            world.sleep_until(Duration::from_millis(6_723)).await;
            let fault_0 = world
                .strike_as("faults 0 #0", &parse_fault(r#"{"kind":"transfer-leader","to":{"follower":1}}"#)?);
            world.heal_one(fault_0);
            world.sleep_until(Duration::from_micros(12_345_100)).await;
            let _ = a.get("key/1").await;
            world.sleep_until(Duration::from_millis(12_380)).await;
            let fault_1 = world
                .strike_as("faults 0 #1", &parse_fault(r#"{"kind":"transfer-leader","to":{"follower":0}}"#)?);
            world.heal_one(fault_1);
            world.sleep_until(Duration::from_micros(14_627_454)).await;
            let _ = a.get("key/1").await;
            world.sleep_until(Duration::from_millis(16_297)).await;
            Ok(())
        });
}

#[test]
#[should_panic(expected = "promoted-early")]
fn promoted_early() {
    let file = "shrunk/promoted-early.small.json";
    let bundle = revline::scenarios::bundle::Bundle::parse(
        include_str!("shrunk/promoted-early.small.json"),
        file.as_ref(),
    )
    .unwrap();
    let outcome = revline::scenarios::execute(&bundle.plan, false).unwrap();
    assert!(!outcome.verdicts.any_violated(), "{:?}", outcome.verdicts);
}
