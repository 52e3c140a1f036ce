//! Writes on their way through the log.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::requests::{get, put, revision_of, value_of};
use revline_store::api::MAX_REQUEST_BYTES;
use revline_store::error::Error;

#[test]
fn a_follower_forwards_a_write_and_answers_it() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    let result = cluster.ask(2, put("k", "1"));
    assert_eq!(revision_of(&result), 2);
    assert_eq!(cluster.sent_by(2, "MsgPropose"), 1);
    cluster.ticks(1);
    assert!(cluster.agrees());
}

#[test]
fn a_forwarded_write_that_arrives_twice_is_applied_once() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    let made = cluster.start_call(2, put("k", "1"));
    while cluster.network.back().is_none_or(|message| message.kind() != "MsgPropose") {
        assert!(cluster.advance());
    }
    let again = cluster.network.back().unwrap().clone();
    cluster.network.push_back(again.clone());
    cluster.run();
    // Late, and to a leader that came later.
    assert_eq!(revision_of(&cluster.ask(1, put("k", "2"))), 3);
    cluster.network.push_back(again.clone());
    cluster.run();
    // And after a restart, from the log.
    cluster.crash(3);
    cluster.start(3);
    cluster.network.push_back(again);
    cluster.run();
    cluster.ticks(2);

    assert_eq!(revision_of(cluster.reply(made).unwrap()), 2);
    assert_eq!(value_of(&cluster.ask(1, get("k"))), Some("2".to_owned()));
    assert_eq!(cluster.member(1).store().revision(), 3);
    assert!(cluster.agrees());
}

#[test]
fn without_a_leader_a_write_fails_for_certain() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.loss = Some(Box::new(|_| true));
    let made = cluster.call(2, put("k", "1"));
    cluster.ticks(69);
    assert!(cluster.reply(made).is_none());
    cluster.ticks(1);
    assert_eq!(cluster.reply(made), Some(&Err(Error::NoLeader)));
    cluster.loss = None;
    cluster.await_leader();
    cluster.ticks(30);
    assert_eq!(cluster.member(2).store().revision(), 1, "it was never proposed");
}

#[test]
fn a_write_that_waited_for_a_leader_is_proposed_to_it() {
    let mut cluster = Cluster::new(3, |_| {});
    let made = cluster.call(2, put("k", "1"));
    cluster.elect(1);
    cluster.ticks(1);
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 2);
}

#[test]
fn what_became_of_a_proposed_write_is_unknown_after_the_request_timeout() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = isolated(1);
    let at_leader = cluster.call(1, put("k", "leader"));
    cluster.loss = every("MsgPropose");
    let at_follower = cluster.call(2, put("k", "follower"));
    cluster.loss = Some(Box::new(|_| true));
    cluster.ticks(69);
    for made in [at_leader, at_follower] {
        assert!(cluster.reply(made).is_none());
    }
    cluster.ticks(1);
    for made in [at_leader, at_follower] {
        assert_eq!(cluster.reply(made), Some(&Err(Error::Timeout)));
    }
}

#[test]
fn a_request_that_is_too_large_is_refused_at_once() {
    let mut cluster = Cluster::new(3, |_| {});
    let large = "v".repeat(MAX_REQUEST_BYTES);
    assert_eq!(cluster.ask(1, put("k", &large)), Err(Error::RequestTooLarge), "without a leader, too");
    cluster.elect(1);
    assert_eq!(cluster.ask(1, put("k", &large)), Err(Error::RequestTooLarge));
    assert_eq!(cluster.ask(2, put("k", &large)), Err(Error::RequestTooLarge));
}

#[test]
fn an_uncommitted_write_of_a_deposed_leader_disappears_everywhere() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = isolated(1);
    let lost = cluster.call(1, put("k", "lost"));
    while !cluster.member(2).is_leader() {
        cluster.ticks_of(&[2, 3], 1);
        if cluster.member(3).is_leader() {
            break;
        }
    }
    let leader = if cluster.member(2).is_leader() { 2 } else { 3 };
    cluster.ask(leader, put("k", "kept")).unwrap();
    cluster.loss = None;
    cluster.ticks(80);
    assert_eq!(cluster.reply(lost), Some(&Err(Error::Timeout)));
    assert_eq!(value_of(&cluster.ask(1, get("k"))), Some("kept".to_owned()));
    assert!(cluster.agrees());
    cluster.crash(1);
    cluster.start(1);
    cluster.ticks(3);
    assert!(cluster.agrees());
}
