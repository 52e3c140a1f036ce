//! Locks that are waited for while members fall behind, leaders change and history goes.

use crate::harness::cluster::{Cluster, Made, isolated};
use crate::harness::coordination::{campaign, elected, keys_of, lock, owned, resign, unlock, waits};
use crate::harness::leases::{grant, revoke};
use crate::harness::requests::{compact, delete_from, put, remove};
use revline_store::error::Error;
use revline_store::frame::Call;
use revline_store::machine::MemberId;
use revline_store::member::MemberEvent;

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 20;
        config.tuning.snapshot_keep_entries = 2;
    });
    cluster.elect(1);
    for lease in 1..=4 {
        cluster.ask(1, grant(lease, 600)).unwrap();
    }
    let held = cluster.call(1, lock("l", 1));
    owned(cluster.reply(held));
    cluster
}

/// Entries enough for member 3 to be handed a snapshot when it is back.
fn fill(cluster: &mut Cluster) {
    for i in 0..30 {
        cluster.ask(1, put("k", &i.to_string())).unwrap();
    }
}

fn heal(cluster: &mut Cluster) {
    cluster.loss = None;
    cluster.ticks(30);
    assert!(cluster.agrees());
}

fn installed(cluster: &Cluster, member: MemberId) -> usize {
    let events = &cluster.nodes[&member].events;
    events.iter().filter(|event| matches!(event, MemberEvent::SnapshotInstalled { .. })).count()
}

fn expired(cluster: &Cluster, made: Made) -> bool {
    cluster.reply(made) == Some(&Err(Error::SessionExpired))
}

#[test]
fn a_lock_passes_on_under_another_leader() {
    let mut cluster = cluster();
    let waiting = [1, 2, 3].map(|member| cluster.call(member, lock("l", member as i64 + 1)));
    cluster.ask(1, Call::MoveLeader { target: 2 }).unwrap();
    cluster.ask(3, unlock("l/1")).unwrap();
    owned(cluster.reply(waiting[0]));
    cluster.loss = isolated(2);
    cluster.ticks_of(&[1, 3], 40);
    cluster.ask(3, unlock("l/2")).unwrap();
    assert!(waits(&cluster, waiting[1]), "the member that serves it is cut off");
    cluster.loss = None;
    cluster.ticks(5);
    owned(cluster.reply(waiting[1]));
    cluster.ask(1, unlock("l/3")).unwrap();
    owned(cluster.reply(waiting[2]));
}

#[test]
fn a_member_that_is_cut_off_hands_over_nothing() {
    let mut cluster = cluster();
    let cut_off = cluster.call(1, lock("l", 2));
    let connected = cluster.call(2, lock("l", 3));
    cluster.loss = isolated(1);
    // It believes that it leads, and takes the word of its clients.
    let unlocked = cluster.call(1, unlock("l/1"));
    assert!(waits(&cluster, unlocked) && waits(&cluster, cut_off));
    cluster.ticks_of(&[2, 3], 40);
    cluster.ask(2, revoke(2)).unwrap();
    assert!(waits(&cluster, connected));
    cluster.ask(3, unlock("l/1")).unwrap();
    assert_eq!(owned(cluster.reply(connected)).0, "l/3".into());
    cluster.ticks_of(&[1], 5);
    assert!(waits(&cluster, cut_off));
    heal(&mut cluster);
    assert!(expired(&cluster, cut_off));
}

#[test]
fn a_member_that_catches_up_looks_at_the_newest_state() {
    let mut cluster = cluster();
    let waiting = cluster.call(3, lock("l", 2));
    let behind = cluster.call(3, lock("l", 3));
    cluster.loss = isolated(3);
    cluster.ask(1, unlock("l/1")).unwrap();
    cluster.ask(1, revoke(2)).unwrap();
    heal(&mut cluster);
    assert_eq!(installed(&cluster, 3), 0, "by the log");
    assert!(expired(&cluster, waiting), "it owned the lock, and it is known by now that it lost it");
    assert_eq!(owned(cluster.reply(behind)), ("l/3".into(), 6));
}

#[test]
fn a_deletion_that_is_skipped_by_a_snapshot_is_noticed() {
    let mut cluster = cluster();
    let calls = [2, 3, 4].map(|lease| cluster.call(3, lock("l", lease)));
    cluster.loss = isolated(3);
    cluster.ask(1, unlock("l/1")).unwrap();
    cluster.ask(1, unlock("l/2")).unwrap();
    fill(&mut cluster);
    heal(&mut cluster);
    assert_eq!(installed(&cluster, 3), 1);
    assert!(expired(&cluster, calls[0]));
    let (key, revision) = owned(cluster.reply(calls[1]));
    assert_eq!(key, "l/3".into());
    assert!(revision > 7, "that of the snapshot");
    assert!(waits(&cluster, calls[2]));
    cluster.ask(1, unlock("l/3")).unwrap();
    owned(cluster.reply(calls[2]));
}

#[test]
fn what_a_snapshot_may_hold_is_not_proposed_again() {
    let mut cluster = cluster();
    cluster.loss = Some(Box::new(|message| message.to() == 3));
    let taken_away = cluster.call(3, lock("l", 2));
    let campaigning = cluster.call(3, campaign("e", 3, "a"));
    let granting = cluster.call(3, lock("l", 0));
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/2"]);
    cluster.ask(1, unlock("l/2")).unwrap();
    cluster.ask(1, delete_from("e/3", "")).unwrap();
    fill(&mut cluster);
    heal(&mut cluster);
    assert_eq!(installed(&cluster, 3), 1);
    cluster.ticks(90);
    for call in [taken_away, campaigning, granting] {
        assert_eq!(cluster.reply(call), Some(&Err(Error::Timeout)), "nobody knows");
    }
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
    assert_eq!(keys_of(&cluster, 1, "e"), Vec::<String>::new());
}

#[test]
fn a_key_that_was_created_in_a_snapshot_is_found_when_asked_again() {
    let mut cluster = cluster();
    cluster.loss = Some(Box::new(|message| message.to() == 3));
    let first = cluster.call(3, lock("l", 2));
    fill(&mut cluster);
    heal(&mut cluster);
    assert_eq!(installed(&cluster, 3), 1);
    let again = cluster.call(3, lock("l", 2));
    cluster.ticks(90);
    assert_eq!(cluster.reply(first), Some(&Err(Error::Timeout)));
    assert!(waits(&cluster, again), "what an earlier call created is its own");
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/2"]);
    cluster.ask(1, unlock("l/1")).unwrap();
    owned(cluster.reply(again));
}

#[test]
fn compaction_takes_nothing_from_who_waits() {
    let mut cluster = cluster();
    let waiting = cluster.call(3, lock("l", 2));
    cluster.ask(1, put("k", "1")).unwrap();
    let compacted = cluster.call(1, compact(4, true));
    cluster.ticks(5);
    assert!(matches!(cluster.reply(compacted), Some(Ok(_))));
    cluster.ask(1, unlock("l/1")).unwrap();
    cluster.ask(2, compact(5, false)).unwrap();
    assert_eq!(owned(cluster.reply(waiting)), ("l/2".into(), 5));
}

#[test]
fn a_member_that_dies_leaves_the_key_to_its_lease() {
    let mut cluster = cluster();
    cluster.ask(1, grant(9, 5)).unwrap();
    cluster.call(3, lock("l", 9));
    let behind = cluster.call(2, lock("l", 2));
    cluster.crash(3);
    cluster.ask(1, unlock("l/1")).unwrap();
    assert!(waits(&cluster, behind));
    cluster.start(3);
    cluster.ticks(100);
    owned(cluster.reply(behind));
    assert!(cluster.agrees());
}

#[test]
fn a_member_that_is_removed_says_so() {
    let mut cluster = cluster();
    let waiting = cluster.call(3, lock("l", 2));
    cluster.observe(3, 1, "e");
    cluster.ask(1, remove(3)).unwrap();
    cluster.ticks(5);
    assert_eq!(cluster.reply(waiting), Some(&Err(Error::Stopped)));
    assert_eq!(cluster.nodes[&3].observed, [(1, Err(Error::Stopped))]);
}

#[test]
fn an_election_is_won_under_the_same_faults() {
    let mut cluster = cluster();
    let first = cluster.call(1, campaign("e", 1, "a"));
    let (leader, _) = elected(cluster.reply(first));
    let calls = [2, 3].map(|lease| cluster.call(3, campaign("e", lease, "b")));
    cluster.loss = isolated(3);
    cluster.ask(2, resign(&leader)).unwrap();
    cluster.ask(2, revoke(2)).unwrap();
    fill(&mut cluster);
    assert!(calls.iter().all(|call| waits(&cluster, *call)));
    heal(&mut cluster);
    assert_eq!(installed(&cluster, 3), 1);
    assert_eq!(cluster.reply(calls[0]), Some(&Err(Error::ElectionNotLeader)));
    assert_eq!(elected(cluster.reply(calls[1])).0.key, "e/3".into());
}
