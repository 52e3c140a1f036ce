//! Streams that show the leaders of an election.

use crate::harness::cluster::{Cluster, SESSION, isolated};
use crate::harness::coordination::{Shown, campaign, elected, observed, proclaim, resign};
use crate::harness::leases::{grant, revoke};
use crate::harness::requests::{compact, put};
use revline_store::api::LeaderKey;
use revline_store::error::Error;
use revline_store::frame::ClientFrame;
use revline_store::machine::{ClusterId, MemberId};
use revline_store::member::Input;
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
    cluster
}

fn win(cluster: &mut Cluster, member: MemberId, lease: i64, value: &str) -> LeaderKey {
    let call = cluster.call(member, campaign("e", lease, value));
    elected(cluster.reply(call)).0
}

fn shows(stream: u64, key: &str, value: &str, revision: i64) -> Shown {
    (stream, Ok((key.to_owned(), value.to_owned(), revision)))
}

#[test]
fn every_leader_and_everything_it_says_is_shown_once() {
    let mut cluster = cluster();
    cluster.observe(2, 1, "e");
    assert_eq!(observed(&cluster, 2), []);
    let a = win(&mut cluster, 1, 1, "a");
    cluster.observe(2, 2, "e");
    cluster.call(3, campaign("e", 2, "b"));
    cluster.call(3, campaign("e", 3, "c"));
    cluster.ask(3, proclaim(&a, "a2")).unwrap();
    cluster.ask(1, put("e2/1", "another election")).unwrap();
    cluster.ask(3, resign(&a)).unwrap();
    cluster.ask(1, revoke(2)).unwrap();
    cluster.ask(1, revoke(3)).unwrap();
    win(&mut cluster, 1, 4, "d");
    let first: Vec<Shown> = observed(&cluster, 2).into_iter().filter(|shown| shown.0 == 1).collect();
    assert_eq!(
        first,
        [
            shows(1, "e/1", "a", 2),
            shows(1, "e/1", "a2", 5),
            shows(1, "e/2", "b", 7),
            shows(1, "e/3", "c", 8),
            shows(1, "e/4", "d", 10),
        ]
    );
    let second = observed(&cluster, 2).into_iter().filter(|shown| shown.0 == 2);
    assert_eq!(second.count(), 5, "it began with the leader that was there");
    let header = cluster.nodes[&2].observed[0].1.as_ref().unwrap().header;
    assert_eq!((header.member_id, header.cluster_id, header.raft_term), (2, ClusterId(1), 1));
}

#[test]
fn a_stream_begins_with_what_is_committed_when_it_is_opened() {
    let mut cluster = cluster();
    let a = win(&mut cluster, 1, 1, "a");
    cluster.loss = isolated(3);
    cluster.ask(1, proclaim(&a, "a2")).unwrap();
    cluster.observe(3, 1, "e");
    assert_eq!(observed(&cluster, 3), []);
    cluster.loss = None;
    cluster.ticks(10);
    assert_eq!(observed(&cluster, 3), [shows(1, "e/1", "a2", 3)]);
}

#[test]
fn leaders_that_a_member_catches_up_with_are_all_shown() {
    let mut cluster = cluster();
    let a = win(&mut cluster, 1, 1, "a");
    cluster.observe(3, 1, "e");
    cluster.loss = isolated(3);
    cluster.ask(1, resign(&a)).unwrap();
    let b = win(&mut cluster, 1, 2, "b");
    cluster.ask(1, resign(&b)).unwrap();
    win(&mut cluster, 1, 3, "c");
    // History is not needed for it.
    cluster.ask(1, compact(6, false)).unwrap();
    cluster.loss = None;
    cluster.ticks(10);
    let shown = observed(&cluster, 3);
    assert_eq!(shown, [shows(1, "e/1", "a", 2), shows(1, "e/2", "b", 4), shows(1, "e/3", "c", 6)]);
}

/// The leaders shown on member 3 after two snapshots: `a` leads since 2 while 30 puts go by, resigns at 33, `b`
/// leads from 34 to 35, and `c` from 36 on. Before the second snapshot history is compacted at a revision, if at
/// any.
fn shown_through_snapshots(compacted: Option<i64>) -> Vec<Shown> {
    let mut cluster = cluster();
    let a = win(&mut cluster, 1, 1, "a");
    cluster.observe(3, 1, "e");
    cluster.observe(3, 2, "nobody");
    let through_a_snapshot = |cluster: &mut Cluster| {
        for i in 0..30 {
            cluster.ask(1, put("k", &i.to_string())).unwrap();
        }
        cluster.loss = None;
        cluster.ticks(30);
    };
    cluster.loss = isolated(3);
    through_a_snapshot(&mut cluster);
    cluster.loss = isolated(3);
    cluster.ask(1, resign(&a)).unwrap();
    let b = win(&mut cluster, 1, 2, "b");
    cluster.ask(1, resign(&b)).unwrap();
    win(&mut cluster, 1, 3, "c");
    if let Some(revision) = compacted {
        cluster.ask(1, compact(revision, false)).unwrap();
    }
    through_a_snapshot(&mut cluster);
    let events = &cluster.nodes[&3].events;
    let installed = events.iter().filter(|event| matches!(event, MemberEvent::SnapshotInstalled { .. }));
    assert_eq!(installed.count(), 2);
    observed(&cluster, 3)
}

#[test]
fn leaders_that_a_snapshot_skipped_are_all_shown() {
    let all = [shows(1, "e/1", "a", 2), shows(1, "e/2", "b", 34), shows(1, "e/3", "c", 36)];
    assert_eq!(shown_through_snapshots(None), all);
    // The change after the last one shown is not compacted, though its content is not known any more.
    assert_eq!(shown_through_snapshots(Some(33)), all);
}

#[test]
fn of_what_was_compacted_the_newest_leader_follows() {
    let shown = shown_through_snapshots(Some(34));
    assert_eq!(shown.len(), 2, "what was shown is not shown again: {shown:?}");
    assert_eq!(shown[0], shows(1, "e/1", "a", 2));
    assert!(matches!(&shown[1], (1, Ok((key, value, 36..))) if key == "e/3" && value == "c"), "{shown:?}");
}

#[test]
fn a_stream_that_is_closed_is_silent() {
    let mut cluster = cluster();
    cluster.observe(2, 1, "e");
    cluster.observe(2, 2, "e");
    cluster.step(2, Input::Client { session: SESSION, frame: ClientFrame::CloseStream { stream: 1 } });
    let a = win(&mut cluster, 1, 1, "a");
    assert_eq!(observed(&cluster, 2), [shows(2, "e/1", "a", 2)]);
    cluster.step(2, Input::SessionClosed { session: SESSION });
    cluster.ask(1, resign(&a)).unwrap();
    win(&mut cluster, 1, 2, "b");
    assert_eq!(observed(&cluster, 2).len(), 1);
}

#[test]
fn a_stream_ends_with_an_error_if_it_cannot_begin() {
    let mut cluster = cluster();
    cluster.loss = isolated(3);
    cluster.observe(3, 1, "e");
    cluster.ticks(80);
    assert_eq!(observed(&cluster, 3), [(1, Err(Error::Timeout))]);
    cluster.loss = None;
    cluster.ticks(30);
    win(&mut cluster, 1, 1, "a");
    assert_eq!(observed(&cluster, 3).len(), 1, "it ended");
}
