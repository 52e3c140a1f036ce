//! Linearizable reads, and serializable ones.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::requests::{get, get_serializable, put, value_of};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::Call;
use revline_store::member::Input;
use std::collections::BTreeSet;

/// Member 1 led and is cut off; another one leads and wrote "new" over "old". Member 1 does not know.
fn deposed(defects: Defects) -> Cluster {
    let mut cluster = Cluster::new(3, |config| config.defects = defects);
    cluster.elect(1);
    cluster.ask(1, put("k", "old")).unwrap();
    cluster.ask(1, get("k")).unwrap();
    cluster.ticks(1);
    cluster.loss = isolated(1);
    let leader = loop {
        cluster.ticks_of(&[2, 3], 1);
        if let Some(leader) = [2, 3].into_iter().find(|&id| cluster.member(id).is_leader()) {
            break leader;
        }
    };
    cluster.ask(leader, put("k", "new")).unwrap();
    assert!(cluster.member(1).is_leader(), "it did not notice");
    cluster
}

#[test]
fn every_member_reads_what_was_written_before() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    for member in 1..=3 {
        let made = cluster.call(member, get("k"));
        cluster.ticks(1);
        assert_eq!(value_of(cluster.reply(made).unwrap()), Some("1".to_owned()), "member {member}");
    }
}

#[test]
fn a_single_member_reads() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    assert_eq!(value_of(&cluster.ask(1, get("k"))), Some("1".to_owned()));
}

#[test]
fn a_deposed_leader_answers_no_linearizable_read() {
    let mut cluster = deposed(Defects::NONE);
    let made = cluster.call(1, get("k"));
    assert!(cluster.reply(made).is_none());
    assert_eq!(value_of(&cluster.ask(1, get_serializable("k"))), Some("old".to_owned()));
    cluster.loss = None;
    cluster.ticks(15);
    assert_eq!(cluster.reply(made), Some(&Err(Error::LeaderChanged)));
    assert_eq!(value_of(&cluster.ask(1, get("k"))), Some("new".to_owned()));
}

#[test]
fn with_local_read_by_leader_it_does() {
    let mut cluster = deposed(Defects::from(Defect::LocalReadByLeader));
    assert_eq!(value_of(&cluster.ask(1, get("k"))), Some("old".to_owned()));
}

#[test]
fn a_restarted_member_shows_nothing_older_than_before() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ticks(1);
    let shown = cluster.call(2, get_serializable("k"));
    cluster.run();
    assert_eq!(value_of(cluster.reply(shown).unwrap()), Some("1".to_owned()));
    cluster.crash(2);
    cluster.loss = isolated(2);
    cluster.start(2);
    let made = cluster.call(2, get_serializable("k"));
    if let Some(result) = cluster.reply(made) {
        assert_eq!(value_of(result), Some("1".to_owned()));
    }
    cluster.loss = None;
    cluster.ticks(20);
    assert_eq!(value_of(cluster.reply(made).unwrap()), Some("1".to_owned()));
}

#[test]
fn a_read_is_retried_every_500_ms_with_a_fresh_context() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndex");
    let made = cluster.call(2, get("k"));
    for asked in 1..=4 {
        assert_eq!(cluster.sent_by(2, "MsgReadIndex"), asked);
        cluster.ticks(4);
        assert_eq!(cluster.sent_by(2, "MsgReadIndex"), asked);
        cluster.ticks(1);
    }
    let questions = cluster.sent.iter().filter(|message| message.kind() == "MsgReadIndex");
    let different: BTreeSet<u64> = questions.map(|message| message.fingerprint()).collect();
    assert_eq!(different.len(), 5);
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(value_of(cluster.reply(made).unwrap()), None);
}

#[test]
fn an_answer_to_a_question_that_was_asked_again_is_not_used() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndexResp");
    let made = cluster.call(2, get("k"));
    let late = cluster.sent.iter().find(|message| message.kind() == "MsgReadIndexResp").unwrap().clone();
    cluster.ticks(5);
    cluster.step(2, Input::Peer(late));
    cluster.run();
    assert!(cluster.reply(made).is_none());
    let fresh = cluster.sent.iter().rfind(|message| message.kind() == "MsgReadIndexResp").unwrap().clone();
    cluster.step(2, Input::Peer(fresh));
    cluster.run();
    assert!(cluster.reply(made).is_some());
}

#[test]
fn a_read_fails_when_the_leader_changes() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndex");
    let made = cluster.call(2, get("k"));
    cluster.call(1, Call::MoveLeader { target: 3 });
    cluster.ticks(1);
    assert_eq!(cluster.reply(made), Some(&Err(Error::LeaderChanged)));
}

#[test]
fn a_read_without_a_leader_times_out() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.loss = Some(Box::new(|_| true));
    let made = cluster.call(2, get("k"));
    cluster.ticks(69);
    assert!(cluster.reply(made).is_none());
    cluster.ticks(1);
    assert_eq!(cluster.reply(made), Some(&Err(Error::Timeout)));
}

#[test]
fn a_read_waits_for_the_request_timeout_and_no_longer() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndex");
    let first = cluster.call(2, get("k"));
    cluster.ticks(30);
    let second = cluster.call(2, get("k"));
    cluster.ticks(39);
    assert!(cluster.reply(first).is_none());
    cluster.ticks(1);
    assert_eq!(cluster.reply(first), Some(&Err(Error::Timeout)));
    cluster.ticks(29);
    assert!(cluster.reply(second).is_none());
    cluster.ticks(1);
    assert_eq!(cluster.reply(second), Some(&Err(Error::Timeout)));
}

#[test]
fn a_read_of_a_new_leader_waits_for_its_first_commit_and_no_longer() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.stall(1, true);
    cluster.elect(1);
    let made = cluster.call(1, get("k"));
    assert!(cluster.reply(made).is_none());
    cluster.stall(1, false);
    assert!(cluster.reply(made).is_some());
}

#[test]
fn a_read_that_nobody_waits_for_does_not_hold_up_the_next_one() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndex");
    cluster.call(2, get("k"));
    cluster.step(2, Input::SessionClosed { session: crate::harness::cluster::SESSION });
    cluster.loss = None;
    let result = cluster.ask(2, get("k"));
    assert_eq!(value_of(&result), None);
}
