//! The event at which a violation became inevitable.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

use revline_scenarios::explain::{Effort, Explanation, explain};
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::{catalogue, execute};
use revline_sim::entropy::Reseed;
use revline_store::defect::{Defect, Defects};
use std::num::NonZero;

fn failing() -> Plan {
    let mut scenario = catalogue::find("full-outage").unwrap();
    scenario.duration_ms = 3_000;
    draw(&scenario, 0, Defects::from(Defect::ReadIndexBeforeOwnTerm))
}

fn explained(plan: &Plan, jobs: usize) -> Explanation {
    let outcome = execute(plan, false).unwrap();
    let violation = outcome.verdicts.fingerprints().next().unwrap();
    let effort = Effort { futures: NonZero::new(5).unwrap(), jobs: NonZero::new(jobs).unwrap() };
    explain(plan, &violation, effort, &mut |_| true).unwrap()
}

#[test]
fn a_run_with_another_seed_from_a_moment_on_is_the_same_until_then_and_no_longer() {
    let plan = failing();
    let at_ns = 1_500_000_000;
    let mut other = plan.clone();
    other.simulation.reseed = Some(Reseed { at_ns, seed: 77 });
    other.check().unwrap();
    let (run, other) = (execute(&plan, true).unwrap(), execute(&other, true).unwrap());
    let until = |outcome: &revline_scenarios::Outcome| {
        outcome.trace.records().unwrap().iter().filter(|record| record.at_ns < at_ns).count()
    };
    let same = until(&run);
    assert!(same > 100 && same == until(&other));
    assert_eq!(run.trace.digests()[..same], other.trace.digests()[..same]);
    assert_ne!(run.trace.hash(), other.trace.hash());
}

#[test]
fn the_probability_rises_to_the_end_and_the_jobs_do_not_show() {
    let plan = failing();
    let one = explained(&plan, 1);
    let last = one.curve.last().unwrap();
    assert_eq!((last.violated, last.futures), (5, 5), "when it is evident, no future avoids it");
    if let Some(jump) = &one.jump {
        assert!(jump.to.violated > jump.from.violated && jump.to.event > jump.from.event, "{jump:?}");
        assert!(jump.events.iter().any(|told| told.is_within), "{jump:?}");
        assert!(jump.events.is_sorted_by_key(|told| told.event), "{jump:?}");
    }
    assert_eq!(explained(&plan, 2), one);
}
