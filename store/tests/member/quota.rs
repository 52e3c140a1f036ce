//! The quota: the member that raises the alarm, and the calls that make room.

use crate::harness::cluster::{Cluster, every};
use crate::harness::leases::grant;
use crate::harness::maintenance::{alarm, alarms, defragment};
use crate::harness::requests::{compact, delete_from, put};
use revline_store::api::{Alarm, AlarmAction, AlarmKind};
use revline_store::error::Error;
use revline_store::machine::MemberId;

const QUOTA_BYTES: u64 = 10_000;

/// Member 1 leads.
fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |config| config.tuning.quota_bytes = QUOTA_BYTES);
    cluster.elect(1);
    cluster
}

fn no_space(members: &[MemberId]) -> Vec<Alarm> {
    members.iter().map(|&member| Alarm { member, alarm: AlarmKind::NoSpace }).collect()
}

/// Puts at this member until it refuses; says how often it did not.
fn fill(cluster: &mut Cluster, member: MemberId) -> usize {
    for puts in 0..1000 {
        match cluster.ask(member, put("k", "0123456789")) {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, Error::NoSpace);
                return puts;
            }
        }
    }
    panic!("it was never refused");
}

#[test]
fn a_put_that_does_not_fit_raises_the_alarm_and_is_refused() {
    let mut cluster = cluster();
    // 267 bytes each: 37 come to 9 879, and one more would reach the quota.
    assert_eq!(fill(&mut cluster, 2), 37);
    assert_eq!(alarms(&mut cluster, 1), no_space(&[2]));
    // A smaller one would fit: it is the alarm that refuses it, everywhere.
    assert_eq!(cluster.ask(1, grant(7, 60)).unwrap_err(), Error::NoSpace);
    cluster.ticks(1);
    assert!(cluster.agrees());
}

#[test]
fn room_is_looked_for_before_the_form_of_a_request() {
    let mut cluster = cluster();
    assert_eq!(cluster.ask(1, put("", "1")).unwrap_err(), Error::EmptyKey);
    assert!(alarms(&mut cluster, 1).is_empty());
    let large = "0".repeat(QUOTA_BYTES as usize);
    assert_eq!(cluster.ask(1, put("", &large)).unwrap_err(), Error::NoSpace, "its key is empty");
    cluster.run();
    assert_eq!(alarms(&mut cluster, 1), no_space(&[1]));
    assert_eq!(
        cluster.ask(1, put("", "1")).unwrap_err(),
        Error::EmptyKey,
        "the alarm refuses what has a form"
    );
}

#[test]
fn room_is_made_by_compaction_and_defragmentation_and_counts_once_the_alarm_is_disarmed() {
    let mut cluster = cluster();
    fill(&mut cluster, 1);
    cluster.ask(1, delete_from("k", "")).unwrap();
    cluster.ask(1, compact(39, false)).unwrap();
    cluster.ticks(2);
    let status = cluster.member(1).status();
    assert_eq!((status.db_size_bytes, status.db_size_in_use_bytes), (37 * 267 + 257, 257));
    cluster.ask(1, alarm(AlarmAction::Deactivate, 1, AlarmKind::NoSpace)).unwrap();
    assert_eq!(cluster.ask(1, put("k", "1")).unwrap_err(), Error::NoSpace, "the room is not free yet");
    cluster.run();
    for id in [1, 2, 3] {
        cluster.ask(id, defragment()).unwrap();
    }
    assert_eq!(cluster.member(1).status().db_size_bytes, 257);
    assert_eq!(cluster.ask(1, put("k", "1")).unwrap_err(), Error::NoSpace, "the alarm stands");
    cluster.ask(1, alarm(AlarmAction::Deactivate, 1, AlarmKind::NoSpace)).unwrap();
    cluster.ask(1, put("k", "1")).unwrap();
    assert!(alarms(&mut cluster, 1).is_empty());
}

#[test]
fn who_has_less_room_raises_the_alarm_until_it_stands() {
    let mut cluster = cluster();
    cluster.crash(2);
    cluster.node(2).config.tuning.quota_bytes = 400;
    cluster.start(2);
    cluster.ticks(2);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.loss = every("MsgPropose");
    cluster.ask(1, put("k", "2")).unwrap();
    cluster.ticks(1);
    assert!(alarms(&mut cluster, 1).is_empty(), "it got lost");
    cluster.loss = None;
    cluster.ticks(8);
    assert_eq!(alarms(&mut cluster, 1), no_space(&[2]));
    assert!(cluster.agrees(), "what was committed was applied everywhere");
}

#[test]
fn an_alarm_that_was_disarmed_does_not_come_back_with_a_restart() {
    let mut cluster = cluster();
    cluster.crash(2);
    cluster.node(2).config.tuning.quota_bytes = 400;
    cluster.start(2);
    cluster.ticks(2);
    for value in ["1", "2"] {
        cluster.ask(1, put("k", value)).unwrap();
    }
    cluster.ticks(1);
    assert_eq!(alarms(&mut cluster, 1), no_space(&[2]));
    cluster.ask(1, delete_from("k", "")).unwrap();
    cluster.ask(1, compact(4, false)).unwrap();
    cluster.ticks(2);
    cluster.ask(2, defragment()).unwrap();
    cluster.ask(1, alarm(AlarmAction::Deactivate, 2, AlarmKind::NoSpace)).unwrap();
    cluster.ticks(1);
    // It applies everything again, the writes that filled it too.
    cluster.crash(2);
    cluster.node(2).disk.snapshot = None;
    cluster.start(2);
    cluster.ticks(10);
    assert!(alarms(&mut cluster, 1).is_empty());
}

#[test]
fn what_does_not_fit_any_more_when_it_is_applied_is_applied_and_its_client_is_told_that_there_is_no_space() {
    let mut cluster = cluster();
    let value = "v".repeat(4_000);
    // Each fits when it is proposed: nothing was applied yet.
    let made = [1, 2, 3].map(|member| cluster.start_call(member, put("k", &value)));
    cluster.run();
    let told = made.map(|made| cluster.reply(made).cloned().unwrap().err());
    assert_eq!(told, [None, None, Some(Error::NoSpace)]);
    assert_eq!(cluster.member(1).store().revision(), 4, "it was applied");
    assert_eq!(alarms(&mut cluster, 1), no_space(&[1, 2, 3]), "each saw it");
    // A request that is refused once the alarm stands is not applied.
    assert_eq!(cluster.ask(2, grant(7, 60)).unwrap_err(), Error::NoSpace);
    cluster.ticks(1);
    assert!(cluster.agrees());
    assert_eq!(cluster.member(2).store().revision(), 4);
    assert!(cluster.member(2).store().leases().is_empty());
}
