//! Members that come and go in a world, lose their disks, and run out of space.

use revline_checker::history::Observation;
use revline_sim::client::{CallError, Client, DeleteOptions, UnknownCause};
use revline_sim::fault::{Crash, Target};
use revline_sim::trace::Event;
use revline_sim::{Run, SimulationConfig, World, simulate};
use revline_store::api::{Alarm, AlarmKind};
use revline_store::error::Error;
use revline_store::member::Tuning;
use std::collections::BTreeMap;
use std::time::Duration;

fn run<F: Future<Output = ()>>(
    config: &SimulationConfig,
    program: impl FnOnce(World) -> F + Send,
) -> Run<()> {
    simulate(config, true, program).expect("the simulation does not panic")
}

/// A member joins as a learner, and gets a vote as soon as it has the log.
async fn join(world: &World, operator: &Client, id: u64) {
    operator.member_add_as_learner(id, "new").await.expect("a new id is taken");
    world.start_added(id);
    while let Err(error) = operator.member_promote(id).await {
        assert_eq!(error, CallError::Failed(Error::LearnerNotReady));
        world.sleep(Duration::from_millis(50)).await;
    }
}

/// The members that settled last, with their revisions.
fn settled(run: &Run<()>) -> BTreeMap<u64, i64> {
    let of = |observation: &Observation| match observation {
        Observation::Settled { member, revision, .. } => Some((member.0, *revision)),
        _ => None,
    };
    run.history.observations.iter().filter_map(of).collect()
}

fn count(run: &Run<()>, wanted: impl Fn(&Event) -> bool) -> usize {
    run.trace.records().expect("the trace is kept").iter().filter(|record| wanted(&record.event)).count()
}

#[test]
fn a_member_comes_and_another_goes() {
    let run = run(&SimulationConfig::default(), |world| async move {
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        join(&world, &client, 4).await;
        assert_eq!(client.member_add(4, "again").await, Err(CallError::Failed(Error::MemberExist)));
        let leaving = world.leader().await.unwrap();
        while client.member_remove(leaving).await.is_err() {
            world.sleep(Duration::from_millis(50)).await;
            if client.member_list(true).await.is_ok_and(|list| list.members.len() == 3) {
                break;
            }
        }
        world.settle(Duration::from_secs(20)).await;
        assert!(!world.members().contains(&leaving) && world.members().contains(&4));
        let reader = world.client_at(vec![4], None);
        assert_eq!(reader.get("k").await.unwrap().value_str(), Some("1"));
        assert_eq!(world.client_at(vec![leaving], None).get("k").await, Err(CallError::Refused));
    });
    assert_eq!((run.counters.members_added, run.counters.members_removed), (1, 1));
    assert_eq!(count(&run, |event| matches!(event, Event::Leave {})), 1);
    let settled = settled(&run);
    assert_eq!(settled.len(), 3);
    assert!(settled.contains_key(&4), "{settled:?}");
}

#[test]
fn a_member_without_its_disk_does_not_come_back_under_its_id() {
    let run = run(&SimulationConfig::default(), |world| async move {
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        let lost = 1;
        world.fault(Crash { target: Target::Member(lost) }).await;
        world.wipe(lost);
        world.heal().await;
        world.sleep(Duration::from_secs(3)).await;
        let operator = world.client_at((1..=3).filter(|&id| id != lost).collect(), None);
        operator.member_remove(lost).await.unwrap();
        world.forget_member(lost);
        join(&world, &operator, 4).await;
        world.settle(Duration::from_secs(20)).await;
    });
    assert_eq!(count(&run, |event| matches!(event, Event::Refuse { .. })), 1);
    assert_eq!(run.counters.disks_wiped, 1);
    let settled = settled(&run);
    assert_eq!(settled.keys().copied().collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(settled.values().min(), settled.values().max());
}

#[test]
fn a_full_member_refuses_puts_until_there_is_room_and_the_alarm_is_disarmed() {
    let config = SimulationConfig {
        tuning: Tuning { quota_bytes: 4_000, ..Tuning::default() },
        ..SimulationConfig::default()
    };
    let run = run(&config, |world| async move {
        let client = world.client("a").await.unwrap();
        let mut revision = 1;
        while let Ok(put) = client.put("k", "v".repeat(100)).await {
            revision = put.header.revision;
            assert!(revision < 100, "the quota is never used up");
        }
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!(client.put("k", "1").await, Err(CallError::Unknown(UnknownCause::NoSpace)));
        client.delete("other", DeleteOptions::default()).await.expect("what makes room goes on");
        let alarms = client.alarms().await.unwrap();
        assert!(alarms.iter().all(|alarm| alarm.alarm == AlarmKind::NoSpace) && !alarms.is_empty());
        client.compact(revision).await.unwrap();
        world.sleep(Duration::from_secs(1)).await;
        for member in world.members() {
            world.client_at(vec![member], None).defragment().await.unwrap();
        }
        for alarm in alarms {
            assert_eq!(client.disarm(alarm).await.unwrap(), [alarm]);
        }
        assert_eq!(client.alarms().await.unwrap(), [] as [Alarm; 0]);
        client.put("k", "1").await.unwrap();
    });
    assert!(run.counters.refused_no_space >= 2);
}

#[test]
fn hashes_of_keys_are_observed_and_members_are_no_operations() {
    let run = run(&SimulationConfig::default(), |world| async move {
        let client = world.client("a").await.unwrap();
        let revision = client.put("k", "1").await.unwrap().header.revision;
        world.sleep(Duration::from_secs(1)).await;
        for member in world.members() {
            let hash = world.client_at(vec![member], None).hash_kv(revision).await.unwrap();
            assert_eq!(hash.revision, revision);
        }
        let saved = client.snapshot().await.unwrap();
        assert_eq!(saved.revision, revision);
        client.hash().await.unwrap();
        let named = client.member_update(2, "two").await.unwrap();
        assert_eq!(named.members[1].name, "two");
    });
    assert_eq!(run.history.operations.len(), 1);
    let hashes: Vec<(i64, u32)> = run
        .history
        .observations
        .iter()
        .filter_map(|observation| match observation {
            Observation::Hash { revision, hash, .. } => Some((*revision, *hash)),
            _ => None,
        })
        .collect();
    assert_eq!(hashes.len(), 3);
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    assert_eq!(count(&run, |event| matches!(event, Event::Ask { .. })), 6);
    assert_eq!(count(&run, |event| matches!(event, Event::Answer { .. })), 6);
}
