//! Locks: the owner of one, the order of owners, and the errors of those that do not own it.

use crate::harness::cluster::{Cluster, Made};
use crate::harness::coordination::{keys_of, lock, owned, unlock, waits};
use crate::harness::leases::{grant, put_leased, revoke};
use crate::harness::requests::{delete_from, put};
use revline_store::api::{LockResponse, ResponseHeader};
use revline_store::bytes::Bytes;
use revline_store::defect::Defect;
use revline_store::error::Error;
use revline_store::frame::Reply;
use revline_store::machine::ClusterId;

/// Three members; 1 leads; leases 1 to 4.
fn cluster_with(defect: Option<Defect>) -> Cluster {
    let mut cluster = Cluster::new(3, |config| config.defects = defect.into_iter().collect());
    cluster.elect(1);
    for lease in 1..=4 {
        cluster.ask(1, grant(lease, 60)).unwrap();
    }
    cluster
}

fn cluster() -> Cluster {
    cluster_with(None)
}

fn key(lease: i64) -> Bytes {
    format!("l/{lease:x}").into()
}

fn expired(cluster: &Cluster, made: Made) -> bool {
    cluster.reply(made) == Some(&Err(Error::SessionExpired))
}

#[test]
fn a_free_lock_is_owned_at_once_and_a_lock_that_is_not_held_can_be_unlocked() {
    let mut cluster = cluster();
    let first = cluster.call(2, lock("l", 1));
    assert_eq!(owned(cluster.reply(first)), (key(1), 2));
    let header = ResponseHeader { cluster_id: ClusterId(1), member_id: 3, revision: 3, raft_term: 1 };
    let unlocked = |response| match response {
        Ok(Reply::Lock(LockResponse::Unlock(response))) => response.header,
        other => panic!("not unlocked: {other:?}"),
    };
    assert_eq!(unlocked(cluster.ask(3, unlock("l/1"))), header);
    assert_eq!(unlocked(cluster.ask(3, unlock("l/1"))), header, "it is gone: nothing changed");
    assert_eq!(cluster.ask(3, unlock("")), Err(Error::EmptyKey));
    assert_eq!(cluster.ask(3, lock("l", 9)), Err(Error::LeaseNotFound));
    assert!(keys_of(&cluster, 1, "l").is_empty());
}

#[test]
fn a_lock_goes_from_one_to_the_next_in_the_order_in_which_they_came() {
    let mut cluster = cluster();
    let calls =
        [(1, 3), (2, 1), (3, 4), (2, 2)].map(|(member, lease)| cluster.call(member, lock("l", lease)));
    let other = cluster.call(1, lock("another", 1));
    owned(cluster.reply(other));
    let order = [3, 1, 4, 2];
    for (n, lease) in order.into_iter().enumerate() {
        let before = cluster.member(1).store().revision();
        assert_eq!(owned(cluster.reply(calls[n])), (key(lease), if n == 0 { 2 } else { before }));
        assert!(calls[n + 1..].iter().all(|call| waits(&cluster, *call)));
        cluster.ask(3, unlock(&format!("l/{lease}"))).unwrap();
    }
    assert!(keys_of(&cluster, 1, "l").is_empty());
}

#[test]
fn one_who_waits_does_not_own_it_when_another_who_waits_goes() {
    let mut cluster = cluster();
    let calls = [1, 2, 3, 4].map(|lease| cluster.call(2, lock("l", lease)));
    cluster.ask(1, revoke(2)).unwrap();
    assert!(expired(&cluster, calls[1]));
    assert!(waits(&cluster, calls[2]) && waits(&cluster, calls[3]));
    cluster.ask(1, unlock("l/3")).unwrap();
    assert!(expired(&cluster, calls[2]), "its key is its place");
    assert!(waits(&cluster, calls[3]));
    cluster.ask(1, unlock("l/1")).unwrap();
    assert_eq!(owned(cluster.reply(calls[3])).0, key(4));
}

#[test]
fn locking_again_with_the_same_lease_changes_nothing() {
    let mut cluster = cluster();
    let held = cluster.call(1, lock("l", 1));
    let again = cluster.call(2, lock("l", 1));
    assert_eq!(owned(cluster.reply(held)), owned(cluster.reply(again)));
    let waiting = [cluster.call(2, lock("l", 2)), cluster.call(3, lock("l", 2))];
    assert!(waiting.iter().all(|call| waits(&cluster, *call)));
    assert_eq!(cluster.member(1).store().revision(), 3);
    cluster.ask(1, unlock("l/1")).unwrap();
    assert!(waiting.iter().all(|call| owned(cluster.reply(*call)) == (key(2), 4)));
}

#[test]
fn a_key_that_is_created_anew_is_another_place() {
    let mut cluster = cluster();
    let held = cluster.call(1, lock("l", 1));
    let waiting = cluster.call(2, lock("l", 2));
    let behind = cluster.call(2, lock("l", 3));
    owned(cluster.reply(held));
    cluster.ask(1, unlock("l/2")).unwrap();
    assert!(expired(&cluster, waiting));
    let last = cluster.call(1, lock("l", 2));
    cluster.ask(1, unlock("l/1")).unwrap();
    assert_eq!(owned(cluster.reply(behind)).0, key(3));
    assert!(waits(&cluster, last));
}

#[test]
fn a_lock_ends_with_its_lease() {
    let mut cluster = cluster();
    let held = cluster.call(3, lock("l", 1));
    let next = cluster.call(2, lock("l", 2));
    owned(cluster.reply(held));
    cluster.ask(1, put_leased("data", 1)).unwrap();
    assert!(waits(&cluster, next));
    cluster.ask(3, revoke(1)).unwrap();
    assert_eq!(owned(cluster.reply(next)), (key(2), 5), "with whatever else goes in that revision");
}

#[test]
fn the_key_and_those_before_it_are_looked_at_in_one_state() {
    let mut cluster = cluster();
    let held = cluster.call(1, lock("l", 1));
    let waiting = cluster.call(3, lock("l", 2));
    let behind = cluster.call(3, lock("l", 3));
    owned(cluster.reply(held));
    // One request deletes the keys of both.
    cluster.ask(1, delete_from("l/1", "l/3")).unwrap();
    assert!(expired(&cluster, waiting));
    assert_eq!(owned(cluster.reply(behind)), (key(3), 5));
}

/// A lease expires while its holder waits for the lock; then the lock is unlocked.
fn lease_lost_while_waiting(defect: Option<Defect>) -> (Cluster, Made, Made) {
    let mut cluster = cluster_with(defect);
    cluster.ask(1, grant(7, 2)).unwrap();
    let held = cluster.call(1, lock("l", 1));
    owned(cluster.reply(held));
    let waiting = cluster.call(2, lock("l", 7));
    let behind = cluster.call(3, lock("l", 2));
    cluster.ticks(40);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/2"], "nobody kept it alive");
    cluster.ask(1, unlock("l/1")).unwrap();
    (cluster, waiting, behind)
}

#[test]
fn nobody_owns_a_lock_whose_lease_expired_while_it_waited() {
    let (cluster, waiting, behind) = lease_lost_while_waiting(None);
    assert!(expired(&cluster, waiting));
    assert_eq!(owned(cluster.reply(behind)).0, key(2));
}

#[test]
fn with_a_defect_two_own_the_lock() {
    let (cluster, waiting, behind) = lease_lost_while_waiting(Some(Defect::LockWithoutOwnershipCheck));
    assert_eq!(owned(cluster.reply(waiting)).0, key(7));
    assert_eq!(owned(cluster.reply(behind)).0, key(2));
}

#[test]
fn a_lock_without_a_lease_gets_one_that_lives_as_long_as_the_call_and_sixty_seconds() {
    let mut cluster = cluster();
    cluster.ask(1, put("l/by-hand", "in the way")).unwrap();
    let waiting = cluster.call(2, lock("l", 0));
    cluster.ticks(2000);
    let leases: Vec<i64> = cluster.member(1).store().leases().iter().map(|(id, _)| id).collect();
    assert_eq!(leases.len(), 1, "the others expired");
    assert!(waits(&cluster, waiting));
    cluster.ask(1, unlock("l/by-hand")).unwrap();
    assert_eq!(owned(cluster.reply(waiting)), (key(leases[0]), 4));
    cluster.ticks(390);
    assert_eq!(keys_of(&cluster, 1, "l").len(), 1);
    cluster.ticks(220);
    assert!(keys_of(&cluster, 1, "l").is_empty(), "nobody kept it alive since");
    assert!(cluster.member(1).store().leases().is_empty());
}
