//! Snapshots: a member's own, and a leader's for a follower that fell behind.

use crate::harness::cluster::{Cluster, isolated};
use crate::harness::requests::{put, watch};
use revline_store::frame::Call;
use revline_store::machine::{ClusterId, MemberId};
use revline_store::member::MemberEvent;
use std::cell::Cell;

const BEHIND: MemberId = 3;

/// Member 3 missed so much that the leader, member 1, does not have it in its log any more.
fn behind() -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 10;
        config.tuning.snapshot_keep_entries = 2;
    });
    cluster.elect(1);
    cluster.ask(1, put("k", "before")).unwrap();
    cluster.ticks(1);
    cluster.watch(BEHIND, 1, watch("k", "", 0));
    cluster.loss = isolated(BEHIND);
    for i in 0..30 {
        cluster.ask(1, put("k", &i.to_string())).unwrap();
    }
    cluster
}

fn installed(cluster: &Cluster) -> usize {
    let events = &cluster.nodes[&BEHIND].events;
    events.iter().filter(|event| matches!(event, MemberEvent::SnapshotInstalled { .. })).count()
}

/// Goes on until member 3 was handed a snapshot, its disk being stalled.
fn stalled_while_installing() -> Cluster {
    let mut cluster = behind();
    cluster.stall(BEHIND, true);
    cluster.loss = None;
    while installed(&cluster) == 0 {
        cluster.ticks_of(&[1], 1);
    }
    cluster
}

#[test]
fn a_follower_that_fell_behind_takes_over_a_snapshot() {
    let mut cluster = behind();
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(installed(&cluster), 1);
    assert!(cluster.agrees());
    for id in 1..=3 {
        cluster.crash(id);
        cluster.start(id);
    }
    cluster.await_leader();
    cluster.ticks(3);
    assert!(cluster.agrees());
    assert_eq!(cluster.member(BEHIND).store().revision(), 32);
}

#[test]
fn a_snapshot_that_gets_lost_is_sent_again() {
    let mut cluster = behind();
    let lost = Cell::new(0);
    cluster.loss = Some(Box::new(move |message| {
        lost.set(lost.get() + u32::from(message.is_snapshot()));
        message.is_snapshot() && lost.get() <= 2
    }));
    cluster.ticks(9);
    assert_eq!(installed(&cluster), 0);
    cluster.ticks(20);
    assert_eq!(installed(&cluster), 1);
    assert!(cluster.agrees());
}

#[test]
fn a_snapshot_that_arrives_twice_does_no_harm() {
    let mut cluster = behind();
    cluster.loss = None;
    cluster.ticks(3);
    let again = cluster.sent.iter().find(|message| message.is_snapshot()).unwrap().clone();
    cluster.ask(1, put("k", "after")).unwrap();
    cluster.network.push_back(again);
    cluster.run();
    cluster.ticks(2);
    assert_eq!(installed(&cluster), 1);
    assert!(cluster.agrees());
}

#[test]
fn a_snapshot_is_acknowledged_when_it_is_durable() {
    let mut cluster = stalled_while_installing();
    let before = cluster.sent_by(BEHIND, "MsgAppendResponse");
    cluster.ticks_of(&[1], 3);
    assert_eq!(cluster.sent_by(BEHIND, "MsgAppendResponse"), before);
    cluster.stall(BEHIND, false);
    cluster.ticks(3);
    assert!(cluster.agrees());
}

#[test]
fn a_crash_anywhere_in_an_installation_is_survived() {
    // Not even the snapshot; the snapshot without the log; both, without the sync.
    for operations in 0..3 {
        let mut cluster = stalled_while_installing();
        let queue = &mut cluster.node(BEHIND).disk.queue;
        queue.truncate(operations);
        cluster.stall(BEHIND, false);
        cluster.crash(BEHIND);
        cluster.start(BEHIND);
        cluster.ticks(20);
        assert!(cluster.agrees(), "{operations} disk operations were done");
    }
}

#[test]
fn a_member_does_not_campaign_before_the_snapshot_it_took_over_is_durable() {
    let mut cluster = stalled_while_installing();
    cluster.loss = isolated(BEHIND);
    cluster.ticks_of(&[BEHIND], 50);
    cluster.loss = None;
    cluster.stall(BEHIND, false);
    cluster.ticks(50);
    assert!(cluster.agrees());
}

#[test]
fn a_member_is_not_made_leader_before_the_snapshot_it_took_over_is_durable() {
    let mut cluster = stalled_while_installing();
    // A hand-over to it that was begun before it fell behind.
    let mut other = Cluster::new(3, |_| {});
    other.elect(1);
    other.call(1, Call::MoveLeader { target: BEHIND });
    let order = other.sent.iter().find(|message| message.kind() == "MsgTimeoutNow").unwrap().clone();
    assert_eq!(order.term(), cluster.member(BEHIND).status().term);
    cluster.network.push_back(order);
    cluster.run();
    assert!(cluster.member(1).is_leader());
    cluster.stall(BEHIND, false);
    cluster.ticks(5);
    assert!(cluster.agrees());
}

#[test]
fn a_watch_sees_every_revision_once_across_a_snapshot() {
    let mut cluster = behind();
    cluster.loss = None;
    cluster.ticks(5);
    cluster.ask(1, put("k", "after")).unwrap();
    cluster.ticks(5);
    assert_eq!(installed(&cluster), 1);
    let watched = &cluster.nodes[&BEHIND].watched;
    let revisions: Vec<i64> =
        watched.iter().flat_map(|r| r.events.iter()).map(|e| e.kv.mod_revision).collect();
    assert_eq!(revisions, (3..=33).collect::<Vec<i64>>());
}

#[test]
fn a_snapshot_cuts_the_log_and_keeps_what_a_slow_follower_may_need() {
    let mut cluster = behind();
    let wal = cluster.nodes[&1].disk.wal.clone().unwrap();
    let recovered = revline_store::wal::recover(&wal, ClusterId(1), 1).unwrap();
    let taken = cluster.nodes[&1].events.iter().rev().find_map(|event| match event {
        MemberEvent::SnapshotTaken { index } => Some(*index),
        _ => None,
    });
    assert_eq!(recovered.start.0, taken.unwrap() - 2);
    let hash = cluster.member(1).hash();
    cluster.crash(1);
    cluster.start(1);
    cluster.run();
    cluster.loss = None;
    cluster.await_leader();
    cluster.ticks(3);
    assert_eq!(cluster.member(1).hash(), hash);
}
