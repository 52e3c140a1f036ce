//! Sessions, locks and elections over the plain API.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

#[path = "../examples/hand_over/measure.rs"]
mod hand_over;

use hand_over::{HandOvers, RTT_MS, Way, measure};
use revline_checker::history::{HoldKind, Operation, Request, WatchEnd};
use revline_checker::judge::Judge;
use revline_sim::client::{CallError, Client, Election, Mutex, RecipeError, Session};
use revline_sim::fault::{Crash, Isolate, Target};
use revline_sim::{Run, SimulationConfig, World, simulate};
use revline_store::api::{PutRequest, RequestOp, TxnRequest};
use revline_store::error::Error;
use std::time::Duration;

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let run = simulate(&SimulationConfig::default(), false, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
    run
}

async fn client(world: &World) -> (Client, Session) {
    let client = world.client("a").await.unwrap();
    let session = client.session(2).await.unwrap();
    (client, session)
}

async fn keys(client: &Client) -> usize {
    let all = revline_sim::client::GetOptions { prefix: true, ..Default::default() };
    client.get_with("lock/", all).await.unwrap().kvs.len()
}

#[test]
fn a_lock_is_handed_over_in_fewer_round_trips_than_by_etcd() {
    for (way, etcd) in [(Way::Recipe, 4.25), (Way::Service, 3.1)] {
        let HandOvers { round_trips, per_second } = measure(way);
        assert!(round_trips < etcd, "{round_trips} round trips by {way:?}; etcd takes {etcd}");
        assert!(round_trips > 1.5, "{round_trips} round trips: a write that is replicated takes as long");
        // Nothing happens but hand-overs, and each takes as long as it takes, but for how numbers are rounded.
        let at_most = 1_000.0 / (round_trips * RTT_MS as f64) * 1.000_001;
        assert!((at_most * 0.95..=at_most).contains(&per_second), "{per_second} a second, of {at_most}");
    }
}

#[test]
fn the_service_and_the_recipe_exclude_one_another() {
    run(|world| async move {
        let (a, first) = client(&world).await;
        let (_, second) = client(&world).await;
        let patience = Duration::from_millis(500);
        let held = first.lock_by_service("lock", Duration::from_secs(1)).await.unwrap();
        assert!(Mutex::new(&second, "lock").try_lock().await.unwrap().is_none());
        held.give_up().await.unwrap();
        let held = Mutex::new(&second, "lock").lock().await.unwrap();
        let (_, third) = client(&world).await;
        assert!(third.lock_by_service("lock", patience).await.is_err());
        assert!(third.is_lost(), "nobody knows what became of the request");
        world.sleep(Duration::from_millis(100)).await;
        assert_eq!(keys(&a).await, 1, "who gives up leaves no key behind");
        held.unlock().await.unwrap();
        let mut leads = first.campaign_by_service("e", "1", patience).await.unwrap();
        leads.proclaim("2").await.unwrap();
        assert_eq!(a.leader("e").await.unwrap().unwrap().value, "2".into());
        leads.give_up().await.unwrap();
        assert_eq!(a.leader("e").await.unwrap(), None);
    });
}

#[test]
fn a_lock_excludes_and_is_taken_in_turn() {
    let run = run(|world| async move {
        let (a, first) = client(&world).await;
        let (_, second) = client(&world).await;
        let held = Mutex::new(&first, "lock").lock().await.unwrap();
        assert_eq!(held.key(), &format!("lock/{:x}", first.lease()).as_str().into());
        assert!(Mutex::new(&second, "lock").try_lock().await.unwrap().is_none());
        assert_eq!(keys(&a).await, 1, "who only tries leaves no key behind");
        let waiting = madsim::task::spawn_local(async move {
            let held = Mutex::new(&second, "lock").lock().await.unwrap();
            (held.create_revision(), held.acquired_revision())
        });
        world.sleep(Duration::from_secs(5)).await;
        assert!(!first.is_lost(), "it is kept alive");
        let guarded = |value: &str| {
            let put = PutRequest { key: "k".into(), value: value.into(), ..PutRequest::default() };
            let (compare, success) = (vec![held.is_owner()], vec![RequestOp::Put(put)]);
            TxnRequest { compare, success, failure: Vec::new() }
        };
        let (before, after) = (guarded("1"), guarded("2"));
        assert!(a.txn(before).await.unwrap().succeeded);
        held.unlock().await.unwrap();
        assert!(!a.txn(after).await.unwrap().succeeded);
        let (created, acquired) = waiting.await.unwrap();
        assert!(created < acquired);
        world.sleep(Duration::from_millis(100)).await;
        assert_eq!(keys(&a).await, 0, "who drops a lock gives it back");
    });
    let holds = &run.history.holds;
    assert_eq!(holds.len(), 2);
    assert!(holds.iter().all(|hold| hold.kind == HoldKind::Lock && hold.name == "lock".into()));
    assert!(holds[0].until_ns.unwrap() < holds[1].from_ns);
}

#[test]
fn who_waits_no_longer_leaves_no_key_behind() {
    run(|world| async move {
        let (a, first) = client(&world).await;
        let (_, second) = client(&world).await;
        let held = Mutex::new(&first, "lock").lock().await.unwrap();
        let mutex = Mutex::new(&second, "lock");
        let patience = Duration::from_millis(300);
        assert!(madsim::time::timeout(patience, mutex.lock()).await.is_err());
        world.sleep(Duration::from_millis(100)).await;
        assert_eq!(keys(&a).await, 1);
        // Gone before it is known whether there is a key: the lease goes, and the key with it.
        assert!(madsim::time::timeout(Duration::from_micros(100), mutex.lock()).await.is_err());
        assert!(second.is_lost());
        assert!(matches!(mutex.lock().await, Err(RecipeError::SessionLost)));
        world.sleep(Duration::from_millis(100)).await;
        assert_eq!(keys(&a).await, 1);
        held.unlock().await.unwrap();
        assert_eq!(keys(&a).await, 0);
    });
}

#[test]
fn a_session_knows_that_it_is_lost_before_another_holds_its_lock() {
    let run = run(|world| async move {
        let (a, first) = client(&world).await;
        let (_, second) = client(&world).await;
        let held = Mutex::new(&first, "lock").lock().await.unwrap();
        let waiting =
            madsim::task::spawn_local(async move { Mutex::new(&second, "lock").lock().await.is_ok() });
        first.suspend(Duration::from_secs(1));
        world.sleep(Duration::from_secs(3)).await;
        assert!(!first.is_lost(), "it stood still for less than its TTL");
        first.suspend(Duration::from_secs(8));
        world.sleep(Duration::from_secs(7)).await;
        assert!(!first.is_lost(), "it stands still, and notices nothing");
        assert!(waiting.await.unwrap(), "meanwhile another took the lock");
        first.lost().await;
        let txn = TxnRequest { compare: vec![held.is_owner()], ..TxnRequest::default() };
        assert!(!a.txn(txn).await.unwrap().succeeded);
    });
    // It was not told, and believed for too long.
    assert!(run.history.holds[0].until_ns > Some(run.history.holds[1].from_ns));

    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        let leader = world.leader().await.unwrap();
        let cut_off = world.client_at(vec![leader], None);
        let session = cut_off.session(2).await.unwrap();
        let _held = Mutex::new(&session, "lock").lock().await.unwrap();
        world.fault(Isolate { target: Target::Leader, clients: true }).await;
        let rest = world.members().into_iter().filter(|&member| member != leader).collect();
        let other = world.client_at(rest, None);
        let second = loop {
            if let Ok(second) = other.session(2).await {
                break second;
            }
        };
        loop {
            match Mutex::new(&second, "lock").lock().await {
                Ok(_) => break,
                Err(error) => assert!(!second.is_lost(), "{error}"),
            }
        }
        assert!(session.is_lost());
    });
    let holds = run.unwrap().history.holds;
    assert!(holds[0].until_ns.unwrap() < holds[1].from_ns, "its clock told it in time");
}

#[test]
fn a_session_on_a_lease_that_exists() {
    run(|world| async move {
        let (a, _) = client(&world).await;
        let lease = a.grant(2).await.unwrap().id;
        let session = a.session_on(lease).await.unwrap();
        world.sleep(Duration::from_secs(6)).await;
        assert!(a.time_to_live(lease, false).await.unwrap().ttl_s > 0);
        drop(session);
        world.sleep(Duration::from_secs(4)).await;
        assert_eq!(a.time_to_live(lease, false).await.unwrap().ttl_s, -1, "nobody uses it any more");
        let missing = a.session_on(lease).await.err();
        assert_eq!(missing, Some(CallError::Failed(Error::LeaseNotFound)));
        let session = a.session(2).await.unwrap();
        a.revoke(session.lease()).await.unwrap();
        session.lost().await;
    });
}

#[test]
fn a_lease_that_its_session_orphaned_lives_for_its_ttl() {
    run(|world| async move {
        let (a, session) = client(&world).await;
        a.put_with_lease("lock/left", "1", session.lease()).await.unwrap();
        session.orphan();
        assert!(session.is_lost());
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!(keys(&a).await, 1, "the lease was not revoked");
        world.sleep(Duration::from_secs(4)).await;
        assert_eq!(keys(&a).await, 0, "nothing kept it alive");
    });
}

#[test]
fn leaders_are_elected_in_turn_and_observers_see_each() {
    let run = run(|world| async move {
        let (a, first) = client(&world).await;
        let (_, second) = client(&world).await;
        let observer = a.clone();
        let observing = madsim::task::spawn_local(async move {
            let mut observed = observer.observe("e");
            let mut values = Vec::new();
            while values.len() < 4 {
                let seen = observed.next().await.unwrap();
                values.push(String::from_utf8(seen.kv.value.as_slice().to_vec()).unwrap());
            }
            values
        });
        assert_eq!(a.leader("e").await.unwrap(), None);
        let mut leads = Election::new(&first, "e").campaign("a1").await.unwrap();
        let waiting =
            madsim::task::spawn_local(async move { Election::new(&second, "e").campaign("b1").await });
        world.sleep(Duration::from_millis(50)).await;
        leads.proclaim("a2").await.unwrap();
        assert_eq!(a.leader("e").await.unwrap().unwrap().value, "a2".into());
        leads.resign().await.unwrap();
        let mut leads = waiting.await.unwrap().unwrap();
        assert_eq!(a.leader("e").await.unwrap().unwrap().value, "b1".into());
        a.delete(leads.key().clone(), Default::default()).await.unwrap();
        assert_eq!(leads.proclaim("b2").await, Err(RecipeError::NotLeader));
        let _leads = Election::new(&first, "e").campaign("a3").await.unwrap();
        assert_eq!(observing.await.unwrap(), ["a1", "a2", "b1", "a3"]);
    });
    assert_eq!(run.history.observers.len(), 1);
    assert_eq!(run.history.observers[0].frames.len(), 4);
    assert!(run.history.holds.iter().all(|hold| hold.kind == HoldKind::Leader));
}

#[test]
fn a_member_shows_leaders_and_its_streams_are_observers_of_their_own() {
    let run = run(|world| async move {
        let (a, session) = client(&world).await;
        let (watching, _) = client(&world).await;
        let mut observed = watching.observe_by_service("e");
        let mut leads = Election::new(&session, "e").campaign("a1").await.unwrap();
        assert_eq!(observed.next().await.unwrap().kv.value, "a1".into());
        leads.proclaim("a2").await.unwrap();
        assert_eq!(observed.next().await.unwrap().kv.value, "a2".into());
        watching.disconnect();
        leads.proclaim("a3").await.unwrap();
        leads.proclaim("a4").await.unwrap();
        // The next stream opens later than that.
        let seen = observed.next().await.unwrap();
        assert_eq!((&seen.kv.value, seen.revision), (&"a4".into(), seen.kv.mod_revision));
        let old = world.leader().await.unwrap();
        let everyone = world.members();
        for member in everyone.into_iter().filter(|member| *member != old) {
            world.strike(&Crash { target: Target::Member(member) });
        }
        watching.disconnect();
        let lonely = world.client_at(vec![old], None);
        let mut observed = lonely.observe_by_service("e");
        assert_eq!(observed.next().await, Err(Error::Timeout));
        drop(a);
    });
    let observers = &run.history.observers;
    let shown: Vec<usize> = observers.iter().map(|observer| observer.frames.len()).collect();
    assert_eq!(shown[..2], [2, 1]);
    assert!(observers.iter().all(|observer| observer.member.is_some()));
    assert_eq!(observers[0].end, WatchEnd::Broken);
    assert_eq!(observers.last().unwrap().end, WatchEnd::Canceled);
}

#[test]
fn what_a_client_does_besides_keeping_alive_is_its_own() {
    let run = run(|world| async move {
        let (a, _session) = client(&world).await;
        for round in 0..200 {
            a.put("k", format!("{round}")).await.unwrap();
            world.sleep(Duration::from_millis(20)).await;
        }
    });
    let puts = |operation: &&Operation| matches!(operation.request, Request::Put(_));
    assert!(run.history.operations.iter().filter(puts).all(|operation| operation.client.0 == 0));
}
