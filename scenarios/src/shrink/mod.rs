//! Shrinking: the smallest plan that still violates the same guarantee in the same way.
//!
//! Clients, faults, steps, changes and operations are left out by delta debugging ([`ddmin`]); then the run is [`cut`]
//! short, gaps between [`times`] are closed, the [`topology`] gets fewer members and proxies, and [`values`] become
//! plain. What lets more be left out comes first again, until nothing helps.
//!
//! Every candidate is checked as a plan from a file is, and run. Since a run is a function of its plan, and always the
//! first candidate in order is taken, the result depends neither on the number of jobs nor on the machine, as long as
//! the time does not end it.

mod counted;
mod cut;
mod ddmin;
mod failure;
mod parts;
mod script;
mod size;
mod times;
mod topology;
mod tries;
mod values;
mod window;

pub use ddmin::ddmin;
pub use script::script;
pub use size::PlanSize;

use crate::bundle::Bundle;
use crate::execute::execute;
use crate::plan::Plan;
use failure::SameFailure;
use parts::{Part, clients, deeds, disturbances, without};
use revline_checker::verdict::Fingerprint;
use std::num::NonZero;
use thiserror::Error;
use tries::Tries;

/// How far it is, as it is told after every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of plans that were run.
    pub runs: u64,
    /// The size of the smallest so far.
    pub size: PlanSize,
}

/// A plan that was made smaller.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk {
    /// The smallest plan, with its outcome. If it was ended early, it is judged by the guarantee in question alone.
    pub bundle: Bundle,
    /// The violation that it shows.
    pub violation: Fingerprint,
    /// The size before.
    pub before: PlanSize,
    /// The size after.
    pub after: PlanSize,
    /// The number of plans that were run.
    pub runs: u64,
    /// True if it was ended before nothing helped any more.
    pub is_cut_short: bool,
}

/// There is nothing to shrink.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the plan does not violate {0} when it is run: there is nothing to shrink")]
pub struct DoesNotFail(pub Fingerprint);

/// Shrinks a plan as long as it violates a guarantee in this way. `go_on` is told of every run, and ends it by `false`.
pub fn shrink(
    plan: &Plan,
    violation: &Fingerprint,
    jobs: NonZero<usize>,
    go_on: &mut dyn FnMut(Step) -> bool,
) -> Result<Shrunk, DoesNotFail> {
    let failure = SameFailure { wanted: violation.clone() };
    let before = PlanSize::of(plan);
    let does_not_fail = || DoesNotFail(violation.clone());
    let failed = failure.of(failure.judged_alone(plan)).ok_or_else(does_not_fail)?;
    let mut tries = Tries::new(failed, &failure, jobs, go_on);
    pass_by_pass(&mut tries);
    // All guarantees of a plan that is still large may take longer than the time that is over.
    let smallest = match tries.is_stopped() {
        true => tries.smallest.plan.clone(),
        false => Plan { guarantees: plan.guarantees.clone(), ..tries.smallest.plan.clone() },
    };
    let outcome = execute(&smallest, false).map_err(|_| does_not_fail())?;
    Ok(Shrunk {
        before,
        after: PlanSize::of(&smallest),
        bundle: Bundle::new(smallest, &outcome),
        violation: violation.clone(),
        runs: tries.runs(),
        is_cut_short: tries.is_stopped(),
    })
}

/// The seeds that are tried beside a plan's own, once it is small enough for that.
const OTHER_SEEDS: u64 = 6;

/// The seeds that are tried with very few operations, where nothing else makes a plan small.
const MANY_SEEDS: u64 = 150;

/// A plan with more events than this is large.
const MANY_EVENTS: u64 = 40;

/// A plan with more events than this is tried with its own seed alone.
const MOST_EVENTS_FOR_SEEDS: u64 = 300;

/// A plan with no more events than this is not tried with other seeds: it is small.
const FEW_EVENTS: u64 = 4;

fn pass_by_pass(tries: &mut Tries<'_>) {
    values::compare_members_often(tries);
    loop {
        reduce(tries);
        times::shorten(tries);
        values::plain_world(tries);
        values::plain_events(tries);
        let before = PlanSize::of(&tries.smallest.plan);
        leave_out(tries);
        if PlanSize::of(&tries.smallest.plan) == before || tries.is_stopped() {
            return;
        }
    }
}

/// Reduces a plan to what it needs, until nothing more can be left out.
fn reduce(tries: &mut Tries<'_>) {
    loop {
        cut::cut(tries);
        tries.be_on_time();
        leave_out(tries);
        topology::reduce(tries);
        let before = PlanSize::of(&tries.smallest.plan);
        if before.events() > 2 * FEW_EVENTS {
            window::keep_last(tries, MANY_SEEDS);
        }
        if before.events() > FEW_EVENTS {
            values::fill_sooner(tries);
            values::begin_watches_sooner(tries);
            counted::leave_out(tries);
            if before.events() <= MOST_EVENTS_FOR_SEEDS {
                tries.seeds = OTHER_SEEDS;
            }
            leave_out(tries);
            tries.seeds = 0;
        }
        if PlanSize::of(&tries.smallest.plan) == before || tries.is_stopped() {
            return;
        }
    }
}

/// Leaves out whatever can be left out.
fn leave_out(tries: &mut Tries<'_>) {
    pass(tries, clients);
    for kind in 0..3 {
        pass(tries, |plan| disturbances(plan)[kind].clone());
    }
    if PlanSize::of(&tries.smallest.plan).events() > MANY_EVENTS {
        window::keep_last(tries, 3 * OTHER_SEEDS);
    }
    pass(tries, deeds);
}

fn pass(tries: &mut Tries<'_>, parts: impl FnOnce(&Plan) -> Vec<Part>) {
    let mut whole = tries.smallest.plan.clone();
    let parts = parts(&whole);
    ddmin(&parts, |sets| {
        let found = tries.first(&mut sets.map(|set| without(&whole, &set)));
        whole.seed = tries.smallest.plan.seed;
        whole.simulation.seed = whole.seed;
        found
    });
}
