//! Calls over real HTTP/2: tonic's channel and hyper's server, with the streams, windows and GOAWAY of a connection.

use crate::stage::{Stage, in_each_trouble};
use crate::watch::Follower;
use etcd_client::{Client, Compare, CompareOp, Error, LockOptions, PutOptions, Txn, TxnOp, WatchOptions};
use revline::etcd::Http2;
use revline::prelude::*;

async fn connect(world: &World, settings: Http2) -> Result<Client, Error> {
    let channel = world.etcd_channel().over_http2(settings);
    Client::connect_with_balanced_channel(world.endpoints(), None, channel).await
}

/// A client of member 1 alone.
async fn connect_to_one(world: &World, settings: Http2) -> Result<Client, Error> {
    let channel = world.etcd_channel().over_http2(settings);
    Client::connect_with_balanced_channel(["http://m1:2379"], None, channel).await
}

#[test]
fn every_kind_of_call_goes_over_http2() {
    in_each_trouble("http2", |stage| async move {
        let etcd = connect(&stage.world, Http2::default()).await?;
        let stage = stage.with_client(etcd);
        let lease = stage.call(async |etcd| etcd.lease_grant(60, None).await).await?.id();
        stage.call(async |etcd| etcd.put("k", "1", Some(PutOptions::new().with_lease(lease))).await).await?;
        stage.trouble().await?;
        for n in 0..100 {
            let then = [
                TxnOp::put("k", format!("{n}"), Some(PutOptions::new().with_ignore_lease())),
                TxnOp::get("k", None),
            ];
            let txn = Txn::new().when([Compare::version("k", CompareOp::Greater, 0)]).and_then(then);
            let answer = stage.call(async |etcd| etcd.txn(txn.clone()).await).await?;
            assert!(answer.succeeded());
        }
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!((read.kvs()[0].value(), read.kvs()[0].lease()), (&b"99"[..], lease));
        let lock = LockOptions::new().with_lease(lease);
        let lock = stage.call(async |etcd| etcd.lock("l", Some(lock.clone())).await).await?;
        stage.call(async |etcd| etcd.unlock(lock.key()).await).await?;
        stage.call(async |etcd| etcd.lease_revoke(lease).await).await?;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert!(read.kvs().is_empty());
        Ok(())
    });
}

#[test]
fn a_watch_goes_on_over_http2() {
    in_each_trouble("http2-watch", |stage| async move {
        let etcd = connect(&stage.world, Http2::default()).await?;
        let stage = stage.with_client(etcd);
        let watched = stage.process("watcher", |stage: Stage| async move {
            let etcd = connect(&stage.world, Http2::default()).await?;
            let stage = stage.with_client(etcd);
            let mut follower = Follower::new(&stage, WatchOptions::new(), 1);
            let mut versions = Vec::new();
            loop {
                for event in follower.next().await? {
                    let kv = event.kv().expect("a put has one");
                    versions.push(kv.version());
                    if kv.value() == b"last" {
                        return Ok(versions);
                    }
                }
            }
        });
        stage.trouble().await?;
        for _ in 0..50 {
            stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        }
        stage.call(async |etcd| etcd.put("k", "last", None).await).await?;
        let versions = watched.await?;
        assert!(versions.len() > 50, "{versions:?}");
        assert!((1..).zip(&versions).all(|(expected, &version)| version == expected), "{versions:?}");
        Ok(())
    });
}

#[test]
fn a_stream_too_many_waits() {
    let wait = |name: &str, settings: fn() -> Http2, expected: bool| {
        revline::test(name).members(3).seeds(0..3).run(move |world| async move {
            world.leader().await?;
            let mut etcd = connect_to_one(&world, settings()).await?;
            etcd.put("k", "1", None).await?;
            let watch = etcd.watch("k", None).await?;
            let read = world.timeout(Duration::from_secs(10), etcd.get("k", None)).await;
            assert_eq!(read.is_err(), expected, "{read:?}");
            // With the watch goes its stream.
            drop(watch);
            assert_eq!(etcd.get("k", None).await?.count(), 1);
            Ok(())
        });
    };
    wait("http2-one-stream", || Http2::default().max_concurrent_streams(1), true);
    wait("http2-two-streams", || Http2::default().max_concurrent_streams(2), false);
    wait("http2-streams", Http2::default, false);
}

#[test]
fn a_connection_of_age_is_ended_and_made_again() {
    revline::test("http2-goaway").members(3).seeds(0..6).run(|world| async move {
        world.leader().await?;
        let age = Duration::from_millis(500);
        let settings = Http2::default().max_connection_age(age).max_concurrent_streams(1);
        let mut etcd = connect_to_one(&world, settings).await?;
        let began = world.elapsed();
        let mut watch = etcd.watch("k", None).await?;
        let mut failed = 0;
        for n in 0..300 {
            match etcd.put("k", format!("{n}"), None).await {
                Ok(_) => {}
                // A request that waits, or crosses the GOAWAY.
                Err(Error::GRpcStatus(status)) => {
                    assert_eq!(status.code(), tonic::Code::Unknown, "{status}");
                    failed += 1;
                }
                Err(error) => return Err(error.into()),
            }
            if n == 0 {
                // The watch has the one stream of the first connection: there was a second one.
                assert!(world.elapsed() - began >= age);
            }
            world.sleep(Duration::from_millis(10)).await;
        }
        assert!(failed <= 12, "{failed} of 300 puts failed");
        // What was open when the server said goodbye goes on there.
        assert!(watch.message().await?.is_some_and(|first| first.created()));
        let first = watch.message().await?.expect("it goes on");
        assert_eq!(first.events()[0].kv().map(|kv| kv.version()), Some(1));
        Ok(())
    });
}

#[test]
fn an_endpoint_that_is_added_again_has_a_connection_of_its_own() {
    revline::test("http2-endpoint-again").members(3).seeds(0..3).run(|world| async move {
        world.leader().await?;
        let mut etcd = connect_to_one(&world, Http2::default().max_concurrent_streams(1)).await?;
        // It has the one stream of its connection.
        let mut watch = etcd.watch("k", None).await?;
        etcd.remove_endpoint("http://m1:2379").await?;
        etcd.add_endpoint("http://m1:2379").await?;
        etcd.put("k", "1", None).await?;
        // What was open when the endpoint was taken away goes on.
        assert!(watch.message().await?.is_some_and(|first| first.created()));
        assert_eq!(watch.message().await?.expect("it goes on").events().len(), 1);
        Ok(())
    });
}

#[test]
fn a_client_that_reads_nothing_is_sent_no_more_than_its_window() {
    let lag = |name: &str, window_bytes: u32, is_slow: bool| {
        revline::test(name).members(3).seeds(0..3).run(move |world| async move {
            world.leader().await?;
            let mut etcd = connect_to_one(&world, Http2::default().window_bytes(window_bytes)).await?;
            let mut watch = etcd.watch("k", None).await?;
            for _ in 0..200 {
                etcd.put("k", vec![b'x'; 10_000], None).await?;
            }
            world.sleep(Duration::from_secs(1)).await;
            let mut events = 0;
            let mut largest = 0;
            while events < 200 {
                let response = watch.message().await?.expect("it goes on");
                largest = largest.max(response.events().len());
                events += response.events().len();
            }
            // What waits at the server comes in batches.
            assert_eq!(largest > 1, is_slow, "{largest} events in one batch");
            assert_eq!(etcd.get("k", None).await?.kvs()[0].version(), 200);
            Ok(())
        });
    };
    lag("http2-small-window", 20_000, true);
    lag("http2-large-window", 16_000_000, false);
}

#[test]
#[should_panic(expected = "1 at least")]
fn no_stream_at_all_is_refused() {
    let _ = Http2::default().max_concurrent_streams(0);
}

#[test]
#[should_panic(expected = "a window of HTTP/2 has 1 to 2147483647 bytes, not 0")]
fn no_window_is_refused() {
    let _ = Http2::default().window_bytes(0);
}
