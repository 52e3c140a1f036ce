//! The lease service: grants, keepalives on a stream, the time to live, revocation, and leases that end.

use crate::stage::{Stage, in_each_trouble, refusal};
use etcd_client::{Error, LeaseGrantOptions, LeaseTimeToLiveOptions, PutOptions};
use revline::TestError;
use revline::prelude::*;

/// Grants a lease of this id, which an attempt before may have granted already.
async fn grant(stage: &Stage, id: i64, ttl_s: i64) -> Result<(), TestError> {
    let with_id = || Some(LeaseGrantOptions::new().with_id(id));
    match stage.call(async |etcd| etcd.lease_grant(ttl_s, with_id()).await).await {
        Ok(granted) => assert_eq!((granted.id(), granted.ttl()), (id, ttl_s)),
        Err(error) if stage.is_calm() => return Err(error.into()),
        Err(error) => assert_eq!(refusal::<()>(Err(error)), "etcdserver: lease already exists"),
    }
    Ok(())
}

#[test]
fn a_lease_is_granted_listed_and_revoked_with_its_keys() {
    in_each_trouble("lease", |stage| async move {
        let drawn = stage.call(async |etcd| etcd.lease_grant(123, None).await).await?;
        assert_eq!(drawn.ttl(), 123);
        stage.trouble().await?;
        for id in [100, 101] {
            grant(&stage, id, 60).await?;
        }
        for key in ["a", "b"] {
            let leased = || Some(PutOptions::new().with_lease(100));
            stage.call(async |etcd| etcd.put(key, "1", leased()).await).await?;
        }
        let leases = stage.call(async |etcd| etcd.leases().await).await?;
        let mut ids: Vec<i64> = leases.leases().iter().map(|lease| lease.id()).collect();
        ids.retain(|id| [100, 101, drawn.id()].contains(id));
        assert_eq!(ids.len(), 3);
        let with_keys = || Some(LeaseTimeToLiveOptions::new().with_keys());
        let lived = stage.call(async |etcd| etcd.lease_time_to_live(100, with_keys()).await).await?;
        assert_eq!((lived.id(), lived.granted_ttl()), (100, 60));
        assert!((0..=60).contains(&lived.ttl()));
        let mut keys = lived.keys().to_vec();
        keys.sort();
        assert_eq!(keys, [b"a", b"b"]);
        let revoked = stage.call(async |etcd| etcd.lease_revoke(100).await).await;
        if let Err(error) = revoked {
            assert!(!stage.is_calm());
            assert_eq!(refusal::<()>(Err(error)), "etcdserver: requested lease not found");
        }
        let gone = stage.call(async |etcd| etcd.get("a", None).await).await?;
        assert!(gone.kvs().is_empty());
        let ttl = stage.call(async |etcd| etcd.lease_time_to_live(100, None).await).await?;
        assert_eq!(ttl.ttl(), -1);
        let again = stage.call(async |etcd| etcd.lease_revoke(100).await).await;
        assert_eq!(refusal(again), "etcdserver: requested lease not found");
        Ok(())
    });
}

/// Keeps a lease alive for so many messages, on as many streams as it takes.
async fn keep(stage: &Stage, id: i64, messages: usize) -> Result<bool, Error> {
    let mut kept = 0;
    while kept < messages {
        let begun = stage.call(async |etcd| etcd.lease_keep_alive(id).await).await;
        let (mut keeper, mut answers) = match begun {
            Ok(begun) => begun.into_inner(),
            Err(Error::LeaseKeepAliveError(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        assert_eq!(keeper.id(), id);
        while kept < messages && keeper.keep_alive().await.is_ok() {
            match answers.message().await {
                Ok(Some(answer)) if answer.ttl() <= 0 => return Ok(false),
                Ok(Some(answer)) => assert_eq!(answer.id(), id),
                // A stream that broke: on another one then.
                Ok(None) | Err(_) if !stage.is_calm() => break,
                Ok(None) => panic!("the stream ended"),
                Err(error) => return Err(error),
            }
            kept += 1;
            stage.world.sleep(Duration::from_millis(500)).await;
        }
    }
    Ok(true)
}

#[test]
fn a_lease_that_is_kept_alive_outlives_its_ttl() {
    in_each_trouble("keep-alive", |stage| async move {
        grant(&stage, 7, 5).await?;
        let leased = || Some(PutOptions::new().with_lease(7));
        stage.call(async |etcd| etcd.put("k", "1", leased()).await).await?;
        stage.trouble().await?;
        let alive = keep(&stage, 7, 30).await?;
        assert!(alive || !stage.is_calm());
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        // Once it was said to be lost, its keys are gone for ever.
        assert!(alive || read.kvs().is_empty());
        assert!(!stage.is_calm() || read.kvs().len() == 1);
        let _ = stage.call(async |etcd| etcd.lease_revoke(7).await).await;
        let lost = stage.call(async |etcd| etcd.lease_keep_alive(7).await.map(drop)).await;
        assert!(matches!(lost, Err(Error::LeaseKeepAliveError(_))), "{lost:?}");
        Ok(())
    });
}

#[test]
fn a_lease_that_is_not_kept_alive_ends_with_its_keys() {
    in_each_trouble("expiry", |stage| async move {
        grant(&stage, 9, 5).await?;
        let leased = || Some(PutOptions::new().with_lease(9));
        stage.call(async |etcd| etcd.put("k", "1", leased()).await).await?;
        stage.trouble().await?;
        stage.world.sleep(Duration::from_secs(30)).await;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert!(read.kvs().is_empty());
        let leases = stage.call(async |etcd| etcd.leases().await).await?;
        assert!(leases.leases().is_empty());
        Ok(())
    });
}
