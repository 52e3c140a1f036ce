//! The applied state and the applied index, as one: after a restart, and on every member alike.

use crate::harness::cluster::Cluster;
use crate::harness::maintenance::defragment;
use crate::harness::requests::{compact, delete_from, put};
use revline_store::api::{PutRequest, RangeRequest, Request, RequestOp, TxnRequest};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::Call;

fn cluster(defects: Defects) -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 10;
        config.tuning.snapshot_keep_entries = 2;
        config.defects = defects;
    });
    cluster.elect(1);
    cluster
}

fn put_values(cluster: &mut Cluster, count: usize) {
    for value in 0..count {
        cluster.ask(1, put("k", &value.to_string())).unwrap();
    }
    cluster.ticks(1);
}

fn restart(cluster: &mut Cluster, id: u64) {
    cluster.crash(id);
    cluster.start(id);
    cluster.ticks(3);
}

/// Returns true if all agree when member 2 was restarted after its log was cut.
fn agrees_after_a_snapshot(defects: Defects) -> bool {
    let mut cluster = cluster(defects);
    put_values(&mut cluster, 15);
    restart(&mut cluster, 2);
    cluster.agrees()
}

/// Returns true if all agree when member 2 was restarted after a defragmentation, with an earlier snapshot or
/// without.
fn agrees_after_a_defragmentation(defects: Defects, puts: usize) -> bool {
    let mut cluster = cluster(defects);
    put_values(&mut cluster, puts);
    cluster.ask(2, defragment()).unwrap();
    restart(&mut cluster, 2);
    cluster.agrees()
}

#[test]
fn a_restart_goes_on_where_its_data_ends() {
    assert!(agrees_after_a_snapshot(Defects::NONE));
    for puts in [5, 15] {
        assert!(agrees_after_a_defragmentation(Defects::NONE, puts));
    }
}

#[test]
fn with_applied_index_not_atomic_a_restart_skips_entries() {
    let defects = Defect::AppliedIndexNotAtomic.into();
    assert!(!agrees_after_a_snapshot(defects));
    assert!(agrees_after_a_defragmentation(defects, 5), "that writes both as one");
}

#[test]
fn with_snapshot_skips_applied_index_a_restart_applies_entries_twice() {
    let defects = Defect::SnapshotSkipsAppliedIndex.into();
    assert!(agrees_after_a_snapshot(defects), "it is the defragmentation that forgets");
    for puts in [5, 15] {
        assert!(!agrees_after_a_defragmentation(defects, puts));
    }
}

/// Returns true if all agree when a txn failed because of a range of its own.
fn agrees_after_a_txn_that_fails(defects: Defects) -> bool {
    let mut cluster = cluster(defects);
    let ops = vec![
        RequestOp::Put(PutRequest { key: "k".into(), ..PutRequest::default() }),
        RequestOp::Range(RangeRequest { key: "k".into(), revision: 99, ..RangeRequest::default() }),
    ];
    let txn = TxnRequest { success: ops, ..TxnRequest::default() };
    assert_eq!(cluster.ask(1, Call::Kv(Request::Txn(txn))).unwrap_err(), Error::FutureRev);
    cluster.ticks(1);
    cluster.agrees()
}

#[test]
fn a_txn_that_fails_because_of_a_range_fails_everywhere() {
    assert!(agrees_after_a_txn_that_fails(Defects::NONE));
}

#[test]
fn with_txn_range_stripped_it_is_applied_by_those_that_did_not_propose_it() {
    assert!(!agrees_after_a_txn_that_fails(Defect::TxnRangeStripped.into()));
}

/// The revision of member 2 after a restart, when the newest change is a tombstone at the compacted revision.
fn revision_after_a_compaction(defects: Defects) -> i64 {
    let mut cluster = cluster(defects);
    put_values(&mut cluster, 3);
    cluster.ask(1, delete_from("k", "")).unwrap();
    cluster.ask(1, compact(5, false)).unwrap();
    cluster.ticks(2);
    cluster.ask(2, defragment()).unwrap();
    restart(&mut cluster, 2);
    let revision = cluster.member(2).store().revision();
    assert_eq!(cluster.agrees(), defects.is_empty());
    cluster.ask(1, put("k", "again")).unwrap();
    cluster.ticks(1);
    assert_eq!(cluster.agrees(), defects.is_empty());
    revision
}

#[test]
fn a_restart_does_not_go_back_behind_a_compaction() {
    assert_eq!(revision_after_a_compaction(Defects::NONE), 5);
}

#[test]
fn with_restore_ignores_compaction_the_revision_goes_back() {
    assert_eq!(revision_after_a_compaction(Defect::RestoreIgnoresCompaction.into()), 1);
}
