//! A member that is down when it is removed, and comes back: it disturbs no member, and serves no client.

use crate::harness::cluster::{Cluster, Made};
use crate::harness::requests::{compact, get, get_serializable, members, put, remove, voters_and_learners};
use crate::storm::Numbers;
use revline_store::error::Error;
use revline_store::machine::MemberId;

/// Longer than any call may wait, in ticks.
const PATIENCE: u64 = 75;

fn is_served(cluster: &Cluster, made: Made) -> bool {
    match cluster.reply(made) {
        None => panic!("{made:?} is never answered"),
        Some(result) => result.is_ok(),
    }
}

/// A cluster that goes on without a member, which crashed and was removed, and is started again.
fn returned(seed: u64, size: u64) -> (Cluster, Numbers, MemberId) {
    let mut numbers = Numbers(seed);
    let mut cluster = Cluster::new(size, |config| {
        config.election_seed = seed;
        config.tuning.snapshot_every_entries = 10;
        config.tuning.snapshot_keep_entries = 2;
    });
    let leader = cluster.await_leader();
    for _ in 0..numbers.below(15) {
        cluster.ask(leader, put("k", "before")).unwrap();
    }
    // Often it is the leader.
    let gone = if numbers.below(2) == 0 { leader } else { 1 + numbers.below(size) };
    if numbers.below(2) == 0 {
        cluster.crash(gone);
    } else {
        cluster.kill(gone);
    }
    let left: Vec<MemberId> = (1..=size).filter(|&id| id != gone).collect();
    cluster.ticks_of(&left, 60);
    let leader = cluster.await_leader();
    cluster.ask(leader, remove(gone)).unwrap();
    // Sometimes its log is far behind, and gone where it ends.
    for _ in 0..numbers.below(30) {
        cluster.ask(leader, put("k", "after")).unwrap();
    }
    if numbers.below(2) == 0 {
        let revision = cluster.member(leader).store().revision();
        let _ = cluster.ask(leader, compact(revision, false));
    }
    cluster.start(gone);
    (cluster, numbers, gone)
}

#[test]
fn nobody_is_disturbed_by_one_that_was_removed_while_it_was_down() {
    for seed in 0..60 {
        let size = 3 + seed % 3;
        let (mut cluster, mut numbers, gone) = returned(seed, size);
        let left: Vec<MemberId> = (1..=size).filter(|&id| id != gone).collect();
        let leader = left.iter().copied().find(|&id| cluster.member(id).is_leader()).expect("somebody leads");
        let term = cluster.member(leader).status().term;
        for round in 0..60 {
            cluster.ticks(1 + numbers.below(4));
            if numbers.below(10) == 0 {
                cluster.crash(gone);
                cluster.start(gone);
            }
            let value = round.to_string();
            assert!(cluster.ask(leader, put("k", &value)).is_ok(), "seed {seed}: {leader} does not serve");
            assert!(!cluster.member(gone).is_leader(), "seed {seed}: {gone} leads");
        }
        let status = cluster.member(leader).status();
        assert_eq!((status.leader, status.term), (leader, term), "seed {seed}: the leader was unseated");
        cluster.ticks(2);
        assert!(cluster.agree(&left), "seed {seed}");
        assert_eq!(voters_and_learners(&cluster.ask(leader, members(false))).0, left);
    }
}

#[test]
fn one_that_was_removed_while_it_was_down_serves_nobody_and_keeps_nobody_waiting() {
    for seed in 0..60 {
        let (mut cluster, _, gone) = returned(seed, 3 + seed % 3);
        let revision = |cluster: &Cluster| {
            cluster.nodes.values().map(|node| node.member.as_ref().map_or(0, |m| m.store().revision())).max()
        };
        let before = revision(&cluster);
        let made = [put("k", "lost"), get("k"), remove(1 + gone % 3), members(true)]
            .map(|request| cluster.start_call(gone, request));
        let own = cluster.start_call(gone, get_serializable("k"));
        cluster.run();
        cluster.ticks(PATIENCE);
        for made in made {
            assert!(!is_served(&cluster, made), "seed {seed}: {made:?}");
        }
        // It may answer from its own state; but it has to answer.
        is_served(&cluster, own);
        assert_eq!(revision(&cluster), before, "seed {seed}: what it was asked for was done");
    }
}

#[test]
fn one_that_was_removed_while_it_was_down_learns_of_it_from_a_leader_that_does_not_know_it_yet() {
    // The change is committed while the one that goes is cut off, and is the next thing that it is told.
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.crash(3);
    let removed = cluster.start_call(1, remove(3));
    cluster.run();
    assert!(cluster.reply(removed).is_some_and(Result::is_ok));
    cluster.start(3);
    let made = cluster.start_call(3, put("k", "1"));
    cluster.ticks(PATIENCE);
    let error = cluster.reply(made).cloned().unwrap().unwrap_err();
    assert!(matches!(error, Error::Stopped | Error::NoLeader | Error::Timeout), "{error:?}");
    assert_eq!(cluster.member(1).store().revision(), 1);
}
