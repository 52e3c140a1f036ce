//! Leases as all members apply them.

use crate::harness::cluster::{Cluster, isolated};
use crate::harness::leases::{ask_time_to_live, grant, keep_alive, kept_alive_s, leases, put_leased, revoke};
use crate::harness::requests::{get, put, value_of, watch};
use revline_store::api::{LeaseGrantResponse, LeaseResponse, ResponseHeader};
use revline_store::error::Error;
use revline_store::frame::Reply;
use revline_store::lease::Lessor;
use revline_store::machine::ClusterId;

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster
}

fn granted(result: Result<Reply, Error>) -> LeaseGrantResponse {
    match result {
        Ok(Reply::Lease(LeaseResponse::Grant(response))) => response,
        other => panic!("not a grant: {other:?}"),
    }
}

fn leases_of(cluster: &Cluster) -> Vec<&Lessor> {
    cluster.nodes.keys().map(|&id| cluster.member(id).store().leases()).collect()
}

#[test]
fn a_lease_granted_anywhere_is_known_everywhere_and_revoked_with_its_keys() {
    let mut cluster = cluster();
    cluster.watch(3, 1, watch("a", "z", 0));
    let answer = granted(cluster.ask(2, grant(7, 1)));
    let header = ResponseHeader { cluster_id: ClusterId(1), member_id: 2, revision: 1, raft_term: 1 };
    assert_eq!(answer, LeaseGrantResponse { header, id: 7, ttl_s: 2 }, "the TTL is the shortest there is");
    assert_eq!(cluster.ask(1, grant(7, 60)), Err(Error::LeaseExist));
    assert_eq!(cluster.ask(3, grant(8, 9_000_000_001)), Err(Error::LeaseTtlTooLarge));
    assert_eq!(cluster.ask(3, put_leased("k", 8)), Err(Error::LeaseNotFound));
    cluster.ask(3, put_leased("k2", 7)).unwrap();
    cluster.ask(1, put_leased("k1", 7)).unwrap();
    cluster.ticks(1);
    for lessor in leases_of(&cluster) {
        assert_eq!(lessor.get(7).unwrap().keys, ["k1".into(), "k2".into()].into());
    }
    cluster.ask(2, revoke(7)).unwrap();
    assert_eq!(cluster.ask(2, revoke(7)), Err(Error::LeaseNotFound));
    cluster.ticks(1);
    assert!(leases_of(&cluster).iter().all(|lessor| lessor.is_empty()));
    assert!(cluster.agrees());
    let last = cluster.node(3).watched.last().unwrap();
    let keys: Vec<(&[u8], i64)> = last.events.iter().map(|e| (&e.kv.key[..], e.kv.mod_revision)).collect();
    assert_eq!(keys, [(&b"k1"[..], 4), (b"k2", 4)], "in one revision, and one response");
}

#[test]
fn ids_that_members_choose_are_positive_distinct_and_the_same_in_every_run() {
    let run = || {
        let mut cluster = cluster();
        let ids: Vec<i64> =
            [1, 2, 3, 1, 2, 3].map(|member| granted(cluster.ask(member, grant(0, 60))).id).into();
        let Ok(Reply::Lease(LeaseResponse::Leases(listed))) = cluster.ask(1, leases()) else {
            panic!("not a list")
        };
        let mut sorted = ids.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(listed.leases, sorted);
        assert_eq!(sorted.len(), 6);
        assert!(sorted[0] > 0);
        ids
    };
    assert_eq!(run(), run());
}

#[test]
fn leases_survive_restarts_and_travel_in_snapshots() {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 5;
        config.tuning.snapshot_keep_entries = 1;
    });
    cluster.elect(1);
    cluster.loss = isolated(3);
    for id in 1..=4 {
        cluster.ask(1, grant(id, 60)).unwrap();
        cluster.ask(1, put_leased(&format!("k{id}"), id)).unwrap();
    }
    cluster.ask(1, put("k2", "")).unwrap();
    cluster.ask(2, revoke(3)).unwrap();
    cluster.loss = None;
    cluster.ticks(20);
    assert!(cluster.agrees());
    let before: Vec<Lessor> = leases_of(&cluster).into_iter().cloned().collect();
    assert_eq!(before[0].len(), 3);
    assert!(before[0].get(2).unwrap().keys.is_empty());
    assert!(before.iter().all(|lessor| *lessor == before[0]));

    let mut cluster = Cluster::from_images(&cluster.durable_images(), |_| {});
    cluster.await_leader();
    cluster.ticks(1);
    let after: Vec<Lessor> = leases_of(&cluster).into_iter().cloned().collect();
    assert_eq!(after, before);
    assert_eq!(ask_time_to_live(&mut cluster, 2, 4).keys, ["k4".into()]);
    assert_eq!(kept_alive_s(&cluster.ask(2, keep_alive(4))), 60);
    assert_eq!(value_of(&cluster.ask(1, get("k4"))), Some(String::new()));
}
