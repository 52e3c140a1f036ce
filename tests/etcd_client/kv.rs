//! The KV service: puts, reads with every option, deletions, compaction.

use crate::stage::{in_each_trouble, refusal};
use etcd_client::{
    CompactionOptions, DeleteOptions, GetOptions, GetResponse, PutOptions, SortOrder, SortTarget,
};

fn keys(response: &GetResponse) -> Vec<&str> {
    response.kvs().iter().map(|kv| kv.key_str().expect("keys are text")).collect()
}

#[test]
fn a_put_overwrites_and_shows_what_was_there() {
    in_each_trouble("put", |stage| async move {
        stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        stage.trouble().await?;
        for (before, value) in [("1", "2"), ("2", "3"), ("3", "4")] {
            let with_previous = || Some(PutOptions::new().with_prev_key());
            let put = stage.call(async |etcd| etcd.put("k", value, with_previous()).await).await?;
            let previous = put.prev_key().expect("there was one");
            if put.is_first {
                assert_eq!(previous.value_str()?, before);
            } else {
                assert!([before, value].contains(&previous.value_str()?));
            }
        }
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!(read.kvs()[0].value(), b"4");
        Ok(())
    });
}

#[test]
fn a_put_keeps_the_value_or_the_lease_that_it_ignores() {
    in_each_trouble("ignore", |stage| async move {
        let lease = stage.call(async |etcd| etcd.lease_grant(600, None).await).await?.id();
        let leased = || Some(PutOptions::new().with_lease(lease));
        stage.call(async |etcd| etcd.put("k", "1", leased()).await).await?;
        stage.trouble().await?;
        let same_lease = || Some(PutOptions::new().with_ignore_lease());
        stage.call(async |etcd| etcd.put("k", "2", same_lease()).await).await?;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!((read.kvs()[0].value(), read.kvs()[0].lease()), (&b"2"[..], lease));
        let same_value = || Some(PutOptions::new().with_ignore_value());
        stage.call(async |etcd| etcd.put("k", "", same_value()).await).await?;
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        assert_eq!((read.kvs()[0].value(), read.kvs()[0].lease()), (&b"2"[..], 0));
        // Of a key that is not there, nothing can be kept.
        let missing = async |etcd: &mut etcd_client::Client| etcd.put("none", "", same_value()).await;
        assert_eq!(refusal(stage.call(missing).await), "etcdserver: key not found");
        let both = async |etcd: &mut etcd_client::Client| etcd.put("k", "3", same_value()).await;
        assert_eq!(refusal(stage.call(both).await), "etcdserver: value is provided");
        let no_lease = async |etcd: &mut etcd_client::Client| {
            etcd.put("k", "3", Some(PutOptions::new().with_lease(404))).await
        };
        assert_eq!(refusal(stage.call(no_lease).await), "etcdserver: requested lease not found");
        Ok(())
    });
}

#[test]
fn a_range_is_read_with_every_option() {
    in_each_trouble("range", |stage| async move {
        for (key, value) in [("a1", "3"), ("a2", "2"), ("b1", "1"), ("b2", "0")] {
            stage.call(async |etcd| etcd.put(key, value, None).await).await?;
        }
        stage.trouble().await?;
        let get = async |key: &'static str, options: GetOptions| {
            let read = stage.call(async |etcd| etcd.get(key, Some(options.clone())).await).await;
            read.map(|answer| answer.into_inner())
        };
        let all = get("", GetOptions::new().with_all_keys()).await?;
        assert_eq!((keys(&all), all.count(), all.more()), (vec!["a1", "a2", "b1", "b2"], 4, false));
        let from = get("a2", GetOptions::new().with_from_key().with_limit(2)).await?;
        assert_eq!((keys(&from), from.count(), from.more()), (vec!["a2", "b1"], 3, true));
        assert_eq!(keys(&get("a", GetOptions::new().with_prefix()).await?), ["a1", "a2"]);
        assert_eq!(keys(&get("a2", GetOptions::new().with_range("b2")).await?), ["a2", "b1"]);
        let sorted = GetOptions::new().with_all_keys().with_sort(SortTarget::Value, SortOrder::Ascend);
        assert_eq!(keys(&get("", sorted).await?), ["b2", "b1", "a2", "a1"]);
        let newest = GetOptions::new().with_all_keys().with_sort(SortTarget::Create, SortOrder::Descend);
        assert_eq!(keys(&get("", newest.with_limit(1)).await?), ["b2"]);
        let names = get("a", GetOptions::new().with_prefix().with_keys_only()).await?;
        assert!(names.kvs().iter().all(|kv| kv.value().is_empty()) && names.kvs().len() == 2);
        let count = get("a", GetOptions::new().with_prefix().with_count_only()).await?;
        assert_eq!((count.count(), count.kvs().len()), (2, 0));
        let (first, last) = (all.kvs()[0].mod_revision(), all.kvs()[3].mod_revision());
        let later = GetOptions::new().with_all_keys().with_min_mod_revision(first + 1);
        assert_eq!(keys(&get("", later).await?), ["a2", "b1", "b2"]);
        let earlier = GetOptions::new().with_all_keys().with_max_create_revision(last - 1);
        assert_eq!(keys(&get("", earlier).await?), ["a1", "a2", "b1"]);
        let none =
            GetOptions::new().with_all_keys().with_min_create_revision(last).with_max_mod_revision(first);
        assert!(get("", none).await?.kvs().is_empty());
        assert_eq!(keys(&get("", GetOptions::new().with_all_keys().with_revision(first)).await?), ["a1"]);
        // One member answers it alone: what it shows was so once.
        let own = get("", GetOptions::new().with_all_keys().with_serializable()).await?;
        assert!(own.kvs().len() <= 4);
        assert!(get("c", GetOptions::new()).await?.kvs().is_empty());
        Ok(())
    });
}

#[test]
fn a_range_is_read_piece_by_piece() {
    in_each_trouble("range-stream", |stage| async move {
        for at in 0..20 {
            stage.call(async |etcd| etcd.put(format!("k{at:02}"), "x".repeat(100), None).await).await?;
        }
        stage.trouble().await?;
        let read = stage.call(async |etcd| {
            let options = GetOptions::new().with_prefix().with_limit(15);
            let mut stream = etcd.kv_client().get_stream("k", Some(options)).await?;
            let (mut seen, mut last) = (0, None);
            while let Some(piece) = stream.message().await? {
                seen += piece.kvs().len();
                last = Some((piece.count(), piece.more()));
            }
            Ok((seen, last))
        });
        assert_eq!(read.await?.into_inner(), (15, Some((20, true))));
        let missing = stage.call(async |etcd| {
            let mut stream = etcd.kv_client().get_stream("none", None).await?;
            let piece = stream.message().await?.map(|piece| (piece.count(), piece.kvs().len()));
            Ok((piece, stream.message().await?.is_some()))
        });
        assert_eq!(missing.await?.into_inner(), (Some((0, 0)), false));
        Ok(())
    });
}

#[test]
fn keys_are_deleted_one_by_one_and_by_ranges() {
    in_each_trouble("delete", |stage| async move {
        for key in ["a", "b1", "b2", "b3", "c1", "c2"] {
            stage.call(async |etcd| etcd.put(key, "1", None).await).await?;
        }
        let calm = stage.is_calm();
        stage.trouble().await?;
        let delete = async |key: &'static str, options: DeleteOptions| {
            stage.call(async |etcd| etcd.delete(key, Some(options.clone())).await).await
        };
        let one = delete("a", DeleteOptions::new().with_prev_key()).await?;
        // One that was made again finds nothing where the first took effect.
        assert!(one.deleted() == 1 || !one.is_first);
        assert_eq!(one.prev_kvs().len() as i64, one.deleted());
        let range = delete("b1", DeleteOptions::new().with_range("b3")).await?;
        assert!(range.deleted() == 2 || !range.is_first && range.deleted() == 0);
        let prefix = delete("c", DeleteOptions::new().with_prefix()).await?;
        assert!(prefix.deleted() == 2 || !prefix.is_first && prefix.deleted() == 0);
        assert!(!calm || one.is_first && range.is_first && prefix.is_first);
        let rest = stage.call(async |etcd| etcd.get("", Some(GetOptions::new().with_all_keys())).await);
        assert_eq!(keys(&*rest.await?), ["b3"]);
        delete("", DeleteOptions::new().with_all_keys()).await?;
        assert_eq!(delete("", DeleteOptions::new().with_from_key()).await?.deleted(), 0);
        Ok(())
    });
}

#[test]
fn a_compaction_forgets_what_was() {
    in_each_trouble("compact", |stage| async move {
        let mut revisions = Vec::new();
        for value in ["0", "1", "2"] {
            let put = stage.call(async |etcd| etcd.put("k", value, None).await).await?;
            revisions.push(put.header().expect("it has one").revision());
        }
        stage.trouble().await?;
        let at = async |revision| {
            let options = GetOptions::new().with_revision(revision);
            let read = stage.call(async |etcd| etcd.get("k", Some(options.clone())).await).await;
            read.map(|read| read.kvs()[0].value().to_vec())
        };
        assert_eq!(at(revisions[0]).await?, b"0");
        let physical = || Some(CompactionOptions::new().with_physical());
        let compacted = stage.call(async |etcd| etcd.compact(revisions[1], physical()).await).await;
        // A second attempt is told that the first took effect.
        if let Err(error) = compacted {
            let text = refusal::<()>(Err(error));
            assert!(!stage.is_calm() && text == "etcdserver: mvcc: required revision has been compacted");
        }
        assert_eq!(refusal(at(revisions[0]).await), "etcdserver: mvcc: required revision has been compacted");
        assert_eq!(at(revisions[1]).await?, b"1");
        let future = stage.call(async |etcd| etcd.compact(1_000, None).await).await;
        assert_eq!(refusal(future), "etcdserver: mvcc: required revision is a future revision");
        Ok(())
    });
}
