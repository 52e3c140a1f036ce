//! Elections: the leader, and its proclaimed values.

use crate::harness::cluster::Cluster;
use crate::harness::coordination::{
    campaign, elected, keys_of, leader, leader_of, proclaim, resign, unlock, waits,
};
use crate::harness::leases::{grant, revoke};
use crate::harness::requests::put;
use revline_store::api::LeaderKey;
use revline_store::error::Error;

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    for lease in 1..=4 {
        cluster.ask(1, grant(lease, 60)).unwrap();
    }
    cluster
}

fn said(key: &str, value: &str) -> Result<(String, String), Error> {
    Ok((key.to_owned(), value.to_owned()))
}

#[test]
fn leaders_follow_one_another_in_the_order_in_which_they_campaigned() {
    let mut cluster = cluster();
    assert_eq!(leader_of(&mut cluster, 3, "e"), Err(Error::ElectionNoLeader));
    let first = cluster.call(2, campaign("e", 3, "a"));
    let second = cluster.call(3, campaign("e", 1, "b"));
    let third = cluster.call(1, campaign("e", 2, "c"));
    let (leads, revision) = elected(cluster.reply(first));
    let key = LeaderKey { name: "e".into(), key: "e/3".into(), rev: 2, lease: 3 };
    assert_eq!((&leads, revision), (&key, 2));
    assert_eq!(leader_of(&mut cluster, 3, "e"), said("e/3", "a"));

    cluster.ask(1, proclaim(&leads, "a2")).unwrap();
    assert_eq!(leader_of(&mut cluster, 1, "e"), said("e/3", "a2"));
    assert!(waits(&cluster, second) && waits(&cluster, third));

    cluster.ask(1, resign(&leads)).unwrap();
    let (leads, revision) = elected(cluster.reply(second));
    assert_eq!((leads.rev, revision), (3, 6), "its key is older than its leadership");
    assert_eq!(leader_of(&mut cluster, 2, "e"), said("e/1", "b"));

    cluster.ask(1, revoke(1)).unwrap();
    elected(cluster.reply(third));
    assert_eq!(cluster.ask(1, proclaim(&leads, "late")), Err(Error::ElectionNotLeader));
    cluster.ask(1, resign(&leads)).unwrap();
    assert_eq!(leader_of(&mut cluster, 2, "e"), said("e/2", "c"), "nothing was resigned");
}

#[test]
fn a_key_that_was_created_anew_is_not_spoken_for_by_its_old_name() {
    let mut cluster = cluster();
    let call = cluster.call(1, campaign("e", 1, "a"));
    let (old, _) = elected(cluster.reply(call));
    cluster.ask(1, resign(&old)).unwrap();
    let call = cluster.call(1, campaign("e", 1, "b"));
    let (new, _) = elected(cluster.reply(call));
    assert_eq!(cluster.ask(2, proclaim(&old, "late")), Err(Error::ElectionNotLeader));
    cluster.ask(2, resign(&old)).unwrap();
    assert_eq!(leader_of(&mut cluster, 3, "e"), said("e/1", "b"));
    let unleased = LeaderKey { lease: 0, ..new.clone() };
    cluster.ask(2, proclaim(&unleased, "c")).unwrap();
    assert_eq!(cluster.member(2).store().leases().get(1).unwrap().keys, ["e/1".into()].into());
    assert_eq!(cluster.ask(2, proclaim(&LeaderKey { lease: 9, ..new }, "d")), Err(Error::LeaseNotFound));
    assert_eq!(cluster.ask(2, proclaim(&LeaderKey::default(), "")), Err(Error::EmptyKey));
    assert_eq!(cluster.ask(2, resign(&LeaderKey::default())), Err(Error::EmptyKey));
}

#[test]
fn campaigning_again_with_the_same_lease_says_the_new_value() {
    let mut cluster = cluster();
    let first = cluster.call(1, campaign("e", 1, "a"));
    let same = cluster.call(2, campaign("e", 1, "a"));
    assert_eq!(elected(cluster.reply(first)), elected(cluster.reply(same)));
    assert_eq!(cluster.member(1).store().revision(), 2);
    let another = cluster.call(3, campaign("e", 1, "b"));
    // As of the txn that found its key, before the new value.
    assert_eq!((elected(cluster.reply(another)).1, cluster.member(3).store().revision()), (2, 3));
    assert_eq!(leader_of(&mut cluster, 3, "e"), said("e/1", "b"));
    let waiting = cluster.call(3, campaign("e", 2, "c"));
    let again = cluster.call(2, campaign("e", 2, "d"));
    assert!(waits(&cluster, waiting) && waits(&cluster, again));
    cluster.ask(1, unlock("e/1")).unwrap();
    assert_eq!(elected(cluster.reply(waiting)), elected(cluster.reply(again)));
    assert_eq!(leader_of(&mut cluster, 3, "e"), said("e/2", "d"));
}

#[test]
fn a_candidate_whose_lease_is_lost_while_it_waits_never_leads() {
    let mut cluster = cluster();
    cluster.call(1, campaign("e", 1, "a"));
    let lost = cluster.call(2, campaign("e", 2, "b"));
    let next = cluster.call(2, campaign("e", 3, "c"));
    cluster.ask(1, revoke(2)).unwrap();
    assert_eq!(cluster.reply(lost), Some(&Err(Error::ElectionNotLeader)));
    assert!(waits(&cluster, next));
    cluster.ask(1, revoke(1)).unwrap();
    elected(cluster.reply(next));
}

#[test]
fn a_campaign_that_is_given_up_leaves_no_key() {
    let mut cluster = cluster();
    cluster.call(1, campaign("e", 1, "a"));
    let given_up = cluster.call(2, campaign("e", 2, "b"));
    let own_lease = cluster.call(3, campaign("e", 0, "c"));
    assert_eq!(keys_of(&cluster, 1, "e").len(), 3);
    cluster.cancel(given_up);
    cluster.cancel(own_lease);
    cluster.run();
    assert_eq!(keys_of(&cluster, 1, "e"), ["e/1"]);
    assert_eq!(cluster.member(1).store().leases().len(), 4);
}

#[test]
fn who_leads_is_read_from_the_newest_state() {
    let mut cluster = cluster();
    cluster.call(1, campaign("e", 1, "a"));
    cluster.loss = crate::harness::cluster::isolated(3);
    cluster.ask(1, revoke(1)).unwrap();
    let asked = cluster.call(3, leader("e"));
    assert!(waits(&cluster, asked));
    cluster.loss = None;
    cluster.ticks(10);
    assert_eq!(cluster.reply(asked), Some(&Err(Error::ElectionNoLeader)));
    cluster.ask(1, put("e/zz", "by hand")).unwrap();
    assert_eq!(leader_of(&mut cluster, 3, "e"), said("e/zz", "by hand"));
}
