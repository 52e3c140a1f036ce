//! Clients that stand still for longer than their leases live.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_checker::guarantee::believed_overlaps;
use revline_checker::judge::Judge;
use revline_sim::client::{Client, Mutex, RecipeError, Session};
use revline_sim::fault::{ClientTarget, PauseClient};
use revline_sim::{Run, SimulationConfig, World, simulate};
use revline_store::api::TxnRequest;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let run = simulate(&SimulationConfig::default(), false, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
    run
}

async fn session(world: &World) -> (Client, Session) {
    let client = world.client("a").await.unwrap();
    let session = client.clone();
    let session = world.run_client(&client, async move { session.session(2).await.unwrap() }).await.unwrap();
    (client, session)
}

#[test]
fn a_holder_that_stands_still_believes_on_while_another_holds_its_lock() {
    let run = run(|world| async move {
        let (client, session) = session(&world).await;
        let writes = client.clone();
        let program = world.run_client(&client, async move {
            let held = Mutex::new(&session, "lock").lock().await.unwrap();
            // Its timer goes off while it stands still; it acts when it goes on.
            madsim::time::sleep(SECOND).await;
            let guarded = TxnRequest { compare: vec![held.is_owner()], ..TxnRequest::default() };
            let succeeded = writes.txn(guarded).await.unwrap().succeeded;
            session.lost().await;
            succeeded
        });
        world.sleep(SECOND / 2).await;
        let pause = PauseClient { target: ClientTarget::Holder(0) };
        let fault = world.fault(pause.clone()).await;
        assert_eq!(world.counters().client_pauses, 1);
        world.fault(pause).await;
        assert_eq!(world.counters().client_pauses, 1, "nobody else holds anything");
        let (_, second) = self::session(&world).await;
        let _held = Mutex::new(&second, "lock").lock().await.unwrap();
        world.sleep(3 * SECOND).await;
        world.heal_one(fault);
        assert!(!program.await.unwrap(), "by revision it holds nothing any more");
    });
    let believed = believed_overlaps(&run.history);
    assert_eq!((believed.holds, believed.pairs), (2, 1));
    assert!(believed.longest_ns >= 3_000_000_000, "{believed:?}");
}

#[test]
fn an_answer_waits_for_its_client_and_a_lock_that_comes_too_late_is_none() {
    let run = run(|world| async move {
        let (first, session) = session(&world).await;
        let (_, second) = self::session(&world).await;
        let held = Mutex::new(&second, "lock").lock().await.unwrap();
        let waits = world
            .run_client(&first, async move { session.lock_by_service("lock", 60 * SECOND).await.map(drop) });
        world.sleep(SECOND).await;
        let fault = world.fault(PauseClient { target: ClientTarget::Named(first.name().to_owned()) }).await;
        held.unlock().await.unwrap();
        world.sleep(9 * SECOND).await;
        world.heal_one(fault);
        assert_eq!(waits.await.unwrap(), Err(RecipeError::SessionLost));
    });
    assert_eq!(run.history.holds.len(), 1, "nobody believed in what was lost already");
    let lock = |operation: &&revline_checker::history::Operation| {
        matches!(operation.request, revline_checker::history::Request::Lock(_))
    };
    let locked = run.history.operations.iter().find(lock).unwrap();
    let took_ns = locked.return_ns.unwrap() - locked.invoke_ns;
    assert!(took_ns >= 10_000_000_000, "it learned when it went on: {took_ns} ns");
}

#[test]
fn who_has_no_process_cannot_be_paused() {
    run(|world| async move {
        let client = world.client("a").await.unwrap();
        world.fault(PauseClient { target: ClientTarget::Client(0) }).await;
        assert_eq!(world.counters().client_pauses, 0);
        client.put("k", "1").await.unwrap();
    });
}
