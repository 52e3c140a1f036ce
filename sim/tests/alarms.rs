//! The alarms that members raise by themselves: who holds something else, and who is full.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use madsim::task::spawn_local;
use revline_checker::history::{AlarmKind as Judged, Error as JudgedError, History, Observation, Outcome};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdict;
use revline_sim::client::{CallError, UnknownCause};
use revline_sim::fault::{Crash, Target};
use revline_sim::{ProxyPlace, Run, SimulationConfig, World, simulate};
use revline_store::api::{AlarmKind, PutRequest, RangeRequest, RequestOp, TxnRequest};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::member::Tuning;
use std::time::Duration;

fn run<F: Future<Output = ()>>(
    config: &SimulationConfig,
    program: impl FnOnce(World) -> F + Send,
) -> Run<()> {
    simulate(config, false, program).expect("the simulation does not panic")
}

/// The members that alarms of this kind were about.
fn alarms(history: &History, kind: Judged) -> Vec<u64> {
    let of = |observation: &Observation| match observation {
        Observation::Alarm { member, alarm, by_operator: false, .. } if *alarm == kind => Some(member.0),
        _ => None,
    };
    history.observations.iter().filter_map(of).collect()
}

/// What `member-agreement` is violated by.
fn disagreement(history: &History) -> Option<String> {
    let verdicts = Judge::new(history).only(|name| name == "member-agreement").run();
    verdicts
        .get("member-agreement")
        .and_then(|verdict| verdict.evidence())
        .map(|evidence| evidence.kind.clone())
}

/// A txn that the member that proposes it refuses, because it reads the future.
fn refused_txn() -> TxnRequest {
    let put = PutRequest { key: "k".into(), ..PutRequest::default() };
    let future = RangeRequest { key: "k".into(), revision: 1_000_000, ..RangeRequest::default() };
    TxnRequest { success: vec![RequestOp::Put(put), RequestOp::Range(future)], ..TxnRequest::default() }
}

fn refused_by_one(check_every_ms: u64, defects: Defects) -> Run<()> {
    let config = SimulationConfig {
        tuning: Tuning { corruption_check_every_ms: check_every_ms, ..Tuning::default() },
        defects,
        hash_every_revisions: 0,
        ..SimulationConfig::default()
    };
    run(&config, |world| async move {
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        assert_eq!(client.txn(refused_txn()).await, Err(CallError::Failed(Error::FutureRev)));
        for _ in 0..20 {
            let _ = client.put("k", "2").await;
            world.sleep(Duration::from_millis(100)).await;
        }
    })
}

#[test]
fn with_txn_range_stripped_a_running_cluster_finds_out_that_its_members_disagree() {
    let run = refused_by_one(300, Defect::TxnRangeStripped.into());
    assert!(!alarms(&run.history, Judged::Corrupt).is_empty());
    assert_eq!(disagreement(&run.history).as_deref(), Some("corrupt-alarm"));
    let refused = run.history.operations.iter().any(
        |operation| matches!(&operation.outcome, Outcome::Failed(error) if error.message == Error::Corrupt.to_string()),
    );
    assert!(refused, "nothing is applied any more");
}

#[test]
fn without_the_check_nobody_finds_out_and_without_the_defect_there_is_nothing_to_find() {
    let unchecked = refused_by_one(0, Defect::TxnRangeStripped.into());
    assert_eq!((unchecked.counters.members_compared, unchecked.counters.alarms_raised), (0, 0));
    let legal = refused_by_one(300, Defects::NONE);
    assert!(legal.counters.members_compared >= 8, "{}", legal.counters.members_compared);
    assert_eq!(legal.counters.alarms_raised, 0);
    assert_eq!(disagreement(&legal.history), None);
}

/// Members crash and come back, one after the other, while clients write.
fn crashes(seed: u64, defects: Defects) -> Run<()> {
    let config = SimulationConfig {
        seed,
        tuning: Tuning {
            corruption_check_every_ms: 200,
            snapshot_every_entries: 10,
            snapshot_keep_entries: 3,
            ..Tuning::default()
        },
        hash_every_revisions: 0,
        defects,
        ..SimulationConfig::default()
    };
    run(&config, |world| async move {
        let client = world.client("a").await.unwrap();
        for round in 0..6 {
            for _ in 0..8 {
                let _ = client.put("k", "1").await;
            }
            let target = Target::Member(round % 3 + 1);
            let crash = world.fault(Crash { target }).await;
            world.sleep(Duration::from_millis(50)).await;
            world.heal_one(crash);
            world.sleep(Duration::from_millis(600)).await;
        }
    })
}

#[test]
fn with_applied_index_not_atomic_a_running_cluster_finds_out_what_a_crash_did() {
    let found = |defects: Defects| {
        (0..6).filter(|&seed| !alarms(&crashes(seed, defects).history, Judged::Corrupt).is_empty()).count()
    };
    assert!(found(Defect::AppliedIndexNotAtomic.into()) >= 3);
    assert_eq!(found(Defects::NONE), 0, "members that agree are left alone");
}

#[test]
fn what_an_operator_raises_is_none_of_the_history() {
    let run = run(&SimulationConfig::default(), |world| async move {
        let client = world.client("a").await.unwrap();
        assert_eq!(client.raise_alarm(2, AlarmKind::Corrupt).await.unwrap().len(), 1);
        assert_eq!(client.put("k", "1").await, Err(CallError::Failed(Error::Corrupt)));
    });
    assert_eq!(alarms(&run.history, Judged::Corrupt), [] as [u64; 0]);
    assert_eq!(run.counters.alarms_raised, 0);
}

#[test]
fn who_is_told_that_there_is_no_space_does_not_know_whether_the_last_put_was_applied() {
    let config = SimulationConfig {
        tuning: Tuning { quota_bytes: 10_000, ..Tuning::default() },
        ..SimulationConfig::default()
    };
    let mut run = run(&config, |world| async move {
        world.leader().await.unwrap();
        let mut puts = Vec::new();
        for name in ["a", "b", "c"] {
            let client = world.client(name).await.unwrap();
            puts.push(spawn_local(async move { client.put(name, "v".repeat(4_000)).await }));
        }
        let mut without_space = 0;
        for put in puts {
            without_space +=
                usize::from(put.await.unwrap() == Err(CallError::Unknown(UnknownCause::NoSpace)));
        }
        assert_eq!(without_space, 1);
        let reader = world.client("r").await.unwrap();
        for key in ["a", "b", "c"] {
            assert!(reader.get(key).await.unwrap().value_str().is_some(), "{key} was put");
        }
    });
    assert_eq!(run.counters.refused_no_space, 1);
    assert!(!alarms(&run.history, Judged::NoSpace).is_empty());
    assert!(!Judge::new(&run.history).run().any_violated());
    // Had it been recorded as refused, the reads would show what nobody put.
    for operation in &mut run.history.operations {
        if operation.outcome == Outcome::Unknown("no space".to_owned()) {
            let error = JudgedError { code: "ResourceExhausted".into(), message: Error::NoSpace.to_string() };
            operation.outcome = Outcome::Failed(error);
        }
    }
    assert!(Judge::new(&run.history).run().any_violated());
}

#[test]
fn probes_make_room_for_themselves_where_the_quota_is_small() {
    let config = SimulationConfig {
        tuning: Tuning { quota_bytes: 6_000, ..Tuning::default() },
        proxies: vec![ProxyPlace::new(vec![1, 2, 3]); 4],
        ..SimulationConfig::default()
    };
    let run = run(&config, |world| async move { world.settle(Duration::from_secs(20)).await });
    assert!(!alarms(&run.history, Judged::NoSpace).is_empty(), "they fill the members");
    let verdicts = Judge::new(&run.history).only(|name| name == "recovers").run();
    let verdict = verdicts.get("recovers");
    assert!(matches!(verdict, Some(Verdict::Holds { .. })), "{verdict:?}");
}
