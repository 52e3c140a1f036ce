//! The election service: campaigns, proclamations, leaders, observers, resignations.

use crate::stage::{Stage, in_each_trouble, refusal};
use etcd_client::{Error, LeaderKey, ProclaimOptions, ResignOptions};
use revline::TestError;
use revline::prelude::*;

async fn campaign(stage: &Stage, value: &'static str) -> Result<LeaderKey, Error> {
    let lease = stage.call(async |etcd| etcd.lease_grant(120, None).await).await?.id();
    let elected = stage.call(async |etcd| etcd.campaign("e", value, lease).await).await?;
    let leader = elected.leader().expect("it is in the answer").clone();
    assert_eq!((leader.name(), leader.lease()), (&b"e"[..], lease));
    assert_eq!(leader.key(), format!("e/{lease:x}").as_bytes());
    Ok(leader)
}

fn proclaiming(leader: &LeaderKey) -> Option<ProclaimOptions> {
    Some(ProclaimOptions::new().with_leader(leader.clone()))
}

fn resigning(leader: &LeaderKey) -> Option<ResignOptions> {
    Some(ResignOptions::new().with_leader(leader.clone()))
}

#[test]
fn a_candidate_leads_proclaims_and_resigns() {
    in_each_trouble("election", |stage| async move {
        let none = stage.call(async |etcd| etcd.leader("e").await).await;
        assert_eq!(refusal(none), "election: no leader");
        let leader = campaign(&stage, "1").await?;
        stage.trouble().await?;
        stage.call(async |etcd| etcd.proclaim("2", proclaiming(&leader)).await).await?;
        let seen = stage.call(async |etcd| etcd.leader("e").await).await?;
        let kv = seen.kv().expect("it leads");
        assert_eq!((kv.key(), kv.value(), kv.lease()), (leader.key(), &b"2"[..], leader.lease()));
        assert_eq!(kv.create_revision(), leader.rev());
        stage.call(async |etcd| etcd.resign(resigning(&leader)).await).await?;
        let none = stage.call(async |etcd| etcd.leader("e").await).await;
        assert_eq!(refusal(none), "election: no leader");
        let late = stage.call(async |etcd| etcd.proclaim("3", proclaiming(&leader)).await).await;
        assert_eq!(refusal(late), "election: not leader");
        // To resign twice is no mistake.
        stage.call(async |etcd| etcd.resign(resigning(&leader)).await).await?;
        Ok(())
    });
}

/// The values of leaders until `last`, on as many streams as it takes.
async fn observe(stage: &Stage, last: &str) -> Result<Vec<String>, TestError> {
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|value| value != last) {
        let mut leaders = stage.call(async |etcd| etcd.observe("e").await).await?.into_inner();
        while seen.last().is_none_or(|value| value != last) {
            match leaders.message().await {
                Ok(Some(leader)) => {
                    let value = leader.kv().expect("a leader has a key").value_str()?.to_owned();
                    // A stream begins with the leader of the moment, which another may have shown.
                    if seen.last() != Some(&value) {
                        seen.push(value);
                    }
                }
                Ok(None) | Err(_) if !stage.is_calm() => break,
                Ok(None) => panic!("the stream ended"),
                Err(error) => return Err(error.into()),
            }
        }
        stage.world.sleep(Duration::from_millis(10)).await;
    }
    Ok(seen)
}

#[test]
fn an_observer_sees_each_leader_in_turn() {
    in_each_trouble("observe", |stage| async move {
        let first = campaign(&stage, "a1").await?;
        let seen = stage.process("observer", async |stage| observe(&stage, "b2").await);
        let second = stage.process("second", async |stage| Ok(campaign(&stage, "b1").await?));
        stage.world.sleep(Duration::from_millis(300)).await;
        stage.trouble().await?;
        stage.call(async |etcd| etcd.proclaim("a2", proclaiming(&first)).await).await?;
        stage.call(async |etcd| etcd.resign(resigning(&first)).await).await?;
        let second = second.await?;
        stage.call(async |etcd| etcd.proclaim("b2", proclaiming(&second)).await).await?;
        let seen = seen.await?;
        if stage.is_calm() {
            assert_eq!(seen, ["a1", "a2", "b1", "b2"]);
        }
        let order = ["a1", "a2", "b1", "b2"].map(str::to_owned);
        assert!(seen.is_sorted_by_key(|value| order.iter().position(|other| other == value)), "{seen:?}");
        Ok(())
    });
}

#[test]
fn a_leader_whose_lease_ends_leads_no_more() {
    in_each_trouble("election-lease", |stage| async move {
        let first = campaign(&stage, "a").await?;
        let second = stage.process("second", async |stage| Ok(campaign(&stage, "b").await?));
        stage.world.sleep(Duration::from_millis(300)).await;
        stage.trouble().await?;
        let _ = stage.call(async |etcd| etcd.lease_revoke(first.lease()).await).await;
        let late = stage.call(async |etcd| etcd.proclaim("a2", proclaiming(&first)).await).await;
        assert_eq!(refusal(late), "election: not leader");
        let second = second.await?;
        let seen = stage.call(async |etcd| etcd.leader("e").await).await?;
        assert_eq!(seen.kv().expect("it leads").key(), second.key());
        Ok(())
    });
}
