//! Endpoints that come and go, and those that never were.

use crate::stage::{Fate, Stage, Trouble, fate, in_each_trouble, refusal};
use etcd_client::{ConnectOptions, Error};
use revline::prelude::*;

#[test]
fn an_endpoint_is_taken_away_and_added_again() {
    in_each_trouble("endpoints", |stage| async move {
        let one = stage.at("http://m1:2379").await?;
        one.call(async |etcd| etcd.put("k", "1", None).await).await?;
        stage.trouble().await?;
        one.etcd.remove_endpoint("http://m1:2379").await?;
        // There is none: over sockets a call waits for one, here it is refused.
        let nowhere = one.etcd.clone().get("k", None).await.expect_err("it has no endpoint");
        assert!(matches!(fate(&nowhere), Fate::NotSent), "{nowhere}");
        one.etcd.add_endpoint("http://m2:2379").await?;
        one.etcd.add_endpoint("http://m3:2379").await?;
        let read = one.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!(read.kvs()[0].value(), b"1");
        let header = read.header().expect("it has one");
        assert!([2, 3].contains(&header.member_id()));
        Ok(())
    });
}

#[test]
fn a_member_that_is_added_serves_clients_that_add_it() {
    in_each_trouble("endpoint-added", |stage| async move {
        stage.call(async |etcd| etcd.member_add(["http://m4:2380".to_owned()], None).await).await?;
        stage.world.start_added(4);
        let own = stage.at("http://m1:2379").await?;
        own.etcd.remove_endpoint("http://m1:2379").await?;
        own.etcd.add_endpoint("http://m4:2379").await?;
        stage.trouble().await?;
        loop {
            match own.etcd.clone().put("k", "1", None).await {
                Ok(put) => {
                    assert_eq!(put.header().expect("it has one").member_id(), 4);
                    break;
                }
                Err(_) => stage.world.sleep(Duration::from_millis(100)).await,
            }
        }
        Ok(())
    });
}

#[test]
fn a_server_that_is_none_refuses() {
    in_each_trouble("no-such-server", |stage| async move {
        let nobody = stage.at("http://etcd.example.com:2379").await?;
        let refused = nobody.etcd.clone().get("k", None).await.expect_err("none is there");
        assert!(matches!(fate(&refused), Fate::NotSent), "{refused}");
        let none = stage.connect::<&str>(&[], None).await.map(|_| ());
        assert!(matches!(none, Err(Error::InvalidArgs(_))), "{none:?}");
        Ok(())
    });
}

#[test]
fn a_client_that_needs_a_leader_is_served_by_members_that_have_one() {
    in_each_trouble("require-leader", |stage| async move {
        let needs = || ConnectOptions::new().with_require_leader(true);
        let own = stage.as_user(needs()).await?;
        own.call(async |etcd| etcd.put("k", "1", None).await).await?;
        stage.trouble().await?;
        let read = own.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!(read.kvs()[0].value(), b"1");
        Ok(())
    });
}

#[test]
fn a_client_that_needs_a_leader_is_refused_where_there_is_none() {
    revline::test("no-leader").members(3).seeds(0..3).run(|world| async move {
        let stage = Stage::set(world, Trouble::Undisturbed).await?;
        let leader = stage.world.leader().await?;
        stage.world.fault(Partition::isolate(leader)).await;
        // It steps down once it has not heard of its followers for an election timeout.
        stage.world.sleep(Duration::from_secs(5)).await;
        let endpoint = format!("http://m{leader}:2379");
        let mut waits = stage.at(&endpoint).await?.etcd;
        let needs = ConnectOptions::new().with_require_leader(true);
        let mut needs = stage.connect(&[endpoint], Some(needs)).await?.etcd;
        assert_eq!(refusal(needs.get("k", None).await), "etcdserver: no leader");
        assert_eq!(refusal(needs.put("k", "1", None).await), "etcdserver: no leader");
        assert_eq!(refusal(needs.lease_grant(10, None).await), "etcdserver: no leader");
        let read = stage.world.timeout(Duration::from_secs(1), waits.get("k", None)).await;
        assert!(read.is_err(), "{read:?}");
        Ok(())
    });
}
