//! A new cluster out of a saved snapshot.

use crate::harness::cluster::Cluster;
use crate::harness::leases::{grant, put_leased, revoke};
use crate::harness::maintenance::{alarm, alarms, snapshot_of};
use crate::harness::requests::{
    add_learner, compact, delete_from, get, get_serializable, members, put, value_of, voters_and_learners,
};
use revline_store::api::{Alarm, AlarmAction, AlarmKind, MaintenanceRequest};
use revline_store::bytes::Bytes;
use revline_store::disk::DiskImage;
use revline_store::error::Error;
use revline_store::frame::Call;
use revline_store::machine::{ClusterId, MemberId};
use revline_store::member::{Config, RestoreError, restore_snapshot};
use revline_store::mvcc::HashKv;
use std::collections::BTreeMap;

const CLUSTER: ClusterId = ClusterId(9);
const MEMBERS: [MemberId; 3] = [11, 12, 13];

fn configure(config: &mut Config) {
    config.cluster_id = CLUSTER;
}

/// A snapshot of a cluster with a history, a lease and an alarm; and the hash of its content.
fn saved() -> (Bytes, HashKv) {
    let mut cluster = Cluster::new(3, |config| config.tuning.snapshot_every_entries = 4);
    cluster.elect(1);
    cluster.ask(1, grant(7, 60)).unwrap();
    for value in ["1", "2", "3"] {
        cluster.ask(1, put("k", value)).unwrap();
    }
    cluster.ask(1, put_leased("leased", 7)).unwrap();
    cluster.ask(1, put("gone", "1")).unwrap();
    cluster.ask(1, delete_from("gone", "")).unwrap();
    cluster.ask(1, compact(3, false)).unwrap();
    cluster.ask(1, alarm(AlarmAction::Activate, 2, AlarmKind::NoSpace)).unwrap();
    cluster.ticks(2);
    let answer = cluster.ask(1, Call::Maintenance(MaintenanceRequest::Snapshot));
    let (revision, bytes) = snapshot_of(&answer);
    assert_eq!(revision, 7);
    (bytes, cluster.member(1).hash())
}

fn restored(bytes: &[u8]) -> Cluster {
    let image = |&id: &MemberId| (id, restore_snapshot(bytes, CLUSTER, id, &MEMBERS).unwrap());
    let images: BTreeMap<MemberId, DiskImage> = MEMBERS.iter().map(image).collect();
    let mut cluster = Cluster::from_images(&images, configure);
    cluster.await_leader();
    cluster.ticks(2);
    cluster
}

#[test]
fn a_new_cluster_begins_with_what_the_snapshot_holds_and_goes_on_from_there() {
    let (bytes, hash) = saved();
    let mut cluster = restored(&bytes);
    assert!(cluster.agrees());
    assert_eq!(cluster.member(12).hash(), hash);
    assert_eq!(voters_and_learners(&cluster.ask(12, members(false))), (MEMBERS.to_vec(), vec![]));
    assert_eq!(value_of(&cluster.ask(12, get("k"))).as_deref(), Some("3"));
    assert_eq!(alarms(&mut cluster, 12), [Alarm { member: 2, alarm: AlarmKind::NoSpace }]);
    assert_eq!(cluster.ask(12, put("k", "4")).unwrap_err(), Error::NoSpace);
    cluster.ask(12, alarm(AlarmAction::Deactivate, 2, AlarmKind::NoSpace)).unwrap();
    cluster.ask(12, put("k", "4")).unwrap();
    cluster.ask(12, revoke(7)).unwrap();
    assert_eq!(value_of(&cluster.ask(12, get("leased"))), None);
    for id in MEMBERS {
        cluster.crash(id);
        cluster.start(id);
    }
    cluster.await_leader();
    cluster.ticks(2);
    assert!(cluster.agrees());
    assert_eq!(cluster.member(11).store().revision(), 9);
}

#[test]
fn a_new_member_of_the_new_cluster_gets_what_was_restored() {
    let mut cluster = restored(&saved().0);
    let leader = cluster.member(11).status().leader;
    cluster.ask(leader, add_learner(14)).unwrap();
    cluster.join(14, configure);
    cluster.ticks(5);
    assert!(cluster.agrees());
    let read = cluster.call(14, get_serializable("k"));
    cluster.ticks(1);
    assert_eq!(value_of(cluster.reply(read).unwrap()).as_deref(), Some("3"));
}

#[test]
fn a_snapshot_that_is_not_whole_is_refused() {
    let (bytes, _) = saved();
    for at in 0..bytes.len() {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 1 << (at % 8);
        let refused = restore_snapshot(&damaged, CLUSTER, 11, &MEMBERS);
        assert_eq!(refused, Err(RestoreError::Integrity), "byte {at}");
        assert_eq!(restore_snapshot(&bytes[..at], CLUSTER, 11, &MEMBERS), Err(RestoreError::Integrity));
    }
}

#[test]
fn who_is_no_member_is_not_restored() {
    let refused = restore_snapshot(&saved().0, CLUSTER, 1, &MEMBERS);
    assert_eq!(refused, Err(RestoreError::NotAMember { member: 1 }));
}

#[test]
fn the_same_state_is_saved_as_the_same_bytes() {
    assert_eq!(saved().0, saved().0);
}
