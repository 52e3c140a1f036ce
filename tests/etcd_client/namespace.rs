//! The clients with a prefix: they show keys without it, and others show them with it.

use crate::stage::in_each_trouble;
use etcd_client::{
    Compare, CompareOp, DeleteOptions, Error, GetOptions, KvClientPrefix, LeaseClientPrefix,
    LeaseTimeToLiveOptions, PutOptions, Txn, TxnOp, TxnOpResponse,
};

#[test]
fn a_prefix_is_put_before_keys_and_taken_off_again() {
    in_each_trouble("namespace", |stage| async move {
        stage.call(async |etcd| etcd.put("other", "0", None).await).await?;
        stage.trouble().await?;
        stage
            .call(async |etcd| KvClientPrefix::new(etcd.kv_client(), "p/".into()).put("a", "1", None).await)
            .await?;
        let read = stage.call(async |etcd| etcd.get("p/a", None).await).await?;
        assert_eq!((read.kvs()[0].key(), read.kvs()[0].value()), (&b"p/a"[..], &b"1"[..]));
        let get = async |key: &'static str, options: GetOptions| {
            let read = stage.call(async |etcd| {
                KvClientPrefix::new(etcd.kv_client(), "p/".into()).get(key, Some(options.clone())).await
            });
            let kvs = read.await?.into_inner().take_kvs();
            Ok::<Vec<String>, Error>(
                kvs.into_iter().map(|kv| kv.key_str().expect("it is text").to_owned()).collect(),
            )
        };
        assert_eq!(get("", GetOptions::new().with_prefix()).await?, ["a"]);
        assert_eq!(get("a", GetOptions::new().with_range("b")).await?, ["a"]);
        // A mistake of the client: these two options leave the prefix.
        assert_eq!(get("", GetOptions::new().with_all_keys()).await?, ["other", "a"]);
        stage.call(async |etcd| etcd.put("q", "0", None).await).await?;
        assert_eq!(get("", GetOptions::new().with_from_key()).await?, ["a", "q"]);
        let txn = Txn::new()
            .when([Compare::value("a", CompareOp::Equal, "1")])
            .and_then([TxnOp::put("b", "2", None), TxnOp::get("a", None)]);
        let answer = stage
            .call(async |etcd| KvClientPrefix::new(etcd.kv_client(), "p/".into()).txn(txn.clone()).await);
        let answer = answer.await?;
        assert!(answer.succeeded());
        let [_, TxnOpResponse::Get(get)] = &answer.op_responses()[..] else { panic!("two: {answer:?}") };
        assert_eq!(get.kvs()[0].key(), b"a");
        let with_previous = || Some(DeleteOptions::new().with_prev_key());
        let deleted = stage.call(async |etcd| {
            KvClientPrefix::new(etcd.kv_client(), "p/".into()).delete("a", with_previous()).await
        });
        let deleted = deleted.await?;
        if deleted.is_first {
            assert_eq!((deleted.deleted(), deleted.prev_kvs()[0].key()), (1, &b"a"[..]));
        }
        let all = || Some(GetOptions::new().with_all_keys());
        let rest = stage.call(async |etcd| etcd.get("", all()).await).await?;
        assert_eq!(rest.kvs().iter().map(|kv| kv.key()).collect::<Vec<_>>(), [&b"other"[..], b"p/b", b"q"]);
        Ok(())
    });
}

#[test]
fn the_keys_of_a_lease_are_shown_without_the_prefix() {
    in_each_trouble("namespace-lease", |stage| async move {
        let lease = stage.call(async |etcd| etcd.lease_grant(600, None).await).await?.id();
        stage.trouble().await?;
        for key in ["p/a", "q/b"] {
            let leased = || Some(PutOptions::new().with_lease(lease));
            stage.call(async |etcd| etcd.put(key, "1", leased()).await).await?;
        }
        let with_keys = || Some(LeaseTimeToLiveOptions::new().with_keys());
        let lived = stage.call(async |etcd| {
            LeaseClientPrefix::new(etcd.lease_client(), "p/".into()).time_to_live(lease, with_keys()).await
        });
        // A mistake of the client: its documentation says that keys without the prefix are left out.
        assert_eq!(lived.await?.keys(), [&b"a"[..], b"q/b"]);
        Ok(())
    });
}
