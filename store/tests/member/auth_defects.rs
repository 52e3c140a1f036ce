//! The defects of auth: each rule holds without them, and is seen to be off with them.

use crate::harness::auth::{authenticate, grant_read, revoke_read, set_up};
use crate::harness::cluster::{Cluster, isolated};
use crate::harness::requests::{get_serializable, put, watch};
use revline_store::api::{AuthRequest, RangeRequest, Request};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;

/// A cluster with auth on, in which root makes the calls.
fn cluster(defects: Defects) -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 30;
        config.tuning.snapshot_keep_entries = 2;
        config.defects = defects;
    });
    cluster.elect(1);
    set_up(&mut cluster);
    cluster.ask(1, Call::Auth(AuthRequest::Enable)).unwrap();
    cluster.token = Some(authenticate(&mut cluster, 1, "root"));
    cluster
}

fn restart(cluster: &mut Cluster, id: MemberId) {
    cluster.crash(id);
    cluster.start(id);
    cluster.ticks(3);
}

/// The agreement of all members after member 2 was restarted, and of the stores of 1 and 2 after ann wrote.
fn agrees_after_a_restart(defects: Defects) -> (bool, bool) {
    let mut cluster = cluster(defects);
    grant_read(&mut cluster, "k");
    revoke_read(&mut cluster, "k");
    restart(&mut cluster, 2);
    let agrees = cluster.agrees();
    let token = authenticate(&mut cluster, 1, "ann");
    cluster.token = Some(token);
    cluster.ask(1, put("ann", "1")).unwrap();
    cluster.ticks(1);
    let store = |id| cluster.member(id).hash();
    (agrees, store(1) == store(2))
}

#[test]
fn with_auth_skips_applied_index_a_restart_applies_changes_twice_and_refuses_what_others_apply() {
    assert_eq!(agrees_after_a_restart(Defects::NONE), (true, true));
    assert_eq!(agrees_after_a_restart(Defect::AuthSkipsAppliedIndex.into()), (false, false));
}

/// The answer of member 3 to ann, who lost her permission while member 3 was cut off and got a snapshot.
fn read_after_a_snapshot(defects: Defects) -> Result<Reply, Error> {
    let mut cluster = cluster(defects);
    grant_read(&mut cluster, "k");
    cluster.ticks(1);
    cluster.loss = isolated(3);
    revoke_read(&mut cluster, "k");
    for i in 0..70 {
        cluster.ask(1, put("k", &i.to_string())).unwrap();
    }
    cluster.loss = None;
    cluster.ticks(10);
    cluster.token = Some(authenticate(&mut cluster, 3, "ann"));
    cluster.ask(3, get_serializable("k"))
}

#[test]
fn with_permissions_not_rebuilt_a_snapshot_leaves_the_old_ones() {
    assert_eq!(read_after_a_snapshot(Defects::NONE), Err(Error::PermissionDenied));
    assert!(read_after_a_snapshot(Defect::PermissionsNotRebuilt.into()).is_ok());
}

/// Returns true if the members hold the same after one was restarted from a snapshot and ann wrote.
fn agrees_after_a_restart_from_a_snapshot(defects: Defects) -> bool {
    let mut cluster = cluster(defects);
    for i in 0..40 {
        cluster.ask(1, put("k", &i.to_string())).unwrap();
    }
    restart(&mut cluster, 2);
    cluster.token = Some(authenticate(&mut cluster, 1, "ann"));
    cluster.ask(1, put("ann", "1")).unwrap();
    cluster.ticks(1);
    cluster.agrees()
}

#[test]
fn with_permissions_not_rebuilt_a_restarted_member_refuses_what_others_apply() {
    assert!(agrees_after_a_restart_from_a_snapshot(Defects::NONE));
    assert!(!agrees_after_a_restart_from_a_snapshot(Defect::PermissionsNotRebuilt.into()));
}

/// The answers to ann, who may read `k` alone, about all keys from there on: to a read, and to a watch.
fn open_ended(defects: Defects) -> (Result<Reply, Error>, bool) {
    let mut cluster = cluster(defects);
    grant_read(&mut cluster, "k");
    cluster.ask(1, put("secret", "1")).unwrap();
    cluster.token = Some(authenticate(&mut cluster, 2, "ann"));
    cluster.watch(2, 1, watch("k", "\0", 1));
    let range = RangeRequest { key: "k".into(), range_end: "\0".into(), ..RangeRequest::default() };
    let answer = cluster.ask(2, Call::Kv(Request::Range(range)));
    cluster.ticks(1);
    let shown = cluster.nodes[&2].watched.iter().any(|response| !response.events.is_empty());
    (answer, shown)
}

#[test]
fn with_open_ended_range_permission_one_key_opens_all_that_follow() {
    assert_eq!(open_ended(Defects::NONE), (Err(Error::PermissionDenied), false));
    let (answer, shown) = open_ended(Defect::OpenEndedRangePermission.into());
    assert!(answer.is_ok() && shown);
}
