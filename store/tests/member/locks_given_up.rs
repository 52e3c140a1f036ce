//! Clients that do not wait any more for a lock: their keys and leases do not stand in the way of others.

use crate::harness::cluster::{Cluster, Made, every, isolated};
use crate::harness::coordination::{campaign, elected, keys_of, lock, owned, unlock, waits};
use crate::harness::leases::grant;
use revline_store::error::Error;
use revline_store::frame::SessionId;
use revline_store::member::Input;

const OTHER: SessionId = 2;

/// Three members; 1 leads; leases 1 to 4; lease 1 holds the lock.
fn held() -> Cluster {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    for lease in 1..=4 {
        cluster.ask(1, grant(lease, 60)).unwrap();
    }
    let held = cluster.call(1, lock("l", 1));
    owned(cluster.reply(held));
    cluster
}

fn cancel(cluster: &mut Cluster, made: Made) {
    cluster.cancel(made);
    cluster.run();
}

#[test]
fn a_call_that_is_cancelled_while_it_waits_leaves_no_key() {
    let mut cluster = held();
    let given_up = cluster.call(2, lock("l", 2));
    let next = cluster.call(3, lock("l", 3));
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/2", "l/3"]);
    cancel(&mut cluster, given_up);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/3"]);
    assert!(waits(&cluster, next));
    cluster.ask(1, unlock("l/1")).unwrap();
    owned(cluster.reply(next));
    assert!(waits(&cluster, given_up));
}

#[test]
fn a_session_that_breaks_leaves_no_key_and_keeps_what_it_owned() {
    let mut cluster = held();
    let mine = cluster.start_call_on(OTHER, 2, lock("mine", 2));
    cluster.run();
    owned(cluster.reply(mine));
    let given_up = cluster.start_call_on(OTHER, 2, lock("l", 2));
    let campaigning = cluster.start_call_on(OTHER, 2, campaign("e", 2, "a"));
    cluster.run();
    let leading = cluster.call(1, campaign("e", 1, "b"));
    cluster.run();
    elected(cluster.reply(campaigning));
    let next = cluster.call(2, lock("l", 3));
    cluster.step(2, Input::SessionClosed { session: OTHER });
    cluster.run();
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/3"]);
    assert_eq!(keys_of(&cluster, 1, "mine"), ["mine/2"], "it ends with its lease");
    assert!(waits(&cluster, next) && waits(&cluster, given_up) && waits(&cluster, leading));
}

#[test]
fn a_call_that_is_cancelled_before_its_key_is_created_leaves_none() {
    let mut cluster = held();
    cluster.loss = every("MsgAppendResponse");
    let given_up = cluster.call(2, lock("l", 2));
    cancel(&mut cluster, given_up);
    assert_eq!(keys_of(&cluster, 2, "l"), ["l/1"]);
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
    assert_eq!(cluster.member(1).store().revision(), 4, "it was created, and deleted");
    assert!(waits(&cluster, given_up));
}

#[test]
fn a_call_that_is_cancelled_while_nobody_leads_never_comes_to_be() {
    let mut cluster = Cluster::new(3, |_| {});
    let given_up = cluster.call(1, lock("l", 0));
    cancel(&mut cluster, given_up);
    cluster.elect(1);
    cluster.ticks(5);
    assert!(cluster.member(1).store().leases().is_empty());
}

#[test]
fn what_is_held_is_not_released_by_giving_up_to_lock_it_again() {
    let mut cluster = held();
    cluster.loss = every("MsgAppendResponse");
    let again = cluster.call(2, lock("l", 1));
    cancel(&mut cluster, again);
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
    // One that waits twice is not cut off by the one that came later.
    let waiting = cluster.call(2, lock("l", 2));
    let twice = cluster.call(3, lock("l", 2));
    cancel(&mut cluster, twice);
    cluster.ask(1, unlock("l/1")).unwrap();
    owned(cluster.reply(waiting));
}

#[test]
fn a_lease_of_the_call_goes_with_it() {
    let mut cluster = held();
    let given_up = cluster.call(2, lock("l", 0));
    assert_eq!(cluster.member(1).store().leases().len(), 5);
    cancel(&mut cluster, given_up);
    assert_eq!(cluster.member(1).store().leases().len(), 4);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
    // Before it is granted, too.
    cluster.loss = every("MsgAppendResponse");
    let given_up = cluster.call(2, lock("l", 0));
    cancel(&mut cluster, given_up);
    cluster.loss = None;
    cluster.ticks(5);
    assert_eq!(cluster.member(1).store().leases().len(), 4);
}

#[test]
fn a_member_that_is_cut_off_deletes_the_key_once_it_is_back() {
    let mut cluster = held();
    let given_up = cluster.call(3, lock("l", 2));
    cluster.loss = isolated(3);
    cancel(&mut cluster, given_up);
    cluster.ticks(120);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1", "l/2"]);
    cluster.loss = None;
    cluster.ticks(30);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
}

#[test]
fn a_key_that_could_not_be_created_in_time_is_deleted_when_it_is() {
    let mut cluster = held();
    cluster.loss = isolated(1);
    let late = cluster.call(1, lock("l", 2));
    cluster.ticks_of(&[1], 5);
    assert!(waits(&cluster, late));
    cluster.ticks_of(&[1], 70);
    assert_eq!(cluster.reply(late), Some(&Err(Error::Timeout)), "it may have been created");
    cluster.loss = None;
    cluster.ticks_of(&[1], 1);
    cluster.ticks(20);
    assert_eq!(keys_of(&cluster, 1, "l"), ["l/1"]);
    assert_eq!(keys_of(&cluster, 3, "l"), ["l/1"]);
}

#[test]
fn a_lock_that_no_leader_can_be_asked_for_was_not_asked_for() {
    let mut cluster = held();
    cluster.loss = isolated(2);
    cluster.ticks(30);
    let asked = cluster.call(2, lock("l", 2));
    cluster.ticks(71);
    assert_eq!(cluster.reply(asked), Some(&Err(Error::NoLeader)));
    cluster.loss = None;
    cluster.ticks(30);
    assert_eq!(keys_of(&cluster, 2, "l"), ["l/1"]);
    assert!(cluster.agrees());
}
