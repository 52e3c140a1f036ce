//! The corruption check: a member with other data is found while the cluster runs.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::maintenance::{alarm, alarms};
use crate::harness::requests::{compact, get, put, value_of};
use revline_store::api::{
    Alarm, AlarmAction, AlarmKind, PutRequest, RangeRequest, Request, RequestOp, TxnRequest,
};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::Call;
use revline_store::member::MemberEvent;

fn cluster(defects: Defects) -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.corruption_check_every_ms = 1000;
        config.defects = defects;
    });
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster
}

/// Members 2 and 3 apply a txn that the leader refuses.
fn corrupted() -> Cluster {
    let mut cluster = cluster(Defect::TxnRangeStripped.into());
    let ops = vec![
        RequestOp::Put(PutRequest { key: "k".into(), ..PutRequest::default() }),
        RequestOp::Range(RangeRequest { key: "k".into(), revision: 99, ..RangeRequest::default() }),
    ];
    let txn = TxnRequest { success: ops, ..TxnRequest::default() };
    assert_eq!(cluster.ask(1, Call::Kv(Request::Txn(txn))).unwrap_err(), Error::FutureRev);
    cluster.ask(1, put("k", "2")).unwrap();
    cluster
}

fn corrupt(member: u64) -> Alarm {
    Alarm { member, alarm: AlarmKind::Corrupt }
}

/// The alarms that a member reported when it applied the command that raised them.
fn raised(cluster: &Cluster, member: u64) -> Vec<(u64, Alarm)> {
    let of = |event: &MemberEvent| match event {
        MemberEvent::AlarmRaised { index, alarm } => Some((*index, *alarm)),
        _ => None,
    };
    cluster.nodes[&member].events.iter().filter_map(of).collect()
}

/// The members that a leader compared with itself.
fn compared(cluster: &Cluster, leader: u64) -> Vec<u64> {
    let of = |event: &MemberEvent| match event {
        MemberEvent::Compared { member, .. } => Some(*member),
        _ => None,
    };
    cluster.nodes[&leader].events.iter().filter_map(of).collect()
}

#[test]
fn members_that_hold_something_else_than_the_leader_are_found_and_nothing_is_applied_any_more() {
    let mut cluster = corrupted();
    cluster.ticks(9);
    assert!(alarms(&mut cluster, 1).is_empty(), "nobody asked yet");
    cluster.ticks(2);
    assert_eq!(alarms(&mut cluster, 1), [corrupt(2), corrupt(3)]);
    assert_eq!(raised(&cluster, 1).len(), 2);
    assert_eq!(raised(&cluster, 1), raised(&cluster, 3), "each member tells of both, at the same index");
    assert_eq!(compared(&cluster, 1), [2, 3], "asked once");
    assert_eq!(cluster.ask(1, put("k", "3")).unwrap_err(), Error::Corrupt);
    assert_eq!(value_of(&cluster.ask(1, get("k"))).as_deref(), Some("2"));
    // A corrupt alarm that is disarmed without a repair is raised again.
    for id in [2, 3] {
        cluster.ask(1, alarm(AlarmAction::Deactivate, id, AlarmKind::Corrupt)).unwrap();
    }
    cluster.ask(1, put("k", "3")).unwrap();
    cluster.ticks(11);
    assert_eq!(alarms(&mut cluster, 1), [corrupt(2), corrupt(3)]);
}

#[test]
fn an_answer_that_gets_lost_is_asked_for_again() {
    let mut cluster = corrupted();
    cluster.loss = every("HashAnswer");
    cluster.ticks(25);
    assert!(alarms(&mut cluster, 1).is_empty());
    cluster.loss = None;
    cluster.ticks(11);
    assert_eq!(alarms(&mut cluster, 1), [corrupt(2), corrupt(3)]);
}

#[test]
fn members_that_agree_are_left_alone_whatever_they_compact_and_however_far_behind_they_are() {
    let mut cluster = cluster(Defects::NONE);
    for round in 0..20 {
        if round % 4 == 0 {
            cluster.loss = isolated(3);
        }
        if round % 4 == 3 {
            cluster.loss = None;
        }
        for value in 0..3 {
            cluster.ask(1, put("k", &value.to_string())).unwrap();
        }
        let revision = cluster.member(1).store().revision();
        cluster.ask(1, compact(revision - 1, false)).unwrap();
        cluster.ticks_of(&[1, 2], 7);
    }
    cluster.loss = None;
    cluster.ticks(30);
    assert!(alarms(&mut cluster, 1).is_empty());
    let answers = [2, 3].map(|id| cluster.sent_by(id, "HashAnswer"));
    assert!(answers[0] >= 10 && answers[1] >= 3, "{answers:?}");
}

#[test]
fn nobody_checks_unless_it_is_asked_for() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ticks(100);
    assert_eq!(cluster.sent_by(1, "HashQuestion"), 0);
}

#[test]
fn a_member_that_skipped_entries_is_found_though_it_never_comes_to_the_revision_it_is_asked_for() {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.corruption_check_every_ms = 1000;
        config.tuning.snapshot_every_entries = 5;
        config.tuning.snapshot_keep_entries = 1;
        config.defects = Defect::AppliedIndexNotAtomic.into();
    });
    cluster.elect(1);
    for value in 0..8 {
        cluster.ask(1, put("k", &value.to_string())).unwrap();
    }
    cluster.ticks(1);
    cluster.crash(3);
    cluster.start(3);
    for _ in 0..12 {
        let _ = cluster.ask(1, put("k", "after"));
        cluster.ticks(1);
    }
    assert!(cluster.member(3).store().revision() < cluster.member(1).store().revision());
    assert_eq!(alarms(&mut cluster, 1), [corrupt(3)]);
}
