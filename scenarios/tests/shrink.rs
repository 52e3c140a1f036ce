//! Shrinking finds the few events that a violation needs, whatever the number of jobs.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

use revline_checker::verdict::Fingerprint;
use revline_scenarios::bundle::Bundle;
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::shrink::{PlanSize, Shrunk, shrink};
use revline_scenarios::{catalogue, execute};
use revline_store::defect::{Defect, Defects};
use std::num::NonZero;

/// A run of a scenario, cut to a second or two, and its violation of a guarantee.
fn failing(scenario: &str, duration_ms: u64, seed: u64, defect: Defect) -> (Plan, Fingerprint) {
    let mut scenario = catalogue::find(scenario).unwrap();
    scenario.duration_ms = duration_ms;
    let plan = draw(&scenario, seed, Defects::from(defect));
    let outcome = execute(&plan, false).unwrap();
    let wanted = defect.description().guarantees;
    let mut violations = outcome.verdicts.fingerprints();
    let violation = violations.find(|violation| wanted.contains(&violation.guarantee.as_str()));
    (plan, violation.expect("the defect shows"))
}

fn shrunk(plan: &Plan, violation: &Fingerprint, jobs: usize) -> Shrunk {
    let mut last_events = u64::MAX;
    let shrunk = shrink(plan, violation, NonZero::new(jobs).unwrap(), &mut |step| {
        assert!(step.size.events() <= last_events, "it never grows");
        last_events = step.size.events();
        true
    });
    shrunk.expect("the plan fails")
}

/// Shrinks it, and checks that what is left is possible, fails in the same way, and needs the defect.
fn is_shrunk_to(most_events: u64, (plan, violation): &(Plan, Fingerprint)) -> Shrunk {
    let small = shrunk(plan, violation, 1);
    let Shrunk { bundle, before, after, .. } = &small;
    assert_eq!(*before, PlanSize::of(plan));
    assert_eq!(*after, PlanSize::of(&bundle.plan));
    assert!(after.events() <= most_events && before.events() > 4 * most_events, "{before:?} {after:?}");
    bundle.plan.check().unwrap();
    assert!(bundle.violations.contains(violation), "{:?}", bundle.violations);
    let replay = bundle.replay(false).unwrap();
    assert_eq!((replay.diverged_at, replay.same_violations), (None, true));
    let mut sound = bundle.plan.clone();
    sound.simulation.defects = Defects::NONE;
    assert!(!execute(&sound, false).unwrap().verdicts.any_violated(), "{after:?}");
    small
}

#[test]
fn a_stale_read_needs_a_fault_and_two_operations() {
    let failing = failing("full-outage", 3_000, 0, Defect::ReadIndexBeforeOwnTerm);
    let small = is_shrunk_to(5, &failing);
    assert!(small.after.faults >= 1 && small.after.operations >= 2, "{:?}", small.after);
}

#[test]
fn a_split_batch_needs_a_watch_and_a_txn() {
    let small = is_shrunk_to(5, &failing("steady", 1_000, 0, Defect::WatchBatchSplit));
    assert!(small.after.watches >= 1 && small.after.operations >= 1, "{:?}", small.after);
}

#[test]
fn two_revisions_of_one_txn_need_no_fault_and_the_jobs_do_not_show() {
    let failing = failing("steady", 1_000, 0, Defect::TxnTwoRevisions);
    let small = is_shrunk_to(4, &failing);
    assert_eq!(small.after.faults, 0);
    assert_eq!(shrunk(&failing.0, &failing.1, 2), small);
}

#[test]
fn what_is_ended_early_is_the_smallest_until_then() {
    let (plan, violation) = failing("steady", 1_000, 0, Defect::TxnTwoRevisions);
    let mut runs = 0;
    let small = shrink(&plan, &violation, NonZero::<usize>::MIN, &mut |_| {
        runs += 1;
        runs < 5
    });
    let small = small.expect("the plan fails");
    assert!(small.is_cut_short && small.after.events() < small.before.events());
    assert!(small.bundle.violations.contains(&violation));
}

#[test]
fn a_plan_that_does_not_fail_is_refused() {
    let (mut plan, violation) = failing("steady", 1_000, 0, Defect::TxnTwoRevisions);
    plan.simulation.defects = Defects::NONE;
    let refused = shrink(&plan, &violation, NonZero::<usize>::MIN, &mut |_| true).unwrap_err();
    assert!(refused.to_string().contains("nothing to shrink"), "{refused}");
    let outcome = execute(&plan, false).unwrap();
    assert!(Bundle::new(plan, &outcome).violations.is_empty());
}
