//! Handing over leadership.

use crate::harness::cluster::{Cluster, every};
use crate::harness::requests::{put, revision_of};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};

fn move_leader(target: u64) -> Call {
    Call::MoveLeader { target }
}

#[test]
fn the_leader_hands_over() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    assert_eq!(cluster.ask(1, move_leader(2)), Ok(Reply::MovedLeader));
    assert!(cluster.member(2).is_leader());
    assert!(!cluster.member(1).is_leader());
}

#[test]
fn only_the_leader_can_and_only_to_a_member() {
    let mut cluster = Cluster::new(3, |_| {});
    assert_eq!(cluster.ask(1, move_leader(2)), Err(Error::NotLeader));
    cluster.elect(1);
    assert_eq!(cluster.ask(2, move_leader(3)), Err(Error::NotLeader));
    assert_eq!(cluster.ask(2, move_leader(9)), Err(Error::NotLeader));
    assert_eq!(cluster.ask(1, move_leader(9)), Err(Error::BadLeaderTransferee));
    assert_eq!(cluster.ask(1, move_leader(0)), Err(Error::BadLeaderTransferee));
    assert_eq!(cluster.ask(1, move_leader(1)), Ok(Reply::MovedLeader), "it leads already");
}

#[test]
fn a_hand_over_that_fails_leaves_the_leader_and_what_waited_for_it() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgTimeoutNow");
    let moved = cluster.call(1, move_leader(2));
    let written = cluster.call(1, put("k", "1"));
    assert!(cluster.reply(written).is_none(), "it waits for the new leader");
    cluster.ticks(9);
    assert!(cluster.reply(moved).is_none());
    cluster.ticks(2);
    assert_eq!(cluster.reply(moved), Some(&Err(Error::Timeout)));
    assert!(cluster.member(1).is_leader());
    assert_eq!(revision_of(cluster.reply(written).unwrap()), 2);
}

#[test]
fn a_write_during_a_hand_over_goes_to_the_new_leader() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    let moved = cluster.start_call(1, move_leader(2));
    let written = cluster.start_call(1, put("k", "1"));
    cluster.run();
    assert_eq!(cluster.reply(moved), Some(&Ok(Reply::MovedLeader)));
    assert_eq!(revision_of(cluster.reply(written).unwrap()), 2);
}

#[test]
fn everybody_who_asked_for_a_hand_over_is_answered() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgTimeoutNow");
    let to_2 = cluster.call(1, move_leader(2));
    cluster.loss = None;
    let to_3 = cluster.call(1, move_leader(3));
    let answers = (cluster.reply(to_2), cluster.reply(to_3));
    assert_eq!(answers, (Some(&Err(Error::Timeout)), Some(&Ok(Reply::MovedLeader))));
}
