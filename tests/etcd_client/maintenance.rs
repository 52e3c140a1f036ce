//! The maintenance service: alarms, status, hashes, defragmentation, snapshots, the leadership handed over.

use crate::stage::{Stage, in_each_trouble, refusal};
use etcd_client::{AlarmAction, AlarmOptions, AlarmType, Client, Error};
use revline::prelude::*;

#[test]
fn alarms_are_shown_and_disarmed() {
    in_each_trouble("alarms", |stage| async move {
        stage.trouble().await?;
        for (action, kind) in [
            (AlarmAction::Deactivate, AlarmType::None),
            (AlarmAction::Get, AlarmType::None),
            (AlarmAction::Get, AlarmType::Nospace),
        ] {
            let all = || Some(AlarmOptions::new());
            let shown = stage.call(async |etcd| etcd.alarm(action, kind, all()).await).await?;
            assert!(shown.alarms().is_empty());
        }
        Ok(())
    });
}

#[test]
fn a_member_tells_its_status() {
    in_each_trouble("status", |stage| async move {
        stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        stage.trouble().await?;
        let status = stage.call(async |etcd| etcd.status().await).await?;
        assert!(status.db_size() > 0 && status.raft_used_db_size() <= status.db_size());
        assert!(status.raft_term() > 0 && status.raft_index() >= status.raft_applied_index());
        assert!([1, 2, 3].contains(&status.leader()) || !stage.is_calm());
        assert!(!status.is_learner());
        Ok(())
    });
}

#[test]
fn members_with_the_same_keys_have_the_same_hash() {
    in_each_trouble("hash", |stage| async move {
        for at in 0..5 {
            stage.call(async |etcd| etcd.put("k", at.to_string(), None).await).await?;
        }
        let read = stage.call(async |etcd| etcd.get("k", None).await).await?;
        let revision = read.header().expect("it has one").revision();
        stage.trouble().await?;
        let mut hashes = Vec::new();
        for member in 1..=3 {
            let one = stage.at(&format!("http://m{member}:2379")).await?;
            // A member that is late has not got so far.
            let hash = loop {
                match one.call(async |etcd| etcd.hash_kv(revision).await).await {
                    Ok(hash) => break hash,
                    Err(error) => {
                        let text = refusal::<()>(Err(error));
                        assert_eq!(text, "etcdserver: mvcc: required revision is a future revision");
                        stage.world.sleep(Duration::from_millis(100)).await;
                    }
                }
            };
            assert_eq!(hash.hash_revision(), revision);
            hashes.push((hash.hash(), hash.compact_version()));
            let whole = one.call(async |etcd| etcd.hash().await).await?;
            assert_eq!(whole.header().expect("it has one").member_id(), member);
        }
        hashes.dedup();
        assert_eq!(hashes.len(), 1, "{hashes:?}");
        Ok(())
    });
}

async fn snapshot(etcd: &mut Client) -> Result<u64, Error> {
    let mut pieces = etcd.snapshot().await?;
    let (mut size, mut remaining) = (0, None);
    while let Some(piece) = pieces.message().await? {
        assert!(!piece.blob().is_empty());
        size += piece.blob().len() as u64;
        remaining = Some(piece.remaining_bytes());
    }
    assert_eq!(remaining, Some(0));
    Ok(size)
}

#[test]
fn a_member_is_saved_and_defragmented() {
    in_each_trouble("snapshot", |stage| async move {
        for at in 0..50 {
            stage.call(async |etcd| etcd.put(format!("k{at}"), "x".repeat(2_000), None).await).await?;
        }
        stage.trouble().await?;
        let defragmented = stage.call(async |etcd| etcd.defragment().await).await?;
        assert!(defragmented.header().is_none(), "etcd sends none");
        let size = stage.call(snapshot).await?;
        assert!(*size > 50 * 2_000, "{}", *size);
        Ok(())
    });
}

/// Hands the leadership to the next member, as often as it takes.
async fn hand_over(stage: &Stage) -> Result<(u64, u64), Error> {
    loop {
        let leader = stage.call(async |etcd| etcd.status().await).await?.leader();
        let target = leader % 3 + 1;
        if leader == 0 {
            stage.world.sleep(Duration::from_millis(100)).await;
            continue;
        }
        let at_leader = stage.at(&format!("http://m{leader}:2379")).await?;
        match at_leader.call(async |etcd| etcd.move_leader(target).await).await {
            Ok(moved) => {
                assert!(moved.header().is_none(), "etcd sends none");
                return Ok((leader, target));
            }
            Err(error) if stage.is_calm() => return Err(error),
            Err(_) => stage.world.sleep(Duration::from_millis(100)).await,
        }
    }
}

#[test]
fn the_leadership_is_handed_over() {
    in_each_trouble("move-leader", |stage| async move {
        let leader = stage.call(async |etcd| etcd.status().await).await?.leader();
        let follower = stage.at(&format!("http://m{}:2379", leader % 3 + 1)).await?;
        let refused = follower.call(async |etcd| etcd.move_leader(leader).await).await;
        assert_eq!(refusal(refused), "etcdserver: not leader");
        stage.trouble().await?;
        let (_, target) = hand_over(&stage).await?;
        let now = stage.world.leader().await?;
        assert!(now == target || !stage.is_calm());
        stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        Ok(())
    });
}
