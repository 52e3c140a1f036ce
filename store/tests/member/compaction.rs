//! Compaction: logical when it is applied, physical bit by bit.

use crate::harness::cluster::Cluster;
use crate::harness::requests::{compact, put, revision_of};
use revline_store::error::Error;

#[test]
fn a_physical_compaction_is_answered_when_it_is_done() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    for i in 0..5 {
        cluster.ask(1, put("k", &i.to_string())).unwrap();
    }
    let made = cluster.call(2, compact(5, true));
    cluster.ticks(1);
    assert_eq!(cluster.member(2).store().compact_revision(), 5);
    cluster.ticks(1);
    assert_eq!(revision_of(cluster.reply(made).unwrap()), 6);
    assert_eq!(cluster.member(2).store().finished_compact_revision(), 5);
    assert_eq!(cluster.member(2).store().change_count(), 2);
}

#[test]
fn another_compaction_is_answered_when_it_is_applied() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ask(1, put("k", "2")).unwrap();
    assert_eq!(revision_of(&cluster.ask(1, compact(2, false))), 3);
    assert!(cluster.member(1).store().compaction_pending());
    assert_eq!(cluster.ask(1, compact(2, true)), Err(Error::Compacted));
    assert_eq!(cluster.ask(1, compact(9, true)), Err(Error::FutureRev));
    let physical = cluster.call(1, compact(3, true));
    assert!(cluster.reply(physical).is_none());
    cluster.ticks(1);
    assert!(cluster.reply(physical).is_some());
}

#[test]
fn a_compaction_goes_on_after_a_restart() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ask(1, put("k", "2")).unwrap();
    cluster.ask(1, compact(3, false)).unwrap();
    let hash = cluster.member(1).hash();
    cluster.crash(1);
    cluster.start(1);
    cluster.elect(1);
    cluster.ticks(1);
    assert_eq!(cluster.member(1).store().finished_compact_revision(), 3);
    assert_eq!(cluster.member(1).hash(), hash);
}
