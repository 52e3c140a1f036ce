//! Leases through a client: what it is told, what is recorded, and that keys go with their lease.

use revline_checker::history::{LeaseRequest, LeaseResponse, Observation, Outcome, Request, Response};
use revline_sim::client::CallError;
use revline_sim::{Run, SimulationConfig, World, simulate};
use revline_store::error::Error;
use std::time::Duration;

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) -> Run<()> {
    simulate(&SimulationConfig::default(), false, program).expect("the simulation does not panic")
}

#[test]
fn a_lease_is_granted_kept_alive_asked_for_and_revoked() {
    let run = run(|world| async move {
        let client = world.client("a").await.unwrap();
        let granted = client.grant_with_id(7, 5).await.unwrap();
        assert_eq!((granted.id, granted.ttl_s), (7, 5));
        client.put_with_lease("k", "1", 7).await.unwrap();
        assert_eq!(client.keep_alive_once(7).await.unwrap().ttl_s, 5);
        let left = client.time_to_live(7, true).await.unwrap();
        assert_eq!((left.granted_ttl_s, left.keys), (5, vec!["k".into()]));
        assert_eq!(client.leases().await.unwrap().leases, [7]);
        let revoked = client.revoke(7).await.unwrap();
        assert_eq!(revoked.header.revision, 3);
        assert_eq!(client.get("k").await.unwrap().first(), None);
        assert_eq!(client.keep_alive_once(7).await.unwrap().ttl_s, 0);
        assert_eq!(client.time_to_live(7, false).await.unwrap().ttl_s, -1);
        assert_eq!(client.revoke(7).await, Err(CallError::Failed(Error::LeaseNotFound)));
        let refused = client.put_with_lease("k", "2", 7).await;
        assert_eq!(refused, Err(CallError::Failed(Error::LeaseNotFound)));
    });
    let of_leases = run.history.operations.iter().filter_map(|operation| match &operation.request {
        Request::Lease(request) => Some((request, &operation.outcome)),
        _ => None,
    });
    let recorded: Vec<_> = of_leases.collect();
    assert_eq!(recorded.len(), 8);
    assert_eq!(recorded[0].0, &LeaseRequest::Grant { id: 7, ttl_s: 5 });
    assert!(matches!(
        recorded[2].1,
        Outcome::Ok(Response::Lease(LeaseResponse::TimeToLive { id: 7, granted_ttl_s: 5, .. }))
    ));
}

#[test]
fn a_lease_that_nobody_keeps_alive_goes_with_its_keys() {
    run(|world| async move {
        let client = world.client("a").await.unwrap();
        let lease = client.grant(2).await.unwrap().id;
        let other = client.grant(2).await.unwrap().id;
        assert_ne!(lease, other, "the cluster chooses ids of its own");
        client.put_with_lease("a", "1", lease).await.unwrap();
        client.put_with_lease("b", "1", lease).await.unwrap();
        client.put_with_lease("c", "1", other).await.unwrap();
        for _ in 0..5 {
            world.sleep(Duration::from_secs(1)).await;
            client.keep_alive_once(other).await.unwrap();
        }
        let all =
            client.get_with("\0", revline_sim::client::GetOptions { from_key: true, ..Default::default() });
        let left: Vec<_> = all.await.unwrap().kvs.iter().map(|kv| kv.key.clone()).collect();
        assert_eq!(left, ["c".into()]);
        // Both keys went in one revision.
        assert_eq!(client.get("c").await.unwrap().header.revision, 5);
    });
}

#[test]
fn members_report_what_they_applied_and_leaders_where_their_log_ends() {
    let run = run(|world| async move {
        let client = world.client("a").await.unwrap();
        for round in 0..40 {
            client.put("k", format!("{round}")).await.unwrap();
        }
        world.settle(Duration::from_secs(20)).await;
    });
    let digests = |wanted: u64| {
        let of = |observation: &Observation| match observation {
            Observation::Applied { index, member, digest, .. } if *index == wanted => {
                Some((member.0, *digest))
            }
            _ => None,
        };
        run.history.observations.iter().filter_map(of).collect::<std::collections::BTreeMap<u64, u64>>()
    };
    for index in [16, 32] {
        let digests = digests(index);
        assert_eq!(digests.len(), 3, "every member reports index {index}");
        assert!(digests.values().all(|digest| *digest == digests[&1]), "{digests:?}");
    }
    assert_ne!(digests(16), digests(32));
    let leads =
        |observation: &&Observation| matches!(observation, Observation::Leader { last_index: Some(_), .. });
    assert_eq!(run.history.observations.iter().filter(leads).count(), 1);
}
