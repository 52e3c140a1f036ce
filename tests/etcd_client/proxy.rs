//! Clients of a proxy, with a namespace and without.

use crate::stage::{Stage, Trouble};
use etcd_client::{GetOptions, WatchOptions};
use revline::prelude::*;
use revline::{TestError, test};

/// Runs a body at a proxy of three members, in each trouble.
fn behind_a_proxy<P, F>(name: &str, body: P)
where
    P: Fn(Stage) -> F + Sync,
    F: Future<Output = Result<(), TestError>>,
{
    for trouble in Trouble::EACH {
        for namespace in ["", "own/"] {
            let (body, name) = (&body, format!("{name}{namespace}-{trouble}"));
            let namespace = Prefix(namespace.into());
            let proxy = ProxyPlace { namespace, ..ProxyPlace::new(vec![1, 2, 3]) };
            test(&name).proxies([proxy]).seeds(0..3).run(|world| async move {
                let stage = Stage::set(world, trouble).await?;
                stage.call(async |etcd| etcd.put("k", "another", None).await).await?;
                body(stage.at("http://p1:2379").await?).await
            });
        }
    }
}

#[test]
fn a_proxy_serves_keys_leases_and_watches() {
    behind_a_proxy("proxy", |stage| async move {
        let put = stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        let revision = put.header().expect("it has one").revision();
        stage.trouble().await?;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!(read.kvs()[0].value(), b"1");
        let own = || Some(GetOptions::new().with_serializable());
        stage.call(async |etcd| etcd.get("k", own()).await).await?;
        let lease = stage.call(async |etcd| etcd.lease_grant(60, None).await).await?.id();
        stage.call(async |etcd| etcd.lease_keep_alive(lease).await.map(drop)).await?;
        let value = loop {
            let from = || Some(WatchOptions::new().with_start_revision(revision));
            let mut stream = stage.call(async |etcd| etcd.watch("k", from()).await).await?.into_inner();
            let seen = async {
                while let Some(message) = stream.message().await? {
                    if let Some(event) = message.events().first() {
                        let kv = event.kv().expect("an event has a key");
                        return Ok::<_, etcd_client::Error>(Some(kv.value().to_vec()));
                    }
                }
                Ok(None)
            };
            match seen.await {
                Ok(Some(value)) => break value,
                other => assert!(!stage.is_calm(), "{other:?}"),
            }
        };
        assert_eq!(value, b"1");
        let held = stage.call(async |etcd| etcd.lock("l", None).await).await?;
        stage.call(async |etcd| etcd.unlock(held.key()).await).await?;
        Ok(())
    });
}
