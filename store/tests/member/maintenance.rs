//! Alarms, hashes, and the rewriting of a member's state.

use crate::harness::cluster::{Cluster, isolated};
use crate::harness::leases::{grant, revoke};
use crate::harness::maintenance::{alarm, alarms, ask, defragment};
use crate::harness::requests::{compact, delete_from, get, put, txn, value_of};
use revline_store::api::{Alarm, AlarmAction, AlarmKind, MaintenanceRequest, MaintenanceResponse};
use revline_store::error::Error;
use revline_store::frame::Reply;

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 5;
        config.tuning.snapshot_keep_entries = 1;
    });
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster
}

fn done(result: &Result<Reply, Error>) -> Result<(), Error> {
    result.as_ref().map(|_| ()).map_err(|error| *error)
}

#[test]
fn without_space_nothing_is_put_and_what_makes_room_goes_on() {
    let mut cluster = cluster();
    cluster.ask(2, alarm(AlarmAction::Activate, 3, AlarmKind::NoSpace)).unwrap();
    for refused in [put("k", "2"), grant(7, 60), txn("k", "l", "2")] {
        assert_eq!(done(&cluster.ask(1, refused)), Err(Error::NoSpace));
    }
    for allowed in [delete_from("x", ""), get("k"), compact(2, false)] {
        assert_eq!(done(&cluster.ask(1, allowed)), Ok(()));
    }
    cluster.ask(1, alarm(AlarmAction::Deactivate, 3, AlarmKind::NoSpace)).unwrap();
    assert_eq!(done(&cluster.ask(1, put("k", "2"))), Ok(()));
    assert!(alarms(&mut cluster, 1).is_empty());
}

#[test]
fn a_corrupt_cluster_applies_nothing_and_is_read() {
    let mut cluster = cluster();
    cluster.ask(1, grant(7, 60)).unwrap();
    cluster.ask(1, alarm(AlarmAction::Activate, 2, AlarmKind::Corrupt)).unwrap();
    let refused = [put("k", "2"), delete_from("k", ""), txn("k", "l", "2"), compact(2, false), grant(8, 60)];
    for refused in refused.into_iter().chain([revoke(7)]) {
        assert_eq!(done(&cluster.ask(1, refused)), Err(Error::Corrupt));
    }
    assert_eq!(value_of(&cluster.ask(1, get("k"))).as_deref(), Some("1"));
    cluster.ask(1, alarm(AlarmAction::Deactivate, 2, AlarmKind::Corrupt)).unwrap();
    assert_eq!(done(&cluster.ask(1, put("k", "2"))), Ok(()));
}

#[test]
fn alarms_survive_restarts_and_reach_who_fell_behind() {
    let mut cluster = cluster();
    cluster.loss = isolated(3);
    cluster.ask(1, alarm(AlarmAction::Activate, 1, AlarmKind::NoSpace)).unwrap();
    for _ in 0..10 {
        cluster.ask(1, delete_from("x", "")).unwrap();
    }
    cluster.loss = None;
    cluster.ticks(30);
    for id in [1, 2, 3] {
        cluster.crash(id);
    }
    for id in [1, 2, 3] {
        cluster.start(id);
    }
    let leader = cluster.await_leader();
    cluster.ticks(3);
    assert_eq!(alarms(&mut cluster, leader), [Alarm { member: 1, alarm: AlarmKind::NoSpace }]);
    assert_eq!(done(&cluster.ask(3, put("k", "2"))), Err(Error::NoSpace));
    assert!(cluster.agrees());
}

#[test]
fn members_that_hold_the_same_have_the_same_hash() {
    let mut cluster = cluster();
    cluster.ticks(1);
    let mut hashes = Vec::new();
    for id in [1, 2, 3] {
        let MaintenanceResponse::HashKv { header, hash, compact_revision, hash_revision } =
            ask(&mut cluster, id, MaintenanceRequest::HashKv { revision: 0 })
        else {
            panic!("not a hash");
        };
        assert_eq!((header.member_id, header.revision, compact_revision, hash_revision), (id, 2, -1, 2));
        let MaintenanceResponse::Hash { hash: all, .. } = ask(&mut cluster, id, MaintenanceRequest::Hash)
        else {
            panic!("not a hash");
        };
        hashes.push((hash, all));
    }
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    cluster.ask(1, put("k", "2")).unwrap();
    let old = ask(&mut cluster, 1, MaintenanceRequest::HashKv { revision: 2 });
    assert!(matches!(old, MaintenanceResponse::HashKv { hash, hash_revision: 2, .. } if hash == hashes[0].0));
    let new = ask(&mut cluster, 1, MaintenanceRequest::HashKv { revision: 0 });
    assert!(matches!(new, MaintenanceResponse::HashKv { hash, .. } if hash != hashes[0].0));
}

#[test]
fn a_defragmentation_is_answered_when_the_state_is_written_and_loses_nothing() {
    let mut cluster = cluster();
    cluster.ask(1, put("k", "2")).unwrap();
    cluster.ticks(1);
    cluster.stall(2, true);
    let made = cluster.call(2, defragment());
    assert_eq!(cluster.reply(made), None);
    let before = cluster.nodes[&2].disk.snapshot.clone();
    cluster.stall(2, false);
    let answer = cluster.reply(made).cloned();
    assert!(
        matches!(&answer, Some(Ok(Reply::Maintenance(MaintenanceResponse::Defragment { header })))
            if header.revision == 3),
        "{answer:?}"
    );
    assert_ne!(cluster.nodes[&2].disk.snapshot, before);
    cluster.crash(2);
    cluster.start(2);
    cluster.ask(1, put("k", "3")).unwrap();
    cluster.ticks(3);
    assert!(cluster.agrees());
}
