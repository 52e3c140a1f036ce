//! Rules of Raft and of its log that can be switched off: the failure then, and that there is none otherwise.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::disk::Disk;
use crate::harness::requests::{get, put, value_of};
use revline_store::defect::{Defect, Defects};
use revline_store::member::Input;
use std::time::Duration;

/// Runs a schedule without the defect and with it.
fn both(defect: Defect, schedule: impl Fn(Cluster) -> Option<String>) -> (Option<String>, Option<String>) {
    let run = |defects: Defects| {
        let mut cluster = Cluster::new(3, |config| config.defects = defects);
        cluster.elect(1);
        cluster.ask(1, put("k", "old")).unwrap();
        cluster.ticks(1);
        schedule(cluster)
    };
    (run(Defects::NONE), run(Defects::from(defect)))
}

/// The value that a new read shows, if it was answered.
fn shown(cluster: &mut Cluster, member: u64) -> Option<String> {
    let made = cluster.call(member, get("k"));
    cluster.reply(made).and_then(value_of_ok)
}

fn value_of_ok(result: &Result<revline_store::frame::Reply, revline_store::error::Error>) -> Option<String> {
    result.is_ok().then(|| value_of(result)).flatten()
}

fn stale() -> (Option<String>, Option<String>) {
    (None, Some("old".to_owned()))
}

/// Member 1 acknowledged "new" and died; another one leads, has it, does not know that it is committed, and cannot
/// commit an entry of its own. Gives the new leader.
fn new_leader_without_commit(cluster: &mut Cluster) -> u64 {
    cluster.loss = Some(Box::new(|message| message.kind() == "MsgAppend" && message.entry_count() == 0));
    cluster.ask(1, put("k", "new")).unwrap();
    cluster.crash(1);
    cluster.loss = every("MsgAppend");
    await_leader_of_2_and_3(cluster)
}

fn await_leader_of_2_and_3(cluster: &mut Cluster) -> u64 {
    loop {
        cluster.ticks_of(&[2, 3], 1);
        if let Some(leader) = [2, 3].into_iter().find(|&id| cluster.member(id).is_leader()) {
            return leader;
        }
    }
}

#[test]
fn read_index_before_own_term() {
    for reads_of_leader in [true, false] {
        let schedule = |mut cluster: Cluster| {
            let leader = new_leader_without_commit(&mut cluster);
            cluster.ticks_of(&[leader], 1);
            shown(&mut cluster, if reads_of_leader { leader } else { 5 - leader })
        };
        assert_eq!(both(Defect::ReadIndexBeforeOwnTerm, schedule), stale(), "{reads_of_leader}");
    }
}

#[test]
fn read_index_context_reused() {
    let schedule = |mut cluster: Cluster| {
        cluster.loss = Some(Box::new(|message| message.to() == 2));
        cluster.call(2, get("k"));
        let late = cluster.sent.iter().rfind(|message| message.kind() == "MsgReadIndexResp").unwrap().clone();
        cluster.ask(1, put("k", "new")).unwrap();
        let made = cluster.call(2, get("k"));
        cluster.ticks_of(&[2], 5);
        cluster.step(2, Input::Peer(late));
        cluster.run();
        cluster.reply(made).and_then(value_of_ok)
    };
    assert_eq!(both(Defect::ReadIndexContextReused, schedule), stale());
}

#[test]
fn vote_not_persisted() {
    let terms = |defects| {
        let mut cluster = Cluster::new(3, |config| config.defects = defects);
        cluster.loss = Some(Box::new(|message| message.to() == 2 || message.kind() == "MsgAppend"));
        cluster.elect(1);
        cluster.crash(3);
        cluster.start(3);
        cluster.loss = isolated(1);
        cluster.elect(2);
        (cluster.member(1).status().term, cluster.member(2).status().term)
    };
    assert_eq!(terms(Defects::NONE), (1, 2));
    assert_eq!(terms(Defects::from(Defect::VoteNotPersisted)), (1, 1), "two leaders in term 1");
}

#[test]
fn append_ack_before_sync() {
    let schedule = |mut cluster: Cluster| {
        cluster.crash(3);
        cluster.stall(2, true);
        let made = cluster.call(1, put("k", "new"));
        cluster.reply(made)?.clone().unwrap();
        cluster.crash(2);
        cluster.start(2);
        cluster.run();
        cluster.ticks(3);
        cluster.crash(1);
        cluster.start(3);
        cluster.ticks_of(&[2, 3], 40);
        let leader =
            [2, 3].into_iter().find(|&id| cluster.member(id).is_leader()).expect("one of them leads");
        shown(&mut cluster, leader)
    };
    assert_eq!(both(Defect::AppendAckBeforeSync, schedule), stale(), "what was acknowledged is gone");
}

#[test]
fn torn_record_accepted() {
    for zeros in [0, 30] {
        let schedule = |mut cluster: Cluster| {
            cluster.loss = Some(Box::new(|message| {
                message.from() == 2 || (message.kind() == "MsgAppend" && message.entry_count() == 0)
            }));
            cluster.ask(1, put("k", &"v".repeat(100))).unwrap();
            let written = cluster.nodes[&2].disk.wal.as_ref().unwrap().len();
            let torn = cluster.nodes[&2].disk.image_cut(written - 30, zeros);
            cluster.crash(2);
            cluster.node(2).disk = Disk::holding(&torn);
            cluster.start(2);
            cluster.loss = None;
            cluster.ticks(5);
            assert_eq!(cluster.member(2).status().applied_index, cluster.member(1).status().applied_index);
            (!cluster.agrees()).then(|| "old".to_owned())
        };
        assert_eq!(both(Defect::TornRecordAccepted, schedule), stale(), "members hold different values");
    }
}

/// Member 1 leads and read; then it is cut off, and another member leads and writes.
fn deposed_after_a_read(mut cluster: Cluster) -> Cluster {
    cluster.ask(1, get("k")).unwrap();
    cluster.loss = isolated(1);
    let leader = await_leader_of_2_and_3(&mut cluster);
    cluster.ask(leader, put("k", "new")).unwrap();
    cluster
}

#[test]
fn lease_read_under_skew() {
    let with_clock_behind = |behind_ms: u64| {
        both(Defect::LeaseReadUnderSkew, |cluster| {
            let mut cluster = deposed_after_a_read(cluster);
            cluster.node(1).behind = Duration::from_millis(behind_ms);
            shown(&mut cluster, 1)
        })
    };
    assert_eq!(with_clock_behind(0), (None, None), "a lease is right as long as all clocks go alike");
    assert_eq!(with_clock_behind(1_000), stale());
}

#[test]
fn reads_own_member_stale_as_linearizable() {
    let schedule = |mut cluster: Cluster| {
        cluster.loss = isolated(3);
        cluster.ask(1, put("k", "new")).unwrap();
        shown(&mut cluster, 3)
    };
    assert_eq!(both(Defect::ReadsOwnMemberStaleAsLinearizable, schedule), stale());
}
