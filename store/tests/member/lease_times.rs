//! Leases as time passes: facts that only a leader knows.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::leases::{
    ask_time_to_live, grant, keep_alive, kept_alive_s, leases, put_leased, revoke, time_to_live,
};
use crate::harness::requests::{get, value_of, watch};
use revline_store::api::{LeaseResponse, LeaseTimeToLiveResponse};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;
use revline_store::member::Input;

fn cluster(defects: impl Into<Defects>) -> Cluster {
    let defects = defects.into();
    let mut cluster = Cluster::new(3, |config| {
        config.defects = defects;
        config.tuning.lease_checkpoint_every_ms = 3_000;
    });
    cluster.elect(1);
    cluster
}

fn exists(cluster: &mut Cluster, member: MemberId, key: &str) -> bool {
    value_of(&cluster.ask(member, get(key))).is_some()
}

#[test]
fn a_lease_lives_as_long_as_it_is_kept_alive_through_any_member() {
    let mut cluster = cluster(Defects::NONE);
    cluster.watch(2, 1, watch("a", "z", 0));
    cluster.ask(1, grant(7, 2)).unwrap();
    cluster.ask(1, put_leased("k1", 7)).unwrap();
    cluster.ask(1, put_leased("k2", 7)).unwrap();
    for round in 0..6 {
        cluster.ticks(15);
        let member = round % 3 + 1;
        assert_eq!(kept_alive_s(&cluster.ask(member, keep_alive(7))), 2);
    }
    assert!(exists(&mut cluster, 3, "k1"));
    cluster.ticks(15);
    assert_eq!(ask_time_to_live(&mut cluster, 3, 7).ttl_s, 0);
    // It looks every half second.
    cluster.ticks(11);
    assert!(!exists(&mut cluster, 3, "k1") && !exists(&mut cluster, 1, "k2"));
    let last = cluster.node(2).watched.last().unwrap();
    assert_eq!(last.events.len(), 2);
    assert!(cluster.agrees());
    assert_eq!(kept_alive_s(&cluster.ask(1, keep_alive(7))), 0);
    assert_eq!(kept_alive_s(&cluster.ask(2, keep_alive(7))), 0);
}

#[test]
fn every_member_says_how_long_a_lease_lives() {
    let mut cluster = cluster(Defects::NONE);
    cluster.ask(2, grant(7, 10)).unwrap();
    cluster.ask(2, put_leased("b", 7)).unwrap();
    cluster.ask(2, put_leased("a", 7)).unwrap();
    cluster.ticks(25);
    for member in 1..=3 {
        let answer = ask_time_to_live(&mut cluster, member, 7);
        assert_eq!((answer.ttl_s, answer.granted_ttl_s), (7, 10));
        assert_eq!(answer.keys, ["a".into(), "b".into()]);
        assert_eq!((answer.header.member_id, answer.header.revision), (member, 3));
        let Ok(Reply::Lease(LeaseResponse::TimeToLive(short))) = cluster.ask(member, time_to_live(7, false))
        else {
            panic!("not a time to live")
        };
        assert!(short.keys.is_empty());
        let missing = ask_time_to_live(&mut cluster, member, 8);
        let header = missing.header;
        let expected = LeaseTimeToLiveResponse { header, id: 8, ttl_s: -1, ..Default::default() };
        assert_eq!(missing, expected);
    }
}

#[test]
fn a_question_to_the_leader_that_gets_lost_is_asked_again() {
    let mut cluster = cluster(Defects::NONE);
    cluster.ask(1, grant(7, 10)).unwrap();
    for lost in ["LeaseQuestion", "LeaseAnswer"] {
        cluster.loss = every(lost);
        let made = cluster.call(2, keep_alive(7));
        cluster.loss = None;
        cluster.ticks(4);
        assert!(cluster.reply(made).is_none());
        cluster.ticks(1);
        assert_eq!(kept_alive_s(cluster.reply(made).unwrap()), 10);
    }
    cluster.loss = every("LeaseQuestion");
    let made = cluster.call(2, keep_alive(7));
    cluster.ticks(69);
    assert!(cluster.reply(made).is_none());
    cluster.ticks(1);
    assert_eq!(cluster.reply(made), Some(&Err(Error::Timeout)));
}

#[test]
fn without_a_leader_nobody_answers() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.loss = isolated(2);
    let made = cluster.call(2, keep_alive(7));
    cluster.ticks_of(&[2], 70);
    assert_eq!(cluster.reply(made), Some(&Err(Error::NoLeader)));
    cluster.loss = None;
    let made = [cluster.call(2, time_to_live(7, true)), cluster.call(2, leases())];
    cluster.await_leader();
    cluster.ticks(5);
    assert!(made.iter().all(|&made| matches!(cluster.reply(made), Some(Ok(_)))));
}

/// The leader proposes to revoke an expired lease, and no member acknowledges it yet. Then it is kept alive.
fn renew_while_being_revoked(defects: impl Into<Defects>) -> i64 {
    let mut cluster = cluster(defects);
    cluster.ask(1, grant(7, 2)).unwrap();
    cluster.ask(1, put_leased("k", 7)).unwrap();
    cluster.loss = every("MsgAppendResponse");
    cluster.ticks(26);
    let made = cluster.call(1, keep_alive(7));
    cluster.ticks(2);
    assert!(cluster.reply(made).is_none(), "it waits for the revoke");
    cluster.loss = None;
    cluster.ticks(10);
    assert!(!exists(&mut cluster, 1, "k"));
    kept_alive_s(cluster.reply(made).unwrap())
}

#[test]
fn an_expired_lease_cannot_be_kept_alive_but_for_a_defect() {
    assert_eq!(renew_while_being_revoked(Defects::NONE), 0);
    assert_eq!(renew_while_being_revoked(Defect::RenewAfterRevoke), 2);
}

#[test]
fn a_renewal_that_waits_for_its_checkpoint_looks_again_but_for_a_defect() {
    let renew = |defects: Defects| {
        let mut cluster = cluster(defects);
        cluster.ask(1, grant(7, 10)).unwrap();
        cluster.ticks(40);
        assert_ne!(cluster.member(1).store().leases().get(7).unwrap().remaining_ttl_s, 0);
        // A revoke by a client comes first, and is committed after the renewal found the lease.
        kept_alive_s(&cluster.ask(1, keep_alive(7)));
        cluster.ticks(40);
        cluster.loss = every("MsgAppendResponse");
        let revoked = cluster.call(2, revoke(7));
        let renewed = cluster.call(1, keep_alive(7));
        cluster.loss = None;
        cluster.ticks(10);
        assert!(cluster.reply(revoked).unwrap().is_ok());
        kept_alive_s(cluster.reply(renewed).unwrap())
    };
    assert_eq!(renew(Defects::NONE), 0);
    assert_eq!(renew(Defect::RenewAfterRevoke.into()), 10);
}

/// The remaining TTL of a lease of 20 s after 10 s and a change of leader.
fn left_after_change(defects: impl Into<Defects>, kept_alive: bool) -> i64 {
    let mut cluster = cluster(defects);
    cluster.ask(1, grant(7, 20)).unwrap();
    cluster.ticks(100);
    if kept_alive {
        assert_eq!(kept_alive_s(&cluster.ask(2, keep_alive(7))), 20);
    }
    assert_eq!(cluster.ask(1, Call::MoveLeader { target: 2 }), Ok(Reply::MovedLeader));
    cluster.ticks(1);
    ask_time_to_live(&mut cluster, 3, 7).ttl_s
}

#[test]
fn a_new_leader_goes_on_with_what_remained_but_for_a_defect() {
    let left_s = left_after_change(Defects::NONE, false);
    // 10 s are left, it is up to 3.5 s since that was said, and there is the extension.
    assert!((10..=14).contains(&left_s), "{left_s} s are left");
    assert_eq!(left_after_change(Defects::NONE, true), 20, "its whole TTL, the extension, and 0.1 s passed");
    assert_eq!(left_after_change(Defect::CheckpointLost, false), 20);
}

/// Leader 1 stands still until the lease it granted has expired by its clock. Meanwhile another leads and keeps it
/// alive. Gives the answer of 1 to a keepalive before it hears of the other leader, and the fate of the key.
fn lease_after_stall(defects: impl Into<Defects>) -> (Option<i64>, bool) {
    let defects = defects.into();
    let mut cluster = Cluster::new(3, |config| config.defects = defects);
    cluster.elect(1);
    cluster.ask(1, grant(7, 10)).unwrap();
    cluster.ask(1, put_leased("k", 7)).unwrap();
    cluster.loss = isolated(1);
    cluster.ticks_of(&[2, 3], 30);
    let leader = if cluster.member(2).is_leader() { 2 } else { 3 };
    assert!(cluster.member(leader).is_leader());
    // A tick makes it look punctual.
    cluster.step(1, Input::Tick);
    let stale = cluster.call(1, keep_alive(7));
    let answered = cluster.reply(stale).map(kept_alive_s);
    for _ in 0..3 {
        assert_eq!(kept_alive_s(&cluster.ask(leader, keep_alive(7))), 10);
        cluster.ticks_of(&[2, 3], 30);
    }
    cluster.loss = None;
    for _ in 0..10 {
        cluster.call(leader, keep_alive(7));
        cluster.ticks(10);
    }
    (answered, exists(&mut cluster, 2, "k"))
}

#[test]
fn a_stalled_leader_neither_keeps_alive_nor_revokes_but_for_a_defect() {
    assert_eq!(lease_after_stall(Defects::NONE), (None, true));
    assert_eq!(lease_after_stall(Defect::DeposedLeaderRevokes), (Some(10), false));
}

#[test]
fn expired_leases_go_a_few_at_a_time() {
    let mut cluster = cluster(Defects::NONE);
    for id in 1..=40 {
        cluster.ask(1, grant(id, 2)).unwrap();
    }
    let in_log = |cluster: &Cluster| cluster.member(1).status().applied_index;
    let before = in_log(&cluster);
    cluster.loss = every("MsgAppendResponse");
    cluster.ticks(26);
    assert_eq!(in_log(&cluster), before);
    assert_eq!(cluster.member(1).store().leases().len(), 40);
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(in_log(&cluster), before + 40, "each is revoked once");
    assert!(cluster.member(3).store().leases().is_empty());
}

/// The next leader would go by the remaining TTL from before the renewal.
#[test]
fn a_renewal_that_meets_a_checkpoint_on_its_way_comes_after_it() {
    let mut cluster = cluster(Defects::NONE);
    cluster.ask(1, grant(7, 10)).unwrap();
    cluster.ticks(29);
    cluster.loss = every("MsgAppendResponse");
    cluster.ticks(6);
    let made = cluster.call(1, keep_alive(7));
    cluster.ticks(1);
    assert!(
        cluster.reply(made).is_none(),
        "it waits for the checkpoint, and for the word that it is obsolete"
    );
    cluster.loss = None;
    cluster.ticks(2);
    assert_eq!(kept_alive_s(cluster.reply(made).unwrap()), 10);
    assert_eq!(cluster.ask(1, Call::MoveLeader { target: 2 }), Ok(Reply::MovedLeader));
    cluster.ticks(1);
    assert_eq!(ask_time_to_live(&mut cluster, 3, 7).ttl_s, 10);
}

#[test]
fn a_single_member_keeps_leases_alive() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.ask(1, grant(7, 2)).unwrap();
    for _ in 0..4 {
        cluster.ticks(19);
        assert_eq!(kept_alive_s(&cluster.ask(1, keep_alive(7))), 2);
    }
    cluster.ticks(26);
    assert_eq!(ask_time_to_live(&mut cluster, 1, 7).ttl_s, -1);
}
