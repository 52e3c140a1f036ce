//! Nothing is promised before the sync that makes it durable came back.

use crate::harness::cluster::Cluster;
use crate::harness::requests::{put, revision_of};
use revline_store::defect::{Defect, Defects};
use revline_store::disk::{DiskError, DiskFailure, DiskOperation, DiskWork, File};
use revline_store::frame::Call;
use revline_store::member::{Input, MemberEvent};

#[test]
fn a_single_member_answers_a_write_after_its_sync() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    assert_eq!(revision_of(&cluster.ask(1, put("k", "1"))), 2);

    cluster.stall(1, true);
    let made = cluster.call(1, put("k", "2"));
    cluster.ticks(20);
    assert!(cluster.reply(made).is_none());
    assert_eq!(cluster.member(1).store().revision(), 2);
    cluster.stall(1, false);
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 3);
}

#[test]
fn a_sync_covers_only_what_was_written_before_it() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.stall(1, true);
    let early = cluster.call(1, put("k", "early"));
    let late = cluster.call(1, put("k", "late"));
    let token = cluster.nodes[&1].disk.queue.iter().find_map(|(_, done)| *done).unwrap();
    cluster.step(1, Input::DiskDone { token });
    assert!(cluster.reply(early).is_some());
    assert!(cluster.reply(late).is_none());
}

#[test]
fn with_ack_before_sync_the_answer_comes_before_the_sync() {
    let mut cluster = Cluster::new(1, |config| config.defects = Defects::from(Defect::AckBeforeSync));
    cluster.elect(1);
    cluster.stall(1, true);
    let made = cluster.call(1, put("k", "1"));
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 2);
}

#[test]
fn a_follower_acknowledges_entries_after_its_sync() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.crash(3);
    cluster.stall(2, true);
    let before = cluster.sent_by(2, "MsgAppendResponse");
    let made = cluster.call(1, put("k", "1"));
    cluster.ticks(3);
    assert_eq!(cluster.sent_by(2, "MsgAppendResponse"), before);
    assert!(cluster.reply(made).is_none());
    cluster.stall(2, false);
    assert!(cluster.sent_by(2, "MsgAppendResponse") > before);
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 2);
}

#[test]
fn entries_that_come_again_are_not_acknowledged_before_the_sync_of_the_first_time() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.crash(3);
    cluster.stall(2, true);
    cluster.start_call(1, put("k", "1"));
    while cluster.network.front().is_none_or(|message| message.kind() != "MsgAppend") {
        assert!(cluster.advance());
    }
    let again = cluster.network[0].clone();
    cluster.network.push_back(again);
    let before = cluster.sent_by(2, "MsgAppendResponse");
    cluster.run();
    assert_eq!(cluster.sent_by(2, "MsgAppendResponse"), before);
}

#[test]
fn a_vote_is_asked_for_and_given_after_a_sync() {
    for stalled in [1, 2] {
        let mut cluster = Cluster::new(3, |_| {});
        cluster.crash(3);
        cluster.stall(stalled, true);
        cluster.ticks_of(&[1], 25);
        let asked = cluster.sent_by(1, "MsgRequestVote") > 0;
        assert_eq!(asked, stalled == 2);
        assert_eq!(cluster.sent_by(2, "MsgRequestVoteResponse"), 0);
        assert!(!cluster.member(1).is_leader());
        cluster.stall(stalled, false);
        cluster.elect(1);
    }
}

#[test]
fn a_restarted_member_syncs_what_it_found_before_it_acknowledges_it() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.crash(3);
    cluster.stall(2, true);
    let made = cluster.call(1, put("k", "1"));
    // Written, and not synced.
    let disk = &mut cluster.node(2).disk;
    disk.stalled = false;
    assert_eq!(disk.advance(), Some(None));
    disk.stalled = true;
    assert!(disk.wal.as_ref().unwrap().len() > disk.durable);
    cluster.kill(2);
    let before = cluster.sent_by(2, "MsgAppendResponse");
    cluster.start(2);
    cluster.ticks(5);
    assert_eq!(cluster.sent_by(2, "MsgAppendResponse"), before);
    assert!(cluster.reply(made).is_none());
    cluster.stall(2, false);
    cluster.ticks(5);
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 2);
}

#[test]
fn what_was_acknowledged_is_there_after_everybody_lost_power() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    for round in 0..5 {
        // One of them does not get it at all.
        let slow = 2 + round % 2;
        cluster.stall(slow, true);
        let revision = revision_of(&cluster.ask(1, put("k", "1")));
        for id in 1..=3 {
            cluster.crash(id);
        }
        cluster.network.clear();
        for id in 1..=3 {
            cluster.start(id);
        }
        cluster.run();
        cluster.await_leader();
        cluster.ticks(3);
        assert!(cluster.agrees());
        assert_eq!(cluster.member(slow).store().revision(), revision);
        let leader = cluster.await_leader();
        if leader != 1 {
            cluster.ask(leader, Call::MoveLeader { target: 1 }).unwrap();
        }
    }
}

fn failure(work: DiskWork, token: Option<u64>) -> DiskFailure {
    DiskFailure { work, file: File::Wal, error: DiskError::Io, token }
}

#[test]
fn a_member_whose_disk_failed_does_nothing_any_more() {
    for work in [DiskWork::Append, DiskWork::Sync, DiskWork::Replace] {
        let mut cluster = Cluster::new(1, |_| {});
        cluster.elect(1);
        cluster.stall(1, true);
        let made = cluster.call(1, put("k", "1"));
        let failure = failure(work, None);
        cluster.step(1, Input::DiskFailed(failure));
        assert_eq!(cluster.nodes[&1].events.last(), Some(&MemberEvent::Failed { failure }));
        let events = cluster.nodes[&1].events.len();
        cluster.stall(1, false);
        cluster.ticks(20);
        assert!(cluster.reply(made).is_none());
        assert_eq!(cluster.nodes[&1].events.len(), events);
    }
}

#[test]
fn a_member_writes_its_log_anew_if_the_disk_of_the_process_before_it_failed() {
    for after_disk_failure in [false, true] {
        let mut cluster = Cluster::new(1, |_| {});
        cluster.elect(1);
        assert!(cluster.ask(1, put("k", "1")).is_ok());
        cluster.crash(1);
        cluster.node(1).config.after_disk_failure = after_disk_failure;
        cluster.stall(1, true);
        cluster.start(1);
        let first = cluster.nodes[&1].disk.queue.front().map(|(operation, _)| operation.work());
        let wanted = if after_disk_failure { DiskWork::Replace } else { DiskWork::Sync };
        assert_eq!(first, Some(wanted));
    }
}

#[test]
fn with_failed_sync_forgotten_the_sync_is_asked_for_again() {
    let mut cluster = Cluster::new(1, |config| config.defects = Defects::from(Defect::FailedSyncForgotten));
    cluster.elect(1);
    cluster.stall(1, true);
    let made = cluster.call(1, put("k", "1"));
    let token = cluster.nodes[&1].disk.queue.iter().find_map(|(_, done)| *done);
    cluster.step(1, Input::DiskFailed(failure(DiskWork::Sync, token)));
    assert_eq!(
        cluster.nodes[&1].disk.queue.back(),
        Some(&(DiskOperation::Sync { file: File::Wal }, token)),
        "its success is taken for both"
    );
    cluster.step(1, Input::DiskDone { token: token.unwrap() });
    assert!(cluster.reply(made).is_some());
}
