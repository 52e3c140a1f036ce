//! The digests that members report of the entries they applied, and of the log a leader begins with.

use crate::harness::cluster::{Cluster, isolated};
use crate::harness::requests::put;
use revline_store::frame::Call;
use revline_store::machine::MemberId;
use revline_store::member::{MemberEvent, Role};
use std::collections::BTreeMap;

fn digests(cluster: &Cluster, id: MemberId) -> BTreeMap<u64, (u64, u64)> {
    let events = cluster.nodes[&id].events.iter();
    events
        .filter_map(|event| match *event {
            MemberEvent::Digest { index, term, digest } => Some((index, (term, digest))),
            _ => None,
        })
        .collect()
}

fn cluster() -> Cluster {
    Cluster::new(3, |config| {
        config.digest_every_entries = 4;
        config.tuning.snapshot_every_entries = 6;
        config.tuning.snapshot_keep_entries = 1;
    })
}

#[test]
fn members_report_equal_digests_after_restarts_and_snapshots_too() {
    let mut cluster = cluster();
    cluster.elect(1);
    cluster.loss = isolated(3);
    for value in 0..22 {
        cluster.ask(1, put("k", &value.to_string())).unwrap();
    }
    cluster.crash(2);
    cluster.node(2).events.clear();
    cluster.start(2);
    cluster.loss = None;
    cluster.ticks(3);
    for value in 0..10 {
        cluster.ask(1, put("k", &value.to_string())).unwrap();
    }
    cluster.ticks(3);
    let leaders = digests(&cluster, 1);
    assert_eq!(leaders.keys().copied().collect::<Vec<_>>(), [4, 8, 12, 16, 20, 24, 28, 32]);
    for id in [2, 3] {
        let reported = digests(&cluster, id);
        assert!(
            !reported.contains_key(&16) && reported.contains_key(&32),
            "from a snapshot on: {reported:?}"
        );
        assert!(reported.iter().all(|(index, digest)| leaders[index] == *digest), "{reported:?}");
    }
}

#[test]
fn other_data_at_an_index_has_another_digest() {
    let of = |value: &str| {
        let mut cluster = cluster();
        cluster.elect(1);
        for value in ["same", value, "same", "same"] {
            cluster.ask(1, put("k", value)).unwrap();
        }
        digests(&cluster, 1)[&4]
    };
    assert_eq!(of("one"), of("one"));
    assert_ne!(of("one"), of("two"));
}

#[test]
fn nobody_reports_digests_that_were_not_asked_for() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    assert!(digests(&cluster, 1).is_empty());
}

#[test]
fn a_leader_says_which_log_it_brought_along() {
    let mut cluster = cluster();
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ask(1, Call::MoveLeader { target: 2 }).unwrap();
    let lead = |id: MemberId| {
        cluster.nodes[&id].events.iter().rev().find_map(|event| match *event {
            MemberEvent::Role { role: Role::Leader, last_index, .. } => Some(last_index),
            _ => None,
        })
    };
    assert_eq!((lead(1), lead(2)), (Some(0), Some(2)));
}
