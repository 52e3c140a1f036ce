//! Members without a vote: their joining, their catching up, and the calls they serve.

use crate::harness::cluster::{Cluster, isolated};
use crate::harness::maintenance::{defragment, snapshot_of};
use crate::harness::requests::{
    add_learner, get, get_serializable, members, promote, put, rename, value_of, voters_and_learners, watch,
};
use revline_store::api::MaintenanceRequest;
use revline_store::error::Error;
use revline_store::frame::Call;

fn cluster_with_learner() -> Cluster {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "before")).unwrap();
    cluster.ticks(1);
    let added = cluster.ask(1, add_learner(4));
    assert_eq!(voters_and_learners(&added), (vec![1, 2, 3], vec![4]));
    cluster.join(4, |_| {});
    cluster.ticks(2);
    cluster
}

#[test]
fn a_learner_joins_with_an_empty_disk_and_catches_up() {
    let mut cluster = cluster_with_learner();
    cluster.ask(1, put("k", "after")).unwrap();
    cluster.ticks(1);
    assert!(cluster.agrees());
    let read = cluster.call(4, get_serializable("k"));
    cluster.ticks(1);
    assert_eq!(value_of(cluster.reply(read).unwrap()), Some("after".to_owned()));
}

#[test]
fn a_learner_serves_serializable_ranges_status_and_snapshots_alone() {
    let mut cluster = cluster_with_learner();
    let refused = [get("k"), put("k", "1"), members(false), rename(4, "x"), defragment()];
    let refused = refused.into_iter().chain([Call::MoveLeader { target: 1 }]);
    for call in refused {
        assert_eq!(cluster.ask(4, call.clone()), Err(Error::NotSupportedForLearner), "{call:?}");
    }
    assert!(cluster.ask(4, Call::Status).is_ok());
    let made = cluster.call(4, Call::Maintenance(MaintenanceRequest::Snapshot));
    cluster.ticks(1);
    assert_eq!(snapshot_of(cluster.reply(made).unwrap()).0, 2);
    cluster.watch(4, 1, watch("k", "", 0));
    let refusal = &cluster.nodes[&4].watched[0];
    assert!(refusal.canceled && refusal.cancel_reason == Error::NotSupportedForLearner.to_string());
    assert_eq!(cluster.ask(1, Call::MoveLeader { target: 4 }), Err(Error::BadLeaderTransferee));
}

#[test]
fn a_learner_has_no_vote_and_does_not_count() {
    let mut cluster = cluster_with_learner();
    cluster.crash(4);
    cluster.crash(3);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.crash(2);
    let made = cluster.call(1, put("k", "2"));
    cluster.start(4);
    cluster.ticks_of(&[1, 4], 3);
    assert!(cluster.reply(made).is_none(), "two of three voters are down");
    cluster.ticks_of(&[4], 60);
    assert_eq!(cluster.member(4).status().term, cluster.member(1).status().term, "it never campaigns");
}

#[test]
fn there_is_one_learner_at_most() {
    let mut cluster = cluster_with_learner();
    assert_eq!(cluster.ask(1, add_learner(5)), Err(Error::TooManyLearners));
    assert_eq!(cluster.ask(1, add_learner(4)), Err(Error::MemberExist));
}

#[test]
fn a_learner_is_promoted_once_it_is_in_sync() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    for _ in 0..10 {
        cluster.ask(1, put("k", "1")).unwrap();
    }
    assert_eq!(cluster.ask(1, promote(4)), Err(Error::MemberNotFound));
    cluster.ask(1, add_learner(4)).unwrap();
    assert_eq!(cluster.ask(1, promote(4)), Err(Error::LearnerNotReady), "it was never started");
    cluster.join(4, |_| {});
    cluster.ticks(2);
    let status = cluster.member(4).status();
    assert_eq!(status.applied_index, cluster.member(1).status().applied_index);
    cluster.loss = isolated(4);
    while cluster.member(1).status().commit_index * 9 <= status.commit_index * 10 {
        assert!(cluster.ask(1, put("k", "2")).is_ok());
    }
    assert_eq!(cluster.ask(1, promote(4)), Err(Error::LearnerNotReady), "its log is too short");
    cluster.loss = None;
    cluster.ticks(3);
    let promoted = cluster.ask(1, promote(4));
    assert_eq!(voters_and_learners(&promoted), (vec![1, 4], vec![]));
    assert_eq!(cluster.ask(1, promote(4)), Err(Error::MemberNotLearner));
    // It has a vote now: without it nothing is committed.
    cluster.loss = isolated(4);
    let made = cluster.call(1, put("k", "3"));
    assert!(cluster.reply(made).is_none());
    cluster.loss = None;
    cluster.ticks(2);
    assert!(cluster.reply(made).unwrap().is_ok());
}

#[test]
fn a_learner_that_crashed_before_it_got_anything_goes_on_joining() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.ask(1, add_learner(4)).unwrap();
    cluster.loss = isolated(4);
    cluster.join(4, |_| {});
    cluster.crash(4);
    cluster.start(4);
    cluster.loss = None;
    cluster.ticks(5);
    assert!(cluster.agrees());
    cluster.crash(4);
    cluster.start(4);
    cluster.ticks(5);
    cluster.ask(1, promote(4)).unwrap();
    assert!(cluster.agrees());
}

#[test]
fn a_change_asked_of_a_follower_goes_to_the_leader() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ticks(1);
    let added = cluster.call(2, add_learner(4));
    cluster.ticks(1);
    assert_eq!(voters_and_learners(cluster.reply(added).unwrap()), (vec![1, 2, 3], vec![4]));
    let early = cluster.call(3, promote(4));
    cluster.ticks(5);
    assert!(cluster.reply(early).is_none(), "the leader did not take it");
    cluster.join(4, |_| {});
    cluster.ticks(15);
    assert_eq!(voters_and_learners(cluster.reply(early).unwrap()), (vec![1, 2, 3, 4], vec![]));
}
