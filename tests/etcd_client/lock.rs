//! The lock service: locks with a lease and without, waiters, locks that are lost with their lease.

use crate::stage::{Fate, Stage, fate, in_each_trouble, refusal};
use etcd_client::{Client, Error, LockOptions};
use revline::TestError;
use revline::prelude::*;

fn under(lease: i64) -> Option<LockOptions> {
    Some(LockOptions::new().with_lease(lease))
}

#[test]
fn a_lock_is_taken_and_given_back() {
    in_each_trouble("lock", |stage| async move {
        stage.trouble().await?;
        let held = stage.call(async |etcd| etcd.lock("l", None).await).await?;
        let key = std::str::from_utf8(held.key())?.to_owned();
        assert!(key.starts_with("l/"), "{key}");
        let read = stage.call(async |etcd| etcd.get(key.as_str(), None).await).await?;
        let is_there = read.kvs().len() == 1;
        assert!(is_there || !stage.is_calm());
        stage.call(async |etcd| etcd.unlock(key.as_str()).await).await?;
        let read = stage.call(async |etcd| etcd.get(key.as_str(), None).await).await?;
        assert!(read.kvs().is_empty());
        // It is free again.
        let again = stage.call(async |etcd| etcd.lock("l", None).await).await?;
        stage.call(async |etcd| etcd.unlock(again.key()).await).await?;
        Ok(())
    });
}

#[test]
fn a_lock_under_a_lease_has_the_key_of_the_lease_and_goes_with_it() {
    in_each_trouble("lock-lease", |stage| async move {
        let lease = stage.call(async |etcd| etcd.lease_grant(60, None).await).await?.id();
        stage.trouble().await?;
        let held = stage.call(async |etcd| etcd.lock("l", under(lease)).await).await?;
        assert_eq!(held.key(), format!("l/{lease:x}").as_bytes());
        // The holder may take it again: it waits for none but others.
        let again = stage.call(async |etcd| etcd.lock("l", under(lease)).await).await?;
        assert_eq!(again.key(), held.key());
        let _ = stage.call(async |etcd| etcd.lease_revoke(lease).await).await;
        let read = stage.call(async |etcd| etcd.get(held.key(), None).await).await?;
        assert!(read.kvs().is_empty());
        let lost = stage.call(async |etcd| etcd.lock("l", under(lease)).await).await;
        assert_eq!(refusal(lost), "etcdserver: requested lease not found");
        Ok(())
    });
}

/// Adds one to a counter under the lock: reads, waits, writes. The fence of the write is the lock's own key.
async fn count_one(stage: &Stage, name: &str) -> Result<(), TestError> {
    let Stage { world, .. } = stage;
    let lease = stage.call(async |etcd| etcd.lease_grant(30, None).await).await?.id();
    let held = stage.call(async |etcd| etcd.lock("l", under(lease)).await).await?.into_inner();
    let key = held.key().to_vec();
    let read = stage.call(async |etcd| etcd.get("count", None).await).await?;
    let so_far = read.kvs().first().map_or("", |kv| kv.value_str().expect("it is text")).to_owned();
    world.sleep(Duration::from_millis(300)).await;
    let value = format!("{so_far}{name}");
    let written = async |etcd: &mut Client| {
        use etcd_client::{Compare, CompareOp, Txn, TxnOp};
        let fence = Compare::create_revision(key.as_slice(), CompareOp::Greater, 0);
        let put = TxnOp::put("count", value.as_str(), None);
        Ok::<_, Error>(etcd.txn(Txn::new().when([fence]).and_then([put])).await?.succeeded())
    };
    assert!(stage.call(written).await?.into_inner(), "the lease is long enough for the trouble");
    stage.call(async |etcd| etcd.unlock(key.as_slice()).await).await?;
    let _ = stage.call(async |etcd| etcd.lease_revoke(lease).await).await;
    Ok(())
}

#[test]
fn waiters_take_a_lock_one_after_the_other() {
    in_each_trouble("lock-waiters", |stage| async move {
        let mut waiting = Vec::new();
        for name in ["a", "b", "c", "d"] {
            waiting.push(stage.process(name, async move |stage| count_one(&stage, name).await));
        }
        stage.world.sleep(Duration::from_millis(200)).await;
        stage.trouble().await?;
        for waiter in waiting {
            waiter.await?;
        }
        let read = stage.call(async |etcd| etcd.get("count", None).await).await?;
        let mut names: Vec<char> = read.kvs()[0].value_str()?.chars().collect();
        names.sort();
        assert_eq!(names, ['a', 'b', 'c', 'd']);
        Ok(())
    });
}

#[test]
fn a_waiter_whose_lease_ends_is_refused() {
    in_each_trouble("lock-lost", |stage| async move {
        let [first, second] = [(); 2].map(|()| stage.call(async |etcd| etcd.lease_grant(600, None).await));
        let (first, second) = (first.await?.id(), second.await?.id());
        stage.call(async |etcd| etcd.lock("l", under(first)).await).await?;
        let waiter = {
            let mut etcd = stage.etcd.clone();
            stage.world.spawn(async move { etcd.lock("l", under(second)).await })
        };
        stage.world.sleep(Duration::from_millis(200)).await;
        stage.trouble().await?;
        let _ = stage.call(async |etcd| etcd.lease_revoke(second).await).await;
        match waiter.await? {
            Ok(held) => panic!("the lock is another's: {held:?}"),
            Err(error) if matches!(fate(&error), Fate::Answered) => {
                assert_eq!(refusal::<()>(Err(error)), "mutex: session is expired");
            }
            Err(error) => assert!(!stage.is_calm(), "{error}"),
        }
        Ok(())
    });
}
