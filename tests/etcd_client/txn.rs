//! Transactions: compares of every target, nested ones, guarded increments.

use crate::stage::in_each_trouble;
use etcd_client::{
    Client, Compare, CompareOp, DeleteOptions, Error, GetOptions, PutOptions, Txn, TxnOp, TxnOpResponse,
};

#[test]
fn a_transaction_compares_every_target() {
    in_each_trouble("compares", |stage| async move {
        let lease = stage.call(async |etcd| etcd.lease_grant(600, None).await).await?.id();
        let leased = || Some(PutOptions::new().with_lease(lease));
        stage.call(async |etcd| etcd.put("k", "v", leased()).await).await?;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        let kv = &read.kvs()[0];
        let (create, modified, version) = (kv.create_revision(), kv.mod_revision(), kv.version());
        stage.trouble().await?;
        let holds = async |compares: Vec<Compare>| {
            let txn = Txn::new().when(compares);
            stage.call(async |etcd| etcd.txn(txn.clone()).await).await.map(|answer| answer.succeeded())
        };
        let is_so = vec![
            Compare::value("k", CompareOp::Equal, "v"),
            Compare::version("k", CompareOp::Equal, version),
            Compare::create_revision("k", CompareOp::Equal, create),
            Compare::mod_revision("k", CompareOp::Less, modified + 1),
            Compare::lease("k", CompareOp::Equal, lease),
            Compare::version("none", CompareOp::Equal, 0),
        ];
        assert!(holds(is_so.clone()).await?);
        for wrong in [
            Compare::value("k", CompareOp::NotEqual, "v"),
            Compare::version("k", CompareOp::Greater, version),
            Compare::create_revision("k", CompareOp::Less, create),
            Compare::mod_revision("k", CompareOp::NotEqual, modified),
            Compare::lease("k", CompareOp::Equal, 0),
            // No value of a key that is not there compares.
            Compare::value("none", CompareOp::Equal, ""),
        ] {
            assert!(!holds([is_so.clone(), vec![wrong]].concat()).await?);
        }
        assert!(holds(vec![Compare::value("k", CompareOp::Greater, "u").with_prefix()]).await?);
        assert!(!holds(vec![Compare::value("a", CompareOp::Equal, "u").with_range("z")]).await?);
        assert!(holds(Vec::new()).await?);
        Ok(())
    });
}

#[test]
fn a_transaction_takes_one_of_two_branches() {
    in_each_trouble("branches", |stage| async move {
        stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        stage.trouble().await?;
        let txn = Txn::new()
            .when([Compare::value("k", CompareOp::Equal, "1")])
            .and_then([TxnOp::put("k", "2", Some(PutOptions::new().with_prev_key()))])
            .or_else([TxnOp::get("k", None)]);
        let first = stage.call(async |etcd| etcd.txn(txn.clone()).await).await?;
        assert!(first.succeeded() || !first.is_first);
        if first.succeeded() {
            let [TxnOpResponse::Put(put)] = &first.op_responses()[..] else { panic!("one put: {first:?}") };
            assert_eq!(put.prev_key().expect("there was one").value(), b"1");
        }
        let second = stage.call(async |etcd| etcd.txn(txn.clone()).await).await?;
        assert!(!second.succeeded());
        let [TxnOpResponse::Get(get)] = &second.op_responses()[..] else { panic!("one read: {second:?}") };
        assert_eq!(get.kvs()[0].value(), b"2");
        Ok(())
    });
}

#[test]
fn a_transaction_holds_others() {
    in_each_trouble("nested", |stage| async move {
        for key in ["a", "b", "c1", "c2"] {
            stage.call(async |etcd| etcd.put(key, "1", None).await).await?;
        }
        stage.trouble().await?;
        let inner = Txn::new()
            .when([Compare::version("b", CompareOp::Equal, 1)])
            .and_then([
                TxnOp::put("b", "2", None),
                TxnOp::delete("c", Some(DeleteOptions::new().with_prefix().with_prev_key())),
            ])
            .or_else([TxnOp::get("b", None)]);
        let outer = Txn::new().when([Compare::value("a", CompareOp::Equal, "1")]).and_then([
            TxnOp::txn(inner),
            TxnOp::get("b", None),
            TxnOp::put("d", "1", None),
        ]);
        let answer = stage.call(async |etcd| etcd.txn(outer.clone()).await).await?;
        assert!(answer.succeeded());
        let responses = answer.op_responses();
        let [TxnOpResponse::Txn(inner), TxnOpResponse::Get(read), TxnOpResponse::Put(_)] = &responses[..]
        else {
            panic!("three operations: {responses:?}")
        };
        assert_eq!(read.kvs()[0].value(), b"2", "it sees what the inner one wrote");
        assert!(inner.succeeded() || !answer.is_first);
        if let [TxnOpResponse::Put(_), TxnOpResponse::Delete(delete)] = &inner.op_responses()[..] {
            assert_eq!((delete.deleted(), delete.prev_kvs().len()), (2, 2));
        }
        let all = || Some(GetOptions::new().with_all_keys());
        let rest = stage.call(async |etcd| etcd.get("", all()).await).await?;
        assert_eq!(rest.kvs().iter().map(|kv| kv.key()).collect::<Vec<_>>(), [b"a", b"b", b"d"]);
        // All of one transaction is at one revision.
        let [b, d] = [1, 2].map(|at| rest.kvs()[at].mod_revision());
        assert!(b == d || !answer.is_first);
        Ok(())
    });
}

/// Adds one by compare-and-swap; the value says which increment it was.
async fn increment(etcd: &mut Client, name: &str) -> Result<bool, Error> {
    let read = etcd.get("count", None).await?;
    let kv = &read.kvs()[0];
    let value = format!("{} {name}", kv.value_str()?);
    if value.matches(name).count() > 1 {
        return Ok(true);
    }
    let guard = Compare::mod_revision("count", CompareOp::Equal, kv.mod_revision());
    let txn = Txn::new().when([guard]).and_then([TxnOp::put("count", value, None)]);
    Ok(etcd.txn(txn).await?.succeeded())
}

#[test]
fn guarded_increments_are_neither_lost_nor_doubled() {
    in_each_trouble("guarded", |stage| async move {
        stage.call(async |etcd| etcd.put("count", "0", None).await).await?;
        stage.trouble().await?;
        for at in 0..10 {
            let name = format!("+{at}");
            while !stage.call(async |etcd| increment(etcd, &name).await).await?.into_inner() {}
        }
        let read = stage.call(async |etcd| etcd.get("count", None).await).await?;
        assert_eq!(read.kvs()[0].value_str()?, "0 +0 +1 +2 +3 +4 +5 +6 +7 +8 +9");
        Ok(())
    });
}
