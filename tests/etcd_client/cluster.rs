//! The cluster service: the list of members, a learner that comes, is promoted and goes.

use crate::stage::{Stage, in_each_trouble};
use etcd_client::{MemberAddOptions, MemberListResponse};
use revline::TestError;
use revline::prelude::*;

fn ids(list: &MemberListResponse) -> Vec<u64> {
    list.members().iter().map(|member| member.id()).collect()
}

#[test]
fn members_are_listed_with_their_addresses() {
    in_each_trouble("members", |stage| async move {
        stage.trouble().await?;
        let list = stage.call(async |etcd| etcd.member_list().await).await?;
        assert_eq!(ids(&list), [1, 2, 3]);
        let second = &list.members()[1];
        assert_eq!(second.peer_urls(), ["http://m2:2380"]);
        assert_eq!(second.client_urls(), ["http://m2:2379"]);
        assert!(!second.is_learner());
        Ok(())
    });
}

/// Waits until a list of members shows something. One member answers it alone, and may be late.
async fn until_listed(stage: &Stage, shows: impl Fn(&MemberListResponse) -> bool) -> Result<(), TestError> {
    loop {
        let list = stage.call(async |etcd| etcd.member_list().await).await?;
        if shows(&list) {
            return Ok(());
        }
        stage.world.sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn a_learner_is_added_promoted_and_removed() {
    in_each_trouble("learner", |stage| async move {
        let learner = || Some(MemberAddOptions::new().with_is_learner());
        let added = stage.call(async |etcd| etcd.member_add(["http://m4:2380".to_owned()], learner()).await);
        let added = added.await?.into_inner();
        let member = added.member().expect("it was added");
        assert_eq!((member.id(), member.peer_urls()), (4, &["http://m4:2380".to_owned()][..]));
        stage.world.start_added(4);
        until_listed(&stage, |list| {
            list.members().iter().any(|member| member.id() == 4 && member.is_learner())
        })
        .await?;
        stage.trouble().await?;
        // It has to catch up first.
        while stage.etcd.clone().member_promote(4).await.is_err() {
            stage.world.sleep(Duration::from_millis(200)).await;
            let list = stage.call(async |etcd| etcd.member_list().await).await?;
            let promoted = list.members().iter().any(|member| member.id() == 4 && !member.is_learner());
            if promoted {
                break;
            }
        }
        until_listed(&stage, |list| {
            list.members().iter().any(|member| member.id() == 4 && !member.is_learner())
        })
        .await?;
        stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
        let _ = stage.call(async |etcd| etcd.member_update(4, ["http://m4:2380".to_owned()]).await).await;
        stage.world.forget_member(4);
        while stage.etcd.clone().member_remove(4).await.is_err() {
            stage.world.sleep(Duration::from_millis(200)).await;
            let list = stage.call(async |etcd| etcd.member_list().await).await?;
            if !ids(&list).contains(&4) {
                break;
            }
        }
        until_listed(&stage, |list| ids(list) == [1, 2, 3]).await?;
        stage.call(async |etcd| etcd.put("k", "2", None).await).await?;
        Ok(())
    });
}
