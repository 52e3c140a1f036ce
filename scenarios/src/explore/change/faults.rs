//! Changes of faults.

use super::Material;
use crate::plan::{Plan, PlannedFault};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;

/// The most faults of a plan: it shall not grow for ever.
const MOST_FAULTS: usize = 60;

/// A fault strikes, or heals, near a moment at which the run came to a rare state.
pub(super) fn to_a_moment(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let moment_ms = material.moment_ms(plan, generator);
    let Some(planned) = plan.faults.choose_mut(generator) else { return false };
    strike_or_heal_at(planned, moment_ms, generator);
    true
}

/// A fault strikes once more, near such a moment.
pub(super) fn again(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let Some(mut planned) = plan.faults.choose(generator).cloned() else { return false };
    strike_or_heal_at(&mut planned, material.moment_ms(plan, generator), generator);
    add(plan, planned)
}

/// A fault strikes a little sooner or later.
pub(super) fn to_and_fro(plan: &mut Plan, _: &Material<'_>, generator: &mut Generator) -> bool {
    let latest_ms = plan.duration_ms;
    let Some(planned) = plan.faults.choose_mut(generator) else { return false };
    let by_ms = generator.gen_range(1..=500);
    planned.at_ms = if generator.gen_bool(0.5) {
        planned.at_ms.saturating_sub(by_ms)
    } else {
        planned.at_ms.saturating_add(by_ms).min(latest_ms)
    };
    true
}

/// A fault lasts twice as long, or half.
pub(super) fn longer_or_shorter(plan: &mut Plan, _: &Material<'_>, generator: &mut Generator) -> bool {
    let most_ms = plan.duration_ms;
    let Some(planned) = plan.faults.choose_mut(generator) else { return false };
    let for_ms = if generator.gen_bool(0.5) { planned.for_ms / 2 } else { planned.for_ms.saturating_mul(2) };
    planned.for_ms = for_ms.min(most_ms);
    true
}

/// A fault does not strike.
pub(super) fn left_out(plan: &mut Plan, _: &Material<'_>, generator: &mut Generator) -> bool {
    if plan.faults.is_empty() {
        return false;
    }
    plan.faults.remove(generator.gen_range(0..plan.faults.len()));
    true
}

/// A fault of another plan strikes in this one.
pub(super) fn borrowed(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let Some(mut planned) = material.other.plan.faults.choose(generator).cloned() else { return false };
    strike_or_heal_at(&mut planned, material.moment_ms(plan, generator), generator);
    add(plan, planned)
}

/// All faults of another plan strike in this one, too.
pub(super) fn joined(plan: &mut Plan, material: &Material<'_>, _: &mut Generator) -> bool {
    let before = plan.faults.len();
    for planned in &material.other.plan.faults {
        add(plan, planned.clone());
    }
    plan.faults.len() > before
}

/// All faults are drawn with another seed.
pub(super) fn drawn_anew(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let Some(other) = material.redrawn(plan, generator) else { return false };
    plan.faults = other.faults;
    !plan.faults.is_empty()
}

fn strike_or_heal_at(planned: &mut PlannedFault, moment_ms: u64, generator: &mut Generator) {
    let early_ms = if generator.gen_bool(0.5) { planned.for_ms } else { 0 };
    planned.at_ms = moment_ms.saturating_sub(early_ms);
}

/// Adds a fault. It goes without a name: the one it has may be taken.
fn add(plan: &mut Plan, planned: PlannedFault) -> bool {
    let fits = plan.faults.len() < MOST_FAULTS;
    if fits {
        plan.faults.push(PlannedFault { name: String::new(), ..planned });
    }
    fits
}
