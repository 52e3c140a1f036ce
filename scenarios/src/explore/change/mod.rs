//! Changes of a plan that keep most of it: what it reached, it shall nearly reach again.

mod clients;
mod faults;
mod world;

use super::corpus::Kept;
use crate::plan::{Plan, draw, mend};
use crate::scenario::Scenario;
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;
use revline_store::defect::Defects;
use revline_store::member::Tuning;

/// The most changes at once.
const MOST: u32 = 4;

/// The number of tries, after which a plan counts as one that cannot be changed.
const TRIES: u32 = 8;

/// Everything that a change is made from.
pub(super) struct Material<'a> {
    /// The plan to change.
    pub kept: &'a Kept,
    /// Another plan, to take parts from.
    pub other: &'a Kept,
    /// The scenarios that parts are drawn anew from.
    pub scenarios: &'a [Scenario],
    pub defects: Defects,
}

/// A change; false if there is nothing to change so.
type Change = fn(&mut Plan, &Material<'_>, &mut Generator) -> bool;

/// Every change, with its weight.
const CHANGES: &[(u32, Change)] = &[
    (4, faults::to_a_moment),
    (2, faults::again),
    (2, faults::to_and_fro),
    (2, faults::longer_or_shorter),
    (1, faults::left_out),
    (3, faults::borrowed),
    (2, faults::joined),
    (2, faults::drawn_anew),
    (3, clients::drawn_anew),
    (3, clients::spliced),
    (3, clients::to_a_moment),
    (2, clients::borrowed),
    (4, clients::joined),
    (1, clients::left_out),
    (2, clients::reconnected),
    (2, world::another_seed),
    (4, world::another_future),
    (1, world::another_world),
    (1, world::operator_drawn_anew),
    (1, world::users_drawn_anew),
];

/// The plan with some changes; none if every try came to a plan that cannot be.
pub(super) fn changed(material: &Material<'_>, generator: &mut Generator) -> Option<Plan> {
    (0..TRIES).find_map(|_| {
        let mut plan = material.kept.plan.clone();
        let most = generator.gen_range(1..=MOST);
        let mut changes = 0;
        for _ in 0..most {
            let (_, change) = CHANGES.choose_weighted(generator, |(weight, _)| *weight).ok()?;
            changes += u32::from(change(&mut plan, material, generator));
        }
        plan.variant = Some(generator.r#gen());
        mend(&mut plan);
        plan.faults.sort_by_key(|planned| planned.at_ms);
        (changes > 0 && !plan.clients.is_empty() && plan.check().is_ok()).then_some(plan)
    })
}

/// True if what clients write must fit into a small quota: an operator who makes room in time counts on it.
fn has_small_quota(plan: &Plan) -> bool {
    plan.simulation.tuning.quota_bytes < Tuning::default().quota_bytes
}

impl Material<'_> {
    /// The plan that another seed draws from the same scenario; none if the scenario is not known.
    fn redrawn(&self, plan: &Plan, generator: &mut Generator) -> Option<Plan> {
        let scenario = self.scenarios.iter().find(|scenario| scenario.name == plan.scenario)?;
        Some(draw(scenario, u64::from(generator.r#gen::<u32>()), self.defects))
    }

    /// A moment at which the run came to a rare state, or any, in milliseconds: shortly before it, or after it.
    fn moment_ms(&self, plan: &Plan, generator: &mut Generator) -> u64 {
        let any = generator.gen_range(0..=plan.duration_ms);
        let rare = self.kept.moments_ms.choose(generator).copied().filter(|_| generator.gen_bool(0.8));
        let moment = rare.unwrap_or(any).saturating_add(generator.gen_range(0..=200));
        moment.saturating_sub(generator.gen_range(0..=400)).min(plan.duration_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::explore::goal::Goal;
    use revline_sim::entropy::generator;

    fn kept(scenario: &str, seed: u64) -> Kept {
        let plan = draw(&catalogue::find(scenario).unwrap(), seed, Defects::NONE);
        Kept { plan, goals: [Goal::Mark(0)].into(), moments_ms: vec![1_000, 2_000] }
    }

    #[test]
    fn every_change_changes_some_plan_and_leaves_one_that_can_be() {
        let names = [
            "everything",
            "membership-churn",
            "users-come-and-go",
            "proxied",
            "watch-streams",
            "lock-contention",
        ];
        let scenarios = catalogue::all();
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| scenarios.iter().any(|scenario| scenario.name == *name))
            .collect();
        let all: Vec<Kept> = names.iter().map(|name| kept(name, 1)).collect();
        for (number, (_, change)) in CHANGES.iter().enumerate() {
            let mut generator = generator(number as u64, "change");
            let mut sound = 0;
            for one in &all {
                for other in &all {
                    let material =
                        Material { kept: one, other, scenarios: &scenarios, defects: Defects::NONE };
                    let mut plan = one.plan.clone();
                    if change(&mut plan, &material, &mut generator) {
                        mend(&mut plan);
                        plan.faults.sort_by_key(|planned| planned.at_ms);
                        sound += u64::from(plan != one.plan && plan.check().is_ok());
                    }
                }
            }
            assert!(sound > 0, "change {number} never makes another plan that can be");
        }
    }

    #[test]
    fn nearly_every_plan_can_be_changed() {
        let scenarios = catalogue::all();
        let mut generator = generator(3, "change");
        let all: Vec<Kept> = scenarios.iter().map(|scenario| kept(&scenario.name, 2)).collect();
        for one in &all {
            let other = all.choose(&mut generator).unwrap();
            let material = Material { kept: one, other, scenarios: &scenarios, defects: Defects::NONE };
            let changed = changed(&material, &mut generator).expect("one of many tries succeeds");
            assert_ne!(changed, one.plan);
            assert!(changed.variant.is_some());
        }
    }
}
