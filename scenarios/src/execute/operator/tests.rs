//! An operator under faults.

use crate::plan::{PlannedStep, Step};
use crate::scenario::parse;
use crate::{Outcome, catalogue, execute, plan};
use revline_checker::history::Observation;
use revline_checker::judge::Judge;
use revline_store::defect::Defects;

#[test]
fn what_a_restored_cluster_holds_is_held_against_the_old_one() {
    let scenario = catalogue::find("snapshot-restore").unwrap();
    let plan = plan::draw(&scenario, 1, Defects::NONE);
    let mut outcome = execute(&plan, false).unwrap();
    assert_eq!(outcome.counters.members_restored, plan.restore.len() as u64);
    assert!(!outcome.verdicts.any_violated());
    let read = outcome.history.operations.iter().any(|operation| {
        operation.response().is_some() && operation.member.is_some_and(|at| plan.restore.contains(&at.0))
    });
    assert!(read, "the restored cluster was read");
    let of_restored = outcome.history.observations.iter_mut().find_map(|observation| match observation {
        Observation::Hash { member, hash, .. } if plan.restore.contains(&member.0) => Some(hash),
        _ => None,
    });
    *of_restored.expect("the restored cluster was hashed") ^= 1;
    assert!(Judge::new(&outcome.history).only(|name| name == "member-agreement").run().any_violated());
}

/// A calm cluster of three, to which these steps happen one right after the other.
fn after(seed: u64, steps: &[Step]) -> Outcome {
    let mut plan = plan::draw(&catalogue::find("steady").unwrap(), seed, Defects::NONE);
    plan.simulation.members = 3;
    plan.clients.retain(|client| client.endpoints.iter().all(|member| *member <= 3));
    let planned = |step: &Step| PlannedStep { at_ms: 1_500, step: step.clone() };
    plan.operator = steps.iter().map(planned).collect();
    plan.check().unwrap();
    let outcome = execute(&plan, false).unwrap();
    assert!(!outcome.verdicts.any_violated(), "{steps:?}@{seed}: {:?}", outcome.verdicts);
    outcome
}

fn wipe(member: u64) -> Step {
    Step::Wipe { member }
}

fn remove(member: u64) -> Step {
    Step::Remove { member, if_voter: None }
}

#[test]
fn who_lost_its_disk_is_removed_before_anyone_else_goes() {
    for seed in 0..3 {
        let outcome = after(seed, &[wipe(1), remove(2)]);
        assert_eq!(outcome.counters.disks_wiped, 1);
        let outcome = after(seed, &[wipe(1), wipe(2), wipe(3), remove(2), remove(3)]);
        assert_eq!(outcome.counters.disks_wiped, 1, "two that are left cannot lose one more");
        let grown = [Step::AddLearner { member: 4 }, Step::Promote { member: 4 }];
        let steps = [wipe(1), remove(1), grown[0].clone(), grown[1].clone(), wipe(2), wipe(3)];
        assert_eq!(after(seed, &steps).counters.disks_wiped, 2, "the new one takes the place of one");
    }
}

#[test]
fn an_operator_that_churns_and_replaces_under_faults_keeps_its_quorum() {
    let scenario = r#"{
            "name": "restless", "about": "members come and go all the time", "members": [3, 5], "duration_ms": 5000,
            "recovery_ms": 60000, "snapshot_every_entries": 25, "snapshot_keep_entries": 3,
            "workload": { "operator": { "churn": 3, "replace": 2, "first_ms": [300, 600], "pause_ms": [200, 900] } },
            "faults": [
                { "one_of": [{ "kind": "crash", "target": "leader" }, { "kind": "crash-all" },
                             { "kind": "pause", "target": "leader" }, { "kind": "isolate", "target": "leader" },
                             { "kind": "one-way", "target": "leader", "hears": "nothing" }],
                  "first_ms": [300, 1500], "for_ms": [100, 1500], "pause_ms": [50, 800] }
            ]
        }"#;
    let scenario = parse(scenario, "restless.json").unwrap();
    let mut wiped = 0;
    for seed in 0..16 {
        let outcome = execute(&plan::draw(&scenario, seed, Defects::NONE), false).unwrap();
        assert!(!outcome.verdicts.any_violated(), "{seed}: {:?}", outcome.verdicts);
        wiped += outcome.counters.disks_wiped;
    }
    assert!(wiped > 8, "{wiped} members were replaced");
}
